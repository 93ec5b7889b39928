// The loader: what happens from the first line of a page on is kept with its own time, and sent when the module is in.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dist } from '../lib/env.mjs';
import { breadcrumbs, expectContains, thrown } from '../lib/expect.mjs';
import { sleep } from '../lib/process.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

const hexId = /^[0-9a-f]{32}$/;
const late = 1500;

/** Opens a page with this text in its head; the main module takes its time. */
async function early(w, head) {
  w.site.rule('/dist/index.js', { delayMs: late });
  w.site.rule('/early.html', { body: `<!doctype html><html lang="en"><meta charset="utf-8"><title>early</title>\n${head}</html>` });
  return w.open('/early.html', { waitUntil: 'domcontentloaded' });
}

/** The first inline script of the page: it notes its clock and fails. */
const failing = `<script>
  globalThis.failedAt = Date.now();
  throw new RangeError('planned, in the first script');
</script>`;

/** That error arrived with its own time, long after it. */
async function expectEarlyError(w, page) {
  const failedAt = await page.evaluate(() => failedAt);
  const { payload, received_at } = await w.inbox.waitFor({ where: (event) => thrown(event)?.value === 'planned, in the first script' });
  const asked = w.site.hits.find(({ path }) => path === '/dist/index.js');
  assert.ok(asked, 'the main module was fetched');
  const arrived = asked.at + late;
  assert.ok(arrived - failedAt >= 1000, `the module arrived ${arrived - failedAt} ms after the error`);
  assert.ok(new Date(received_at).getTime() >= arrived, 'the event was sent after that');
  assert.ok(
    Math.abs(payload.timestamp * 1000 - failedAt) <= 50,
    `the event's time ${payload.timestamp} is not that of the error, ${failedAt / 1000}`,
  );
  expectContains(thrown(payload), {
    type: 'RangeError',
    mechanism: { type: 'auto.browser.global_handlers.onerror', handled: false },
  });
  const frame = thrown(payload).stacktrace.frames.at(-1);
  assert.equal(frame.filename, `${w.site.url}/early.html`);
  assert.equal(typeof frame.lineno, 'number');
  return payload;
}

