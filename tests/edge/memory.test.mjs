// What thousands of requests leave behind in memory: nothing.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { tests } from '../lib/env.mjs';
import { run } from '../lib/process.mjs';
import { receiver } from '../lib/receiver.mjs';
import { commands, runtimes } from '../lib/runtimes.mjs';

/** What it takes to collect garbage at will. */
const flags = { node: ['--expose-gc'], bun: [], deno: ['--v8-flags=--expose-gc'] };

for (const [name, [command, ...args]] of Object.entries(commands)) {
  describe(`memory in ${name}`, { skip: runtimes[name].missing, timeout: 120_000 }, () => {
    const inbox = receiver();

    it('is the same after one thousand requests and after three more', async () => {
      const options = JSON.stringify({ dsn: inbox.dsn, sendRequest: true });
      const printed = await run(command, [...args, ...flags[name], join(tests, 'edge/site/memory.mjs'), options]);
      const [{ wasm }, ...later] = JSON.parse(printed.trim().split('\n').at(-1));
      const last = later.at(-1);
      assert.ok(wasm > 0);
      assert.equal(last.wasm, wasm, 'of the module');
      const grown = last.heap - later[0].heap;
      assert.ok(grown < 600_000, `the heap grew by ${grown} bytes: ${JSON.stringify(later)}`);
    });
  });
}
