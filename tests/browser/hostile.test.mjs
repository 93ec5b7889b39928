// What a hostile page can do: values that break whoever looks at them, given to every function; a page that breaks its
// own language; a flood. Nothing of it may throw into the page, change or run what is the page's, or lose an event
// without counting it. @sentry/browser goes through the same, to be set beside; its figures never fail a test.
import assert from 'node:assert/strict';
import { launch, without } from '../lib/browsers.mjs';
import { breadcrumbs, messageOf, thrown } from '../lib/expect.mjs';
import { percentile, runCorpus, table } from '../lib/hostile.mjs';
import { startInbox } from '../lib/inbox.mjs';
import { bundlePeer, startSink } from '../lib/peer.mjs';
import { sleep } from '../lib/process.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

/** Every value and @sentry/browser beside, or every other value: `cargo xtask bench hostile` has the time for all. */
const full = process.env.TAILCONE_HOSTILE === 'full';

/** So long may all functions together take for one value. */
const patience = 20_000;
const peerPatience = 1000;
/** Browsers at a time. Two on one machine take each other's time, so that only one of them can be held to every 50 ms. */
const lanes = full ? 1 : 2;

/** Ends a browser, whatever it is at; behind WebKit's driver there are more programs than it. */
const end = (browser) => (browser?.name === 'webkit' ? browser.close() : browser?.browser.process()?.kill('SIGKILL'));

/** Runs the corpus in browsers of its own, since what hangs has to be killed. */
async function corpus(w, engine, sdk, patience, startReceiver) {
  const lane = async (number) => {
    const inbox = await startReceiver();
    let browser;
    const fresh = async () => {
      await end(browser);
      browser = await launch(engine, { networkEnabled: false });
      const page = await browser.page();
      await page.goto(`${w.site.url}/pages/hostile.html?sdk=${sdk}`, { waitUntil: 'load' });
      await page.waitForFunction(() => globalThis.hostile);
      await page.evaluate((dsn) => hostile.start(dsn), inbox.dsn);
      return page;
    };
    const values = (i) => (full ? i : i % 2 ? -1 : i / 2) % lanes === number;
    try {
      return await runCorpus({ fresh, inbox, patience, values });
    } finally {
      await end(browser);
      await inbox.stop();
    }
  };
  const [first, ...others] = await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
  return others.reduce((all, accounts) => all.join(accounts), first);
}

/** Each entry once, with how often it was there. */
function summed(list, most = 40) {
  const counts = new Map();
  for (const entry of list) counts.set(entry, (counts.get(entry) ?? 0) + 1);
  return [...counts].slice(0, most).map(([entry, count]) => (count > 1 ? `${entry} (${count} times)` : entry));
}

async function start(w, options = {}) {
  const page = await w.open('/pages/plain.html');
  await page.evaluate((given) => {
    start(given);
    return client.ready;
  }, { dsn: w.inbox.dsn, ...options });
  return page;
}

/** What became of so many errors: how many arrived, and how many are said to be lost. */
async function fates(inbox, count) {
  const items = await inbox.items();
  const lost = items.flatMap(({ payload }) => payload?.discarded_events ?? []).reduce((sum, { quantity }) => sum + quantity, 0);
  const arrived = items.filter(({ type }) => type === 'event').length;
  return { arrived, 'counted as lost': lost, unaccounted: count - arrived - lost };
}

