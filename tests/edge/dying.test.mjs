// Programs on servers that end by an error: it is reported before that, and they end as they would have.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { tests } from '../lib/env.mjs';
import { expectContains, messageOf, thrown } from '../lib/expect.mjs';
import { start } from '../lib/process.mjs';
import { receiver } from '../lib/receiver.mjs';
import { commands, runtimes } from '../lib/runtimes.mjs';

for (const [name, [command, ...args]] of Object.entries(commands)) {
  describe(`a program that dies in ${name}`, { skip: runtimes[name].missing, timeout: 120_000 }, () => {
    const inbox = receiver();
    /** What it prints, how it ends and after how many ms. */
    const die = async (dsn, ...how) => {
      const from = performance.now();
      const program = start(command, [...args, join(tests, 'edge/site/dying.mjs'), dsn, ...how]);
      await program.exited;
      return { code: program.child.exitCode, output: program.output(), ms: performance.now() - from };
    };
    /** What was on its way at the end is sent once more, and servers know it by its id. */
    const events = async () => {
      const all = (await inbox.items({ type: 'event' })).map(({ payload }) => payload);
      return [...new Map(all.map((event) => [event.event_id, event])).values()];
    };

    for (const warm of ['', 'warm'])
      for (const [how, type, value] of [
        ['throw', 'TypeError', 'thrown at last'],
        ['reject', 'RangeError', 'rejected at last'],
      ]) {
        it(`tells of its end (${how}${warm && ', after other events'}), which is as it was`, async () => {
          const bare = await die('', how);
          const seen = await die(inbox.dsn, how, warm);
          assert.deepEqual([seen.code, seen.output], [bare.code, bare.output]);
          assert.notEqual(seen.code, 0);
          assert.match(seen.output, new RegExp(value));
          const all = await events();
          const last = all.find(({ exception }) => exception);
          expectContains(last, { release: 'program@1.0.0', tags: { part: 'last' }, level: 'error' });
          expectContains(thrown(last), { type, value });
          expectContains(thrown(last).mechanism, { handled: false });
          assert.match(thrown(last).mechanism.type, new RegExp(`^auto\\.${name}\\.on`));
          assert.equal(last.contexts.sdk?.fallback, warm ? undefined : 'process_exit');
          const said = all.flatMap((event) => messageOf(event) ?? []);
          assert.deepEqual(said.sort(), warm ? [...Array.from({ length: 8 }, (_, at) => `before ${at}`), 'warm'] : []);
          assert.equal(all.length, said.length + 1, 'each once');
        });
      }

    it('reports once what it has captured and then dies by', async () => {
      assert.notEqual((await die(inbox.dsn, 'both')).code, 0);
      const [event, ...more] = await events();
      assert.deepEqual([thrown(event).value, thrown(event).mechanism.handled, more.length], ['captured and thrown', true, 0]);
    });

    it('is not kept from ending for longer than it may be', async () => {
      await inbox.behaviour({ delayMs: 6000 });
      const { code, ms } = await die(inbox.dsn, 'throw');
      assert.notEqual(code, 0);
      assert.ok(ms < 3500, `it took ${ms} ms`);
    });

    it('goes on where its own listener keeps it', async () => {
      const { code, output, ms } = await die(inbox.dsn, 'throw', '', 'kept');
      assert.deepEqual([code, output.trim()], [3, 'kept thrown at last']);
      assert.ok(ms > 500);
      assert.equal(thrown((await events())[0]).value, 'thrown at last');
    });
  });
}
