// The ends of pages and workers that are no navigation: frozen, discarded, terminated, put to sleep.
import assert from 'node:assert/strict';
import { losses, messages } from '../lib/expect.mjs';
import { sleep } from '../lib/process.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

/** A server that answers after a while, which whoever asks may not live to see. */
const slow = { delayMs: 150 };

forEachBrowser('the ends of pages and workers', (test, engine) => {
  for (const [what, ready, how] of [
    ['before the module is there', false, 'frozen'],
    ['with the module', true, 'frozen'],
    ['before the module is there', false, 'discarded'],
    ['with the module', true, 'discarded'],
  ]) {
    test(`a page that is ${how} ${what} has sent everything`, { only: ['chromium'] }, async (w) => {
      await w.inbox.behaviour(slow);
      const page = await w.open('/pages/plain.html');
      const session = await page.createCDPSession();
      await page.evaluate(
        async (dsn, ready) => {
          const client = start({ dsn });
          if (ready) await client.ready;
          tailcone.captureMessage('at once');
          // What is captured after the page was told that it is hidden, and while it is told that it will be frozen.
          document.addEventListener('visibilitychange', () => tailcone.captureMessage('hidden'));
          document.addEventListener('freeze', () => tailcone.captureMessage('freeze'));
        },
        w.inbox.dsn,
        ready,
      );
      await session.send('Page.setWebLifecycleState', { state: 'frozen' });
      // The process of a page that is discarded ends, in life much later than here.
      if (how === 'discarded') {
        await sleep(50);
        session.send('Page.crash').catch(() => {});
      }
      await w.inbox.waitFor({ where: (payload) => payload.logentry.formatted === 'freeze' });
      await sleep(300);
      assert.deepEqual(await messages(w), ['at once', 'freeze', 'hidden']);
      if (how === 'discarded') return;
      await session.send('Page.setWebLifecycleState', { state: 'active' });
      const { status } = await page.evaluate(() => tailcone.explain(tailcone.captureMessage('awake')));
      assert.equal(status, 'sent');
      await page.evaluate(() => tailcone.flush());
      assert.deepEqual(await messages(w), ['at once', 'awake', 'freeze', 'hidden']);
      assert.deepEqual(await losses(w), {});
    });
  }

  for (const ready of [false, true]) {
    test(`what a worker captured ${ready ? 'with' : 'before'} the module arrives though it is terminated soon`, async (w) => {
      // Chromium ends a worker's requests with the worker, `keepalive` or not: there the server must have taken it.
      await w.inbox.behaviour(engine === 'chromium' ? {} : slow);
      const page = await w.open('/pages/worker.html');
      for (let i = 0; i < 5; i++) {
        await page.evaluate(
          async (dsn, ready, i) => {
            const worker = new Worker('/pages/worker.js', { type: 'module' });
            const ask = (...command) => new Promise((done) => ((worker.onmessage = done), worker.postMessage(command)));
            await ask('init', { dsn });
            if (ready) {
              await ask('message', 'first');
              await ask('flush', 2000);
            }
            await ask('message', `event ${i}`);
            await new Promise((done) => setTimeout(done, ready ? 20 : 300));
            worker.terminate();
          },
          w.inbox.dsn,
          ready,
          i,
        );
      }
      await w.inbox.waitFor({ where: (payload) => payload.logentry.formatted === 'event 4' });
      await sleep(300);
      const arrived = (await messages(w)).filter((message) => message !== 'first');
      assert.deepEqual(arrived, [0, 1, 2, 3, 4].map((i) => `event ${i}`));
    });
  }

  test('a page hears of the errors of a worker that it terminates', async (w) => {
    w.site.rule('/pages/bad-worker.js', { body: '\nthrow new RangeError("planned")' });
    const page = await w.open('/pages/plain.html');
    await page.evaluate(async (dsn) => {
      tailcone.init({ dsn });
      const worker = new Worker('/pages/bad-worker.js');
      await new Promise((done) => {
        worker.addEventListener('error', (event) => {
          event.preventDefault();
          tailcone.captureException(event);
          worker.terminate();
          done();
        });
      });
      await tailcone.flush();
    }, w.inbox.dsn);
    const { payload } = await w.inbox.waitFor();
    const [{ value, stacktrace }] = payload.exception.values;
    assert.match(value, /planned/);
    assert.match(stacktrace.frames.at(-1).filename, /bad-worker\.js$/);
    assert.equal(stacktrace.frames.at(-1).lineno, 2);
  });

  test('a service worker is kept awake by what waits for `flush`', { only: ['chromium'] }, async (w) => {
    await w.inbox.behaviour({ delayMs: 1500 });
    const page = await w.open('/pages/plain.html');
    await page.evaluate(async (dsn) => {
      const registration = await navigator.serviceWorker.register('/pages/kinds.js', { type: 'module' });
      const worker = registration.installing ?? registration.waiting ?? registration.active;
      worker.postMessage(dsn);
    }, w.inbox.dsn);
    await w.inbox.waitFor();
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration('/pages/'))?.unregister());
  });
});