const fail = `(() => { throw new Error('broken'); })`;
const failing = (owner, names) => `for (const name of ${JSON.stringify(names)}) ${owner}[name] = ${fail};`;
/** Ways of a page to break what everybody builds on, after the package was loaded; `true`: the error arrives even so. */
const broken = [
  ['fetch throws', `globalThis.fetch = ${fail}`, false],
  ['fetch is gone', 'globalThis.fetch = undefined', true],
  ['fetch gives nothing', 'globalThis.fetch = () => undefined', false],
  ['fetch rejects with nothing', 'globalThis.fetch = () => Promise.reject()', false],
  ['fetch answers with what is no answer', `globalThis.fetch = async () => ({ status: 'no', headers: 7 })`, false],
  ['the console is gone', 'globalThis.console = undefined', true],
  ['the console throws', `for (const name of Object.keys(console)) console[name] = ${fail}`, true],
  ['JSON is gone', 'globalThis.JSON = undefined', true],
  ['JSON throws', failing('JSON', ['stringify', 'parse']), true],
  ['Promise is gone', 'globalThis.Promise = undefined', false],
  ['Map and WeakSet throw', failing('Map.prototype', ['get', 'set', 'has', 'delete']) + failing('WeakSet.prototype', ['has', 'add']), false],
  ['Map, WeakMap and Set are gone', 'globalThis.Map = globalThis.WeakMap = globalThis.Set = globalThis.WeakSet = undefined', true],
  ['lists throw', failing('Array.prototype', ['map', 'filter', 'slice', 'flatMap', 'some', 'every', 'includes', 'reduce', 'at']), false],
  ['the clock throws', failing('Date', ['now']), false],
  ['the clock stands still', 'Date.now = () => 0', true],
  ['Date is gone', 'globalThis.Date = undefined', false],
  ['chance is none', 'Math.random = () => NaN', false],
  ['chance throws', failing('Math', ['random']), false],
  ['crypto is gone', `Object.defineProperty(globalThis, 'crypto', { value: undefined })`, true],
  ['crypto throws', failing('crypto', ['getRandomValues']), true],
  ['timers throw', failing('globalThis', ['setTimeout', 'clearTimeout']), false],
  ['AbortController is gone', 'globalThis.AbortController = undefined', false],
  ['URL is gone', 'globalThis.URL = globalThis.URLSearchParams = undefined', true],
  ['Error is another', 'globalThis.Error = class {}', true],
  ['every object has more fields', `for (const name of ['a', 'type', 'value', 'dsn', 'get', 'tags']) Object.prototype[name] = 'polluted'`, false],
  [
    'every object has setters',
    `for (const name of ['message', 'data', 'type', 'level', 'id', 'event', 'contexts', 'values', 'extra', 'user', 'stack'])
      Object.defineProperty(Object.prototype, name, { get() {}, set: ${fail}, configurable: true })`,
    false,
  ],
  [
    'everything is frozen',
    `for (const it of [Object, Array, String, Function, Promise, Map, Set, WeakSet, Error, RegExp, Date, JSON, Math, Reflect]) {
      Object.freeze(it);
      Object.freeze(it.prototype);
    }`,
    true,
  ],
];