forEachBrowser('the loader', (test) => {
  test('as a classic script brings an error of the first inline script, with its own time', async (w) => {
    const page = await early(w, `<script src="/dist/loader.js" data-dsn="${w.inbox.dsn}"></script>\n${failing}`);
    const payload = await expectEarlyError(w, page);
    assert.equal(payload.contexts?.sdk, undefined, 'the module sent it');
    await sleep(300);
    assert.equal((await w.inbox.items({ type: 'event' })).length, 1);
  });

  test('as an inline script does the same', async (w) => {
    const loader = await readFile(join(dist, 'loader.js'), 'utf8');
    const page = await early(w, `<script data-main="/dist/index.js" data-dsn="${w.inbox.dsn}">${loader}</script>\n${failing}`);
    await expectEarlyError(w, page);
  });

  test('as an import does the same, and the application brings the main module', async (w) => {
    // Modules run after the parser's scripts, so that the first to fail is a module here.
    const page = await early(
      w,
      `<script type="importmap">{"imports": {"tailcone": "/dist/index.js", "tailcone/loader": "/dist/loader.js"}}</script>
       <script type="module">
         import 'tailcone/loader';
         setTimeout(() => {
           globalThis.failedAt = Date.now();
           throw new RangeError('planned, in the first script');
         });
         const { init } = await import('tailcone');
         init({ dsn: ${JSON.stringify(w.inbox.dsn)} });
       </script>`,
    );
    await w.inbox.waitFor();
    await expectEarlyError(w, page);
  });

  test('brings an early rejection, with its own time', async (w) => {
    const page = await early(
      w,
      `<script src="/dist/loader.js" data-dsn="${w.inbox.dsn}"></script>
       <script>globalThis.failedAt = Date.now(); Promise.reject(new Error('planned, early rejection'));</script>`,
    );
    const { payload } = await w.inbox.waitFor({ where: (event) => thrown(event)?.value === 'planned, early rejection' });
    const failedAt = await page.evaluate(() => failedAt);
    assert.ok(Math.abs(payload.timestamp * 1000 - failedAt) <= 60, `${payload.timestamp} is not ${failedAt / 1000}`);
    assert.equal(thrown(payload).mechanism.type, 'auto.browser.global_handlers.onunhandledrejection');
  });

  test('replays early calls in their order, with the ids it gave and their times', async (w) => {
    const page = await early(
      w,
      `<script src="/dist/loader.js"></script>
       <script>
         tailcone.onLoad(() => tailcone.init({ dsn: ${JSON.stringify(w.inbox.dsn)}, release: 'early@1' }));
         globalThis.calledAt = Date.now();
         tailcone.setTag('area', 'early');
         tailcone.setUser({ id: 'u-7' });
         tailcone.addBreadcrumb({ category: 'ui.click', message: 'Pay' });
         globalThis.ids = [tailcone.captureException(new TypeError('planned, caught early'))];
         tailcone.setTag('area', 'later');
         tailcone.withScope((scope) => {
           scope.setTag('only', 'inside');
           ids.push(tailcone.captureMessage('said early', 'warning'));
         });
         ids.push(tailcone.captureMessage('said afterwards'));
         globalThis.lastEarly = tailcone.lastEventId();
         globalThis.flushed = tailcone.flush(20000);
       </script>`,
    );
    const { ids, calledAt, lastEarly } = await page.evaluate(() => ({ ids, calledAt, lastEarly }));
    for (const id of ids) assert.match(id, hexId);
    assert.equal(new Set(ids).size, 3);
    assert.equal(lastEarly, ids[2]);

    const events = [];
    for (const id of ids) events.push((await w.inbox.waitFor({ event_id: id })).payload);
    expectContains(events[0], {
      release: 'early@1',
      tags: { area: 'early' },
      user: { id: 'u-7' },
      exception: { values: [{ type: 'TypeError', value: 'planned, caught early', mechanism: { type: 'generic', handled: true } }] },
    });
    expectContains(breadcrumbs(events[0]), [{ category: 'ui.click', message: 'Pay' }]);
    expectContains(events[1], { level: 'warning', tags: { area: 'later', only: 'inside' } });
    assert.deepEqual(events[2].tags, { area: 'later' });
    for (const time of [events[0].timestamp, events[1].timestamp, breadcrumbs(events[0])[0].timestamp]) {
      assert.ok(Math.abs(time * 1000 - calledAt) <= 50, `${time} is not ${calledAt / 1000}`);
    }
    assert.equal(await page.evaluate(() => flushed), true, 'what the early flush promised is kept');
    assert.equal((await w.inbox.items({ type: 'event' })).length, 3);
  });

  test('hands over: afterwards each error is reported once, by the module', async (w) => {
    const page = await early(
      w,
      `<script src="/pages/failing.js"></script>
       <script src="/dist/loader.js" data-dsn="${w.inbox.dsn}"></script>\n${failing}`,
    );
    await w.inbox.waitFor();
    const id = await page.evaluate(() => {
      throwLater();
      return tailcone.captureMessage('planned, by the page’s object');
    });
    await w.inbox.waitFor({ event_id: id });
    await w.inbox.waitFor({ where: (event) => event.exception && thrown(event).value === 'planned type error' });
    await sleep(300);
    assert.equal((await w.inbox.items({ type: 'event' })).length, 3);
  });

  test('brings the error by the fallback sender where the module cannot run', async (w) => {
    w.site.rule(/\.wasm$/, { status: 404 });
    const page = await early(w, `<script src="/dist/loader.js" data-dsn="${w.inbox.dsn}"></script>\n${failing}`);
    const payload = await expectEarlyError(w, page);
    assert.equal(payload.contexts.sdk.fallback, 'wasm_unavailable');
  });
});
