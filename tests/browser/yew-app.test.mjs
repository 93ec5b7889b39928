// An application of Yew's with the crate in it, driven as its user would: what goes wrong arrives, and the page stays.
import assert from 'node:assert/strict';
import { chain, click, commonTests, exampleApp, fetchTest, shown, withFailure } from '../lib/app.mjs';
import { parts } from '../lib/env.mjs';
import { breadcrumbs, thrown } from '../lib/expect.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

const app = exampleApp('yew-app');

forEachBrowser(
  'a Yew app',
  (test) => {
    commonTests(test, app);
    // Here gloo-net builds the request and reads the response.
    fetchTest(test, app.started);
  },
  { more: [parts.yewApp] },
);

forEachBrowser(
  'a Yew app with nothing but the recorder',
  (test) => {
    const { started } = exampleApp('yew-app', 'yew-app-lean');

    test('reports what it captures, every time, as it is', async (w) => {
      const page = await started(w);
      await click(page, '#next');
      await shown(page, '12B');
      await click(page, '#book');
      const first = (await w.inbox.waitFor()).payload;
      await click(page, '#book');
      const again = (await w.inbox.waitFor({ where: ({ event_id }) => event_id !== first.event_id })).payload;
      for (const payload of [first, again]) {
        assert.deepEqual(chain(payload), app.booking);
        assert.ok(payload.exception.values.every(({ mechanism }) => mechanism.handled));
        assert.equal(payload.exception.values.some((error) => 'stacktrace' in error), false);
        assert.deepEqual([payload.environment, payload.release], ['demo', 'yew-app@0.1.0']);
        assert.equal(breadcrumbs(payload)[0].message, 'the next seat');
        assert.match(payload.request.url, /app\.html\?yew-app-lean$/);
      }
    });

    test('reports a request that was rejected', async (w) => {
      w.plan(/9\/seats|ERR_|Failed to load|CORS|NetworkError|blocked/i);
      const page = await started(w);
      await click(page, '#look-up');
      const { payload } = await w.inbox.waitFor();
      assert.equal(thrown(payload).type, 'TypeError');
    });

    test('leaves what it was not asked to report', async (w) => {
      w.plan(/nobody catches this|unreachable|index out of bounds/i);
      const page = await started(w);
      await withFailure(page);
      await page.evaluate(() => failWith('nobody catches this'));
      for (const seat of ['12B', '12C']) {
        await click(page, '#next');
        await shown(page, seat);
      }
      await click(page, '#book');
      await w.inbox.waitFor();
      await click(page, '#next');
      await page.evaluate(() => new Promise((done) => setTimeout(done, 500)));
      assert.equal((await w.inbox.items({ type: 'event' })).length, 1);
    });
  },
  { more: [parts.yewAppLean] },
);