forEachBrowser('hostile', (test, engine) => {
  test('every value, given to every function', { timeout: 600_000 }, async (w) => {
    const mine = await corpus(w, engine, 'tailcone', patience, startInbox);
    const columns = { tailcone: mine.figures() };
    if (full && engine === 'chromium') {
      const peer = await bundlePeer();
      w.site.rule('/peer/sdk.js', { body: peer.text });
      const theirs = await corpus(w, engine, 'peer', peerPatience, startSink);
      columns[`@sentry/browser ${peer.version}`] = theirs.figures();
      w.t.diagnostic(`took @sentry/browser more than ${peerPatience} ms:\n  ${theirs.hung.join('\n  ')}`);
    }
    w.t.diagnostic(table(`hostile values in ${engine}`, columns));
    if (mine.absent[0]) w.t.diagnostic(`not in this browser:\n  ${mine.absent.join('\n  ')}`);
    w.t.diagnostic(`refused by the strict inbox and counted: ${mine.unsound.length}; lost: ${JSON.stringify(mine.reasons)}`);

    w.t.diagnostic(`calls that took more than 50 ms:\n  ${mine.slow.join('\n  ')}`);
    const nothing = (list, what) => assert.deepEqual(summed(list), [], what);
    nothing(mine.hung, 'values that hung it');
    nothing(mine.threw, 'exceptions into the page');
    nothing(mine.strays, 'exceptions and rejections in later turns');
    nothing(mine.rejected, 'promises of the page that were rejected');
    nothing(mine.mutated, 'values that were changed');
    nothing(mine.run, 'getters and functions of values that were run');
    nothing(mine.unsent.filter(({ status }) => /un(known|settled)/.test(status)).map(({ at }) => at), 'captures without a result');
    nothing(mine.unbalanced, 'values after which more or less has arrived or been counted than they make');
    assert.equal(mine.unaccounted, 0, `unaccounted, of ${mine.expected}`);
    if (full && !without.fastPatterns.includes(engine)) nothing(mine.slow, 'calls that took more than 50 ms, three times of three');
    assert.ok(mine.slow.length <= mine.calls / 1000, `${mine.slow.length} calls of ${mine.calls} took more than 50 ms`);
    assert.ok(percentile(mine.times.toSorted((a, b) => a - b), 0.99) <= 50);
    // What is refused may have a field of a wrong type, as it was given; it is an envelope all the same.
    nothing(mine.unsound.filter((text) => !/^Item \d+ \((event|feedback)\)(:| is not a known field)/.test(text)), 'envelopes that are none');
    assert.ok(mine.values >= 100 && mine.functions >= 12, `${mine.values} values, ${mine.functions} functions`);
  });

  test('pauses of the engine cost no data', async (w) => {
    const page = await w.open('/pages/plain.html');
    await page.evaluate(async (dsn) => {
      // As if every other look at the clock came after a pause.
      const { now } = Date;
      let looks = 0;
      Date.now = () => now() + 200 * (looks++ % 2);
      const late = await import('/dist/index.js?late');
      Date.now = now;
      const cart = Array.from({ length: 300 }, (_, i) => ({ i }));
      late.init({ dsn, beforeSend: (event) => event });
      late.addBreadcrumb({ message: 'added', data: { cart } });
      late.captureMessage('planned', { extra: { cart }, tags: { a: 1 }, contexts: { cart: { cart } } });
      await late.flush();
    }, w.inbox.dsn);
    const { payload } = await w.inbox.waitFor();
    const count = ({ cart }) => cart.filter(({ i }, at) => i === at).length;
    const [crumb] = breadcrumbs(payload);
    const { extra, contexts } = payload;
    assert.deepEqual([extra, contexts.cart, crumb.data].map(count), [300, 300, 300]);
  });

  for (const [what, how, arrives] of broken) {
    test(`when ${what}, nothing throws into the page${arrives ? ', and an error arrives' : ''}`, { except: without.brokenPages }, async (w) => {
      const sink = await startSink();
      const page = await start({ ...w, inbox: sink }, { dedupe: false, floodControl: false });
      await page.evaluate((how) => {
        const error = new TypeError('planned');
        const event = new ErrorEvent('error', { error: new RangeError('planned') });
        const calls = Object.entries({
          addBreadcrumb: () => tailcone.addBreadcrumb({ message: 'planned', data: { a: 1 } }),
          setTag: () => tailcone.setTag('planned', 'tag'),
          setTags: () => tailcone.setTags({ planned: 1 }),
          setUser: () => tailcone.setUser({ id: 1 }),
          setExtra: () => tailcone.setExtra('planned', { a: [1] }),
          setExtras: () => tailcone.setExtras({ planned: 1 }),
          setContext: () => tailcone.setContext('planned', { a: 1 }),
          withScope: () => tailcone.withScope((scope) => void scope.setTag('a', 'b')),
          captureException: () => tailcone.captureException(error),
          captureMessage: () => tailcone.captureMessage('planned'),
          captureEvent: () => tailcone.captureEvent({ message: 'planned' }),
          captureFeedback: () => tailcone.captureFeedback({ message: 'planned' }),
          lastEventId: () => tailcone.lastEventId(),
          flush: () => void tailcone.flush(500),
          'an error event': () => dispatchEvent(event),
        });
        globalThis.threw = '';
        (0, eval)(how);
        for (let i = 0; i < calls.length; i++) {
          try {
            calls[i][1]();
          } catch (error) {
            threw += `${calls[i][0]}: ${error?.message}\n`;
          }
        }
      }, how);
      await sleep(arrives ? 1500 : 500);
      // puppeteer has lost its way in some of these pages; what it asks for is a text.
      assert.equal(await page.evaluate('threw'), '');
      assert.deepEqual(page.failures.filter((text) => !/planned/.test(text)), [], 'errors in later turns');
      const values = (await sink.items()).map(({ payload }) => payload?.exception?.values?.at(-1)?.type);
      sink.stop();
      if (arrives) assert.ok(values.includes('TypeError') && values.includes('RangeError'), `arrived: ${values}`);
    });
  }

  test('Date, Math.random and crypto that lie: ids stay what ids are, and no two are equal', async (w) => {
    const page = await start({ ...w, inbox: { dsn: 'http://public@127.0.0.1:9/1' } });
    const ids = await page.evaluate(() => {
      Date.now = () => 0;
      Math.random = () => 0;
      Object.defineProperty(globalThis, 'crypto', { value: { getRandomValues() { throw new Error('planned'); } } });
      return Array.from({ length: 50 }, () => tailcone.captureFeedback({ message: 'planned' }));
    });
    for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
    assert.equal(new Set(ids).size, ids.length);
  });

  test('window.onerror and onunhandledrejection that are set later take nothing away', async (w) => {
    const page = await start(w);
    await page.evaluate(() => {
      window.onerror = () => true;
      window.onunhandledrejection = (event) => event.preventDefault();
      throwLater();
      rejectLater();
    });
    await w.inbox.waitFor({ where: (event) => thrown(event).mechanism.type.endsWith('onerror') });
    await w.inbox.waitFor({ where: (event) => thrown(event).mechanism.type.endsWith('onunhandledrejection') });
  });

  test('two copies of the package on a page: each reports once, and leaves the page as it was', async (w) => {
    const page = await start(w, { release: 'one', breadcrumbs: true });
    const left = await page.evaluate(async (dsn) => {
      globalThis.before = console.info;
      const other = (globalThis.other = await import('/dist/index.js?copy=2'));
      await other.init({ dsn, release: 'two' }).ready;
      console.info('said once');
      throwLater();
      await new Promise((done) => setTimeout(done, 100));
      await tailcone.flush(5000);
      await other.flush(5000);
      await other.close();
      await tailcone.close();
      return [/native code/.test(Function.prototype.toString.call(console.info)), console.info.name];
    }, w.inbox.dsn);
    assert.deepEqual(left, [true, 'info']);
    const events = (await w.inbox.items({ type: 'event' })).map(({ payload }) => payload);
    assert.deepEqual(events.map(({ release }) => release).sort(), ['one', 'two']);
    for (const event of events) {
      const said = (event.breadcrumbs?.values ?? []).filter(({ message }) => message === 'said once');
      assert.equal(said.length, 1, event.release);
    }
  });

  if (engine === 'chromium') {
    test('after close there is no listener left; init twice has no more than once', async (w) => {
      const page = await w.open('/pages/plain.html');
      const session = await page.createCDPSession();
      const listeners = async () => {
        let count = 0;
        for (const expression of ['window', 'document', 'globalThis.navigation ?? {}', 'history']) {
          const { result } = await session.send('Runtime.evaluate', { expression });
          count += (await session.send('DOMDebugger.getEventListeners', { objectId: result.objectId })).listeners.length;
        }
        return count;
      };
      const before = await listeners();
      const init = () => page.evaluate((dsn) => { start({ dsn }); return client.ready; }, w.inbox.dsn);
      await init();
      const once = await listeners();
      assert.ok(once > before);
      await init();
      await page.evaluate(() => new Promise((done) => setTimeout(done, 100)));
      assert.equal(await listeners(), once);
      await page.evaluate(() => tailcone.close(1000));
      assert.equal(await listeners(), before);
      await init();
      assert.equal(await listeners(), once);
      await page.evaluate(() => tailcone.close(1000));
      assert.equal(await listeners(), before);
    });
  }

  test('in a sandboxed frame without an origin or storage it reports', async (w) => {
    w.site.rule(/^\/dist\//, { headers: { 'access-control-allow-origin': '*' } });
    const page = await w.open('/pages/plain.html');
    await page.evaluate(({ dsn, url }) => {
      const frame = document.createElement('iframe');
      frame.sandbox = 'allow-scripts';
      frame.srcdoc = `<script type="module">
        import { init, captureMessage } from '${url}/dist/index.js';
        let denied;
        try { localStorage.length } catch { denied = true }
        init({ dsn: '${dsn}', tags: { denied: String(denied) } });
        console.info('planned');
        captureMessage('from a frame of no origin');
      </script>`;
      document.body.append(frame);
    }, { dsn: w.inbox.dsn, url: w.site.url });
    const { payload } = await w.inbox.waitFor({ where: (event) => messageOf(event) === 'from a frame of no origin' });
    assert.equal(payload.tags.denied, 'true');
  });

  test('10,000 errors in one turn: the page goes on, and each of them is accounted for', { timeout: 300_000 }, async (w) => {
    const storm = async (sdk, inbox) => {
      const page = await w.open(`/pages/hostile.html?sdk=${sdk}`);
      await page.waitForFunction(() => globalThis.hostile);
      const blocked = await page.evaluate(async ({ path, dsn, peer }) => {
        addEventListener('error', (event) => event.preventDefault());
        const s = await import(path);
        const client = s.init({ dsn });
        await client?.ready;
        const fail = (i) => new TypeError(`planned ${i}`);
        const errors = Array.from({ length: 10_000 }, (_, i) => fail(i));
        const began = performance.now();
        for (const error of errors) dispatchEvent(new ErrorEvent('error', { error, message: error.message, cancelable: true }));
        const blocked = performance.now() - began;
        if (peer) {
          await new Promise((done) => setTimeout(done, 3000));
          Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
          document.dispatchEvent(new Event('visibilitychange'));
          await new Promise((done) => setTimeout(done, 1000));
        } else for (let i = 0; i < 3; i++) await s.flush(20_000);
        return blocked;
      }, { path: sdk === 'peer' ? '/peer/sdk.js' : '/dist/index.js', dsn: inbox.dsn, peer: sdk === 'peer' });
      return { 'blocked, ms': Math.round(blocked), ...(await fates(inbox, 10_000)) };
    };
    const columns = { tailcone: await storm('tailcone', w.inbox) };
    if (engine === 'chromium') {
      const peer = await bundlePeer();
      w.site.rule('/peer/sdk.js', { body: peer.text });
      const sink = await startSink();
      columns[`@sentry/browser ${peer.version}`] = await storm('peer', sink);
      sink.stop();
    }
    w.t.diagnostic(table(`10,000 errors in one turn, ${engine}`, columns));
    assert.equal(columns.tailcone.unaccounted, 0);
    assert.ok(columns.tailcone.arrived >= 1);
  });
});
