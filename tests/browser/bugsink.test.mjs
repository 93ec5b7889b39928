// Into a real server and back: what every browser sends is read from a strict Bugsink as it was sent.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { engineMissing, engines, launch, without } from '../lib/browsers.mjs';
import { chain, click, exampleApp, shown } from '../lib/app.mjs';
import { startBugsink } from '../lib/bugsink.mjs';
import { needs, parts } from '../lib/env.mjs';
import { breadcrumbs, expectContains, expectFailingFrames, messageOf, thrown } from '../lib/expect.mjs';
import { serve } from '../lib/serve.mjs';
import { until } from '../lib/process.mjs';
import { startWorker } from '../lib/workerd.mjs';

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
        it(`stores what ${name} reports: an error, a record of its log, a request that was rejected, a panic`, { skip: needs(part) }, async () => {
          const { booking, logger } = exampleApp(name);
          const app = await browser.page();
          await app.goto(`${site.url}/pages/app.html?${name}`);
          await app.waitForFunction(() => globalThis.ready === true);
          const agent = await app.evaluate((dsn) => (globalThis.app.start(dsn, true), navigator.userAgent), bugsink.dsn);
          const find = async (what, where) => {
            const own = ({ release, request }) => release === `${name}@0.1.0` && request?.headers?.['User-Agent'] === agent;
            return (await bugsink.find(({ data }) => own(data) && where(data), what)).data;
          };
          const mechanism = (wanted) => (data) => data.exception && thrown(data).mechanism.type === wanted;
          await shown(app, '12A');
          await click(app, '#book');
          await find('the error', (data) => data.exception && isDeepStrictEqual(chain(data), booking));
          await click(app, '#pay');
          const logged = await find('the record of the log', (data) => messageOf(data) === 'not paid');
          expectContains(logged, { logger, level: 'error', extra: { seat: '12A' } });
          await click(app, '#look-up');
          await find('the rejected request', (data) => mechanism('generic')(data) && thrown(data).type === 'TypeError');
          for (const seat of ['12B', '12C']) {
            await click(app, '#next');
            await shown(app, seat);
          }
          await click(app, '#next');
          const panic = await find('the panic', mechanism('panic'));
          expectContains(thrown(panic), { value: 'index out of bounds: the len is 3 but the index is 3', mechanism: { handled: false } });
          assert.match(thrown(panic).mechanism.data.location, new RegExp(`${name}/src/lib\\.rs:\\d+`));
          assert.deepEqual(
            breadcrumbs(panic).map(({ message }) => message),
            ['about to pay', 'look up', 'the next seat', 'the next seat', 'the next seat'],
          );
          expectContains(panic.modules, { tailcone: '0.1.0' });
        });
      }
    });
  }

  it('stores what a Worker of workers-rs reports: the same', { skip: needs(parts.workersRs, parts.workerd) }, async () => {
    const worker = await startWorker('workers-rs', { DSN: bugsink.dsn, STRICT: '1' });
    try {
      const seen = {
        '/error': ({ exception }) => exception && thrown({ exception }).type === 'Io',
        '/log': (data) => data.logentry?.formatted === 'no booking' && thrown(data).value === 'seat 12A is taken',
        '/ask': ({ exception }) => exception && /Network connection lost/.test(thrown({ exception }).value),
        '/panic': ({ exception }) => exception && thrown({ exception }).mechanism.type === 'panic',
      };
      for (const [path, where] of Object.entries(seen)) {
        await worker.get(`${path}?guest=gus`);
        const own = ({ release, tags }) => release === 'workers-rs@0.1.0' && tags?.guest === 'gus';
        const { data } = await bugsink.find(({ data }) => own(data) && where(data), path);
        expectContains(data, { request: { method: 'GET', url: `http://shop.example${path}?guest=gus` } });
        assert.deepEqual(breadcrumbs(data).map(({ message }) => message), [path]);
      }
    } finally {
      await worker.stop();
    }
  });
});
