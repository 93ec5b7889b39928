// Into a real server and back: what every browser sends is read from a strict Bugsink as it was sent.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { engineMissing, engines, launch, without } from '../lib/browsers.mjs';
import { click, shown } from '../lib/app.mjs';
import { startBugsink } from '../lib/bugsink.mjs';
import { needs, parts } from '../lib/env.mjs';
import { breadcrumbs, expectContains, expectFailingFrames, messageOf, thrown } from '../lib/expect.mjs';
import { serve } from '../lib/serve.mjs';
import { until } from '../lib/process.mjs';

const missing = needs(parts.dist, parts.python);

describe('a real Bugsink server', { skip: missing }, () => {
  let bugsink;
  let site;
  before(async () => {
    [bugsink, site] = await Promise.all([startBugsink(), serve()]);
  });
  after(() => Promise.all([bugsink?.stop(), site?.stop()]));

  for (const engine of Object.keys(engines)) {
    describe(`sent to by ${engine}`, { skip: engineMissing(engine) }, () => {
      let browser;
      let page;
      before(async () => {
        browser = await launch(engine);
        page = await browser.page();
        await page.goto(`${site.url}/pages/plain.html`);
        await page.evaluate((dsn) => {
          // A strict Bugsink refuses fields that its schema does not know.
          start({ dsn, release: 'shop@1.2.3', environment: 'staging', inferIp: 'unsaid' });
          tailcone.setTag('area', 'checkout');
          tailcone.setTags({ plan: 'pro', retries: 3 });
          tailcone.setUser({ id: 'u-7', email: 'ann@example.com', username: 'ann' });
          tailcone.addBreadcrumb({ category: 'ui.click', message: 'Pay', level: 'info', data: { button: 'pay' }, timestamp: 1_700_000_000.25 });
          tailcone.addBreadcrumb({ type: 'http', category: 'fetch', data: { url: '/api', status_code: 500 }, timestamp: 1_700_000_001 });
        }, bugsink.dsn);
      });
      after(() => browser?.close());

      /** The stored payload, after what every event of this page has was checked in it. */
      async function stored(id) {
        const { data, issue, stacktrace_md: shown } = await bugsink.read(id);
        expectContains(data, {
          event_id: id,
          platform: 'javascript',
          release: 'shop@1.2.3',
          environment: 'staging',
          tags: { area: 'checkout', plan: 'pro', retries: '3' },
          user: { id: 'u-7', email: 'ann@example.com', username: 'ann' },
        });
        assert.deepEqual(
          breadcrumbs(data).slice(0, 2).map(({ timestamp, category, message, data: more }) => [timestamp, category, message, more]),
          [
            [1_700_000_000.25, 'ui.click', 'Pay', { button: 'pay' }],
            [1_700_000_001, 'fetch', undefined, { url: '/api', status_code: 500 }],
          ],
        );
        return { data, issue, shown };
      }

      /** Runs `fail` in the page and gives the id of the event that comes of it. */
      async function eventOf(fail) {
        const before = await page.evaluate(() => tailcone.lastEventId());
        await page.evaluate(fail);
        return until(async () => {
          const now = await page.evaluate(() => tailcone.lastEventId());
          return now !== before && now;
        }, 'the page to capture something');
      }

      it('stores an uncaught error with its frames in order', async () => {
        const { data, issue, shown } = await stored(await eventOf(() => throwLater()));
        expectContains(thrown(data), { type: 'TypeError', value: 'planned type error', mechanism: { handled: false } });
        expectFailingFrames(thrown(data), site, engine);
        expectContains(issue, { calculated_type: 'TypeError', calculated_value: 'planned type error' });
        assert.match(shown, /failing\.js:\d+ in `typeError`/);
      });

      it('stores an unhandled rejection with an Error', async () => {
        const { data } = await stored(await eventOf(() => rejectLater()));
        expectContains(thrown(data), {
          type: 'TypeError',
          value: 'planned type error',
          mechanism: { type: 'auto.browser.global_handlers.onunhandledrejection', handled: false },
        });
        expectFailingFrames(thrown(data), site, engine);
      });

      it('stores an unhandled rejection with something else', async () => {
        const { data } = await stored(await eventOf(() => rejectWith('planned words')));
        assert.match(thrown(data).value, /planned words/);
        assert.equal(thrown(data).mechanism.type, 'auto.browser.global_handlers.onunhandledrejection');
      });

      it('stores a caught error with its causes, oldest first', async () => {
        const { data } = await stored(await page.evaluate(() => tailcone.captureException(caught())));
        assert.deepEqual(
          data.exception.values.map(({ type, value }) => [type, value]),
          [
            ['RangeError', 'planned root cause'],
            ['TypeError', 'planned cause between'],
            ['Error', 'planned failure'],
          ],
        );
        assert.equal(thrown(data).stacktrace.frames.at(-1).function, 'chain');
      });

      it('stores a message', async () => {
        const { data } = await stored(await page.evaluate(() => tailcone.captureMessage('low disk', 'warning')));
        assert.deepEqual([messageOf(data), data.level], ['low disk', 'warning']);
      });

      it('stores a panic of a Rust-wasm app', { skip: needs(parts.rustApp) }, async () => {
        const rust = await browser.page();
        await rust.goto(`${site.url}/pages/rust-app.html`);
        await rust.waitForFunction(() => globalThis.ready === true);
        const agent = await rust.evaluate((dsn) => (app.start(dsn, true), navigator.userAgent), bugsink.dsn);
        await rust.evaluate(() => void setTimeout(() => app.do_panic()));
        // Once it has panicked, the app cannot be asked for the event's id.
        const { data } = await bugsink.find(
          ({ data }) => data.level === 'fatal' && data.request?.headers?.['User-Agent'] === agent,
          'the panic',
        );
        expectContains(thrown(data), { value: 'the seat map has no such row', mechanism: { handled: false } });
        expectContains(data, { tags: { app: 'rust-app' }, user: { id: '7', email: 'jane@example.com' } });
        expectContains(breadcrumbs(data), [{ message: 'about to look up a seat', category: 'booking' }]);
        if (without.wasmFrames.includes(engine)) return;
        const names = thrown(data).stacktrace.frames.map((frame) => frame.function ?? '');
        const find = names.findLastIndex((name) => name.includes('find_seat'));
        const take = names.findLastIndex((name) => name.includes('take_seat'));
        assert.ok(find >= 0 && take > find, names.join(' > '));
      });

      for (const [name, part] of [
        ['yew-app', parts.yewApp],
        ['leptos-app', parts.leptosApp],
      ]) {
        it(`stores what ${name} reports: a panic and a request that was rejected`, { skip: needs(part) }, async () => {
          const app = await browser.page();
          await app.goto(`${site.url}/pages/app.html?${name}`);
          await app.waitForFunction(() => globalThis.ready === true);
          const agent = await app.evaluate((dsn) => (globalThis.app.start(dsn, true), navigator.userAgent), bugsink.dsn);
          const find = (mechanism) =>
            bugsink.find(
              ({ data }) =>
                data.release === `${name}@0.1.0` &&
                data.request?.headers?.['User-Agent'] === agent &&
                thrown(data)?.mechanism.type === mechanism,
              mechanism,
            );
          await shown(app, '12A');
          await click(app, '#look-up');
          const rejected = await find('generic');
          assert.equal(thrown(rejected.data).type, 'TypeError');
          for (const seat of ['12B', '12C']) {
            await click(app, '#next');
            await shown(app, seat);
          }
          await click(app, '#next');
          const { data } = await find('panic');
          expectContains(thrown(data), { value: 'index out of bounds: the len is 3 but the index is 3', mechanism: { handled: false } });
          assert.match(thrown(data).mechanism.data.location, new RegExp(`${name}/src/lib\\.rs:\\d+`));
          assert.deepEqual(
            breadcrumbs(data).map(({ message }) => message),
            ['look up', 'the next seat', 'the next seat', 'the next seat'],
          );
          expectContains(data.modules, { tailcone: '0.1.0' });
        });
      }
    });
  }
});
