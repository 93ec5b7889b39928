// The stack of a Rust app, which its panics take with them when the page catches them, and an endless recursion whole: the
// feature `stack` gives it back. One MiB is 7,225 of the panics here.
import assert from 'node:assert/strict';
import { rustApp } from '../lib/app.mjs';
import { parts } from '../lib/env.mjs';
import { breadcrumbs, losses, messageOf, thrown } from '../lib/expect.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

/** Panics so often, so many times in one task. Answers how often the page caught what. */
const panics = (page, times, inOneTask) =>
  page.evaluate(
    async (times, inOneTask) => {
      const caught = {};
      // The lines of so many take longer than all else.
      console.error = () => {};
      for (let i = 1; i <= times; i++) {
        try {
          app.do_panic();
        } catch (error) {
          const kind = /unreachable/i.test(error.message) ? 'panic' : 'no stack';
          caught[kind] = (caught[kind] ?? 0) + 1;
        }
        if (i % inOneTask === 0) await new Promise((done) => setTimeout(done));
      }
      return caught;
    },
    times,
    inOneTask,
  );

const flushed = (page) => page.evaluate(() => app.do_flush(2000));

/** The recorder works: what is captured now arrives. */
async function expectWorking(w, page, text = 'still there') {
  const id = await page.evaluate((text) => app.do_message(text), text);
  assert.equal(messageOf((await w.inbox.waitFor({ event_id: id })).payload), text);
}

/** How many panics were sent, or counted as not sent. */
async function accounted(w, page) {
  // The first sends what the second answers for.
  assert.deepEqual([await flushed(page), await flushed(page)], [true, true]);
  const lost = Object.values(await losses(w)).reduce((all, some) => all + some, 0);
  const sent = (await w.inbox.items({ type: 'event' })).filter(({ payload }) => payload.exception);
  return sent.length + lost;
}

forEachBrowser(
  'the stack of a Rust app',
  (test) => {
    test('8,000 panics that the page catches are sent or counted, and the recorder works', async (w) => {
      const page = await rustApp(w);
      assert.deepEqual(await panics(page, 8000, 100), { panic: 8000 });
      await expectWorking(w, page);
      assert.equal(await accounted(w, page), 8000);
    });

    test('an endless recursion arrives, and the recorder works', async (w) => {
      w.plan(/out of bounds|call stack|recursion|Script error/i);
      const page = await rustApp(w);
      const overflow = () => page.evaluate(() => new Promise((done) => setTimeout(() => (setTimeout(done, 100), app.do_overflow()))));
      await overflow();
      const { payload } = await w.inbox.waitFor();
      assert.match(thrown(payload).value, /out of bounds|call stack|recursion|Script error/i);
      assert.equal(thrown(payload).mechanism.handled, false);
      await expectWorking(w, page, 'after the first');
      // The same again is counted.
      await overflow();
      await expectWorking(w, page, 'after the second');
      assert.equal(await accounted(w, page), 2);
    });

    test('in one task the stack lasts for some thousand panics, which are sent or counted; in the next it is there', async (w) => {
      const page = await rustApp(w);
      const caught = await panics(page, 9000, 9000);
      assert.ok(caught.panic > 4000 && caught['no stack'] > 0, JSON.stringify(caught));
      await expectWorking(w, page);
      // The last of them may find no stack for what follows the hook, which ends them in another trap.
      const told = await accounted(w, page);
      assert.ok(told >= caught.panic && told < caught.panic + 10, `${told} of ${JSON.stringify(caught)}`);
      assert.deepEqual(await panics(page, 200, 100), { panic: 200 });
      assert.equal(await accounted(w, page), told + 200);
    });

    test('a recursion that reports at every step, which the page catches, leaves nothing that the next calls wait for', async (w) => {
      const page = await rustApp(w);
      await page.evaluate(() => {
        try {
          app.do_overflow_reporting();
        } catch {}
      });
      await expectWorking(w, page);
      assert.deepEqual([await flushed(page), await flushed(page)], [true, true]);
      const { 'error: backpressure': missed } = await losses(w);
      assert.ok(missed > 100, `${missed}`);
      assert.deepEqual(await panics(page, 200, 100), { panic: 200 });
      await page.evaluate(() => app.do_log());
      await w.inbox.waitFor({ where: ({ logger }) => logger === 'rust_app' });
    });

    test('a panic while the recorder waits for the application arrives, and the recorder works', async (w) => {
      const page = await rustApp(w);
      await page.evaluate(() => {
        for (const panic of [app.do_panic_in_scope, app.do_panic_in_log]) {
          try {
            panic();
          } catch {}
        }
      });
      for (const value of ['no scope for this guest', 'the guest has no name']) {
        await w.inbox.waitFor({ where: ({ exception }) => exception?.values[0].value === value });
      }
      await page.evaluate(() => app.do_log());
      const { payload } = await w.inbox.waitFor({ where: ({ logger }) => logger });
      assert.ok(breadcrumbs(payload).some(({ message }) => message === 'about to book'));
    });
  },
  { more: [parts.rustApp] },
);
