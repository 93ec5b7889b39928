// What is left in memory: nothing of the page's, and no more after a million calls than after a thousand. The figures of
// @sentry/browser stand beside; they never fail a test.
import assert from 'node:assert/strict';
import { table } from '../lib/hostile.mjs';
import { bundlePeer, startSink } from '../lib/peer.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

const MB = 2 ** 20;
/** What the breadcrumbs of a page may take, and how long one may take. */
const most = { bytes: MB, us: 3 };

/** A page with one of the two as `s`, and the memory of each wasm instance in `memories`. */
async function opened(w, sdk) {
  const sink = await startSink();
  w.site.rule('/pages/plain.html', { body: '<!doctype html><title>memory</title>' });
  const page = await w.open('/pages/plain.html');
  await page.evaluate(async ({ path, dsn, peer }) => {
    globalThis.memories = [];
    globalThis.long = 'x'.repeat(10_000);
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = async (...args) => {
      const made = await instantiate(...args);
      memories.push((made.instance ?? made).exports.memory);
      return made;
    };
    globalThis.s = await import(path);
    // The browser's own console would keep what it prints.
    console.info = () => {};
    const client = s.init(peer ? { dsn } : { dsn, dedupe: false, floodControl: false });
    await client?.ready;
  }, { path: sdk === 'peer' ? '/peer/sdk.js' : '/dist/index.js', dsn: sink.dsn, peer: sdk === 'peer' });
  const session = await page.createCDPSession();
  return {
    page,
    session,
    stop: async () => {
      await page.close();
      sink.stop();
    },
    /** Bytes of JavaScript and of wasm that are alive. */
    async used() {
      for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage');
      const { usedSize } = await session.send('Runtime.getHeapUsage');
      return usedSize + (await page.evaluate(() => memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0)));
    },
  };
}

/** How many objects of the class are in the heap. */
async function alive(session, name) {
  const chunks = [];
  const listen = ({ chunk }) => chunks.push(chunk);
  session.on('HeapProfiler.addHeapSnapshotChunk', listen);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  session.off('HeapProfiler.addHeapSnapshotChunk', listen);
  const { snapshot, nodes, strings } = JSON.parse(chunks.join(''));
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [type, named] = [fields.indexOf('type'), fields.indexOf('name')];
  let count = 0;
  for (let i = 0; i < nodes.length; i += fields.length) {
    if (types[type][nodes[i + type]] === 'object' && strings[nodes[i + named]] === name) count++;
  }
  return count;
}

/** Runs `call` so many times in ten parts: the time of one in the fastest part, and what memory has grown by. */
async function often(it, call, count) {
  const each = count / 10;
  const part = (from) =>
    it.page.evaluate(
      ({ call, from, each }) => {
        const fn = (0, eval)(call);
        const began = performance.now();
        for (let i = from; i < from + each; i++) fn(i);
        return ((performance.now() - began) * 1000) / each;
      },
      { call, from, each },
    );
  // The first ones fill what has a bound.
  await it.page.evaluate((call) => { const fn = (0, eval)(call); for (let i = 0; i < 5000; i++) fn(i); }, call);
  const before = await it.used();
  const times = [];
  for (let i = 0; i < 10; i++) times.push(await part(i * each));
  const grown = (await it.used()) - before;
  return { 'fastest, µs': Math.min(...times).toFixed(3), 'slowest, µs': Math.max(...times).toFixed(3), 'grown by, KB': (grown / 1024).toFixed(1) };
}

const loops = {
  breadcrumbs: `(i) => s.addBreadcrumb({ category: 'ui.click', message: 'button ' + i, level: 'info', data: { x: i, target: 'pay' + i } })`,
  'breadcrumbs of 10 KB': `(i) => s.addBreadcrumb({ message: 'planned', data: { text: long + i } })`,
  tags: `(i) => s.setTag('tag' + (i & 63), 'value ' + i)`,
  scopes: `(i) => s.withScope((scope) => { scope.setTag('a', i); scope.setExtra('b', { i }); })`,
};

forEachBrowser(
  'memory',
  (test) => {
    for (const [what, call] of Object.entries(loops)) {
      const count = what.includes('KB') ? 50_000 : 1_000_000;
      test(`${count.toLocaleString('en')} ${what} leave memory as it was`, { timeout: 300_000 }, async (w) => {
        const it = await opened(w, 'tailcone');
        const mine = await often(it, call, count);
        // What the module is given with a capture stays in it, too.
        await it.page.evaluate(async () => {
          s.captureMessage('planned');
          await s.flush(5000);
        });
        await it.stop();
        const columns = { tailcone: mine };
        if (what === 'breadcrumbs' || what === 'tags') {
          const peer = await bundlePeer();
          w.site.rule('/peer/sdk.js', { body: peer.text });
          const other = await opened(w, 'peer');
          columns[`@sentry/browser ${peer.version}`] = await often(other, call, count);
          await other.stop();
        }
        w.t.diagnostic(table(`${count.toLocaleString('en')} ${what}`, columns));
        assert.ok(mine['grown by, KB'] * 1024 <= most.bytes, `${mine['grown by, KB']} KB`);
        if (what === 'breadcrumbs') assert.ok(mine['fastest, µs'] <= most.us, `${mine['fastest, µs']} µs`);
      });
    }

    test('what the largest events have made of its memory goes with the instance, and nothing else does', { timeout: 120_000 }, async (w) => {
      const it = await opened(w, 'tailcone');
      const seen = await it.page.evaluate(async () => {
        s.setTag('area', 'kept');
        const list = (make) => Array.from({ length: 100 }, () => Array.from({ length: 1000 }, make));
        const shapes = [
          'x'.repeat(500_000),
          '\n'.repeat(200_000),
          '語'.repeat(170_000),
          list(() => 1),
          list(() => null),
          list(() => []),
          list(() => ({ a: 1 })),
          Object.fromEntries(list(() => 1).map((row, i) => [`row ${i}`, Object.fromEntries(row.slice(0, 60).map((v, j) => [`a${j}`, v]))])),
        ];
        const results = [];
        for (const [i, shape] of shapes.entries()) {
          if (memories.length > 1) break;
          s.withScope((scope) => {
            scope.addEventProcessor((event) => Object.assign(event, { extra: { shape }, contexts: { shape: { shape } } }));
            s.captureMessage(`hooked ${i}`);
          });
          for (let j = 0; j < 50; j++) s.captureEvent({ message: `event ${i} ${j}`, extra: { shape } });
          results.push(await s.explain(s.lastEventId()));
          await s.flush(5000);
        }
        const most = memories[0].buffer.byteLength;
        results.push(await s.explain(s.captureMessage('after')));
        await s.flush(5000);
        const sizes = memories.map(({ buffer }) => buffer.byteLength);
        memories.splice(0, memories.length - 1);
        return { most, sizes, statuses: [...new Set(results.map(({ status }) => status))] };
      });
      w.t.diagnostic(`the module's memory: ${seen.sizes.map((bytes) => (bytes / MB).toFixed(1)).join(', then ')} MB`);
      assert.deepEqual(seen.statuses, ['sent']);
      assert.ok(seen.most > 16 * MB, 'it had grown');
      assert.equal(seen.sizes.length, 2);
      assert.ok(seen.sizes[1] < 10 * MB);
      assert.ok((await it.used()) < 16 * MB, 'the old one is gone');
      await it.stop();
    });

    test('no object of the page is kept alive by what was said of it', { timeout: 120_000 }, async (w) => {
      const seen = {};
      for (const sdk of ['tailcone', 'peer']) {
        if (sdk === 'peer') w.site.rule('/peer/sdk.js', { body: (await bundlePeer()).text });
        const it = await opened(w, sdk);
        await it.page.evaluate(async () => {
          addEventListener('error', (event) => event.preventDefault());
          addEventListener('unhandledrejection', (event) => event.preventDefault());
          globalThis.HostObject = class HostObject {
            big = Array.from({ length: 100 }, (_, i) => 'x' + i);
            node = document.createElement('div');
          };
          class HostError extends Error {
            of = new HostObject();
          }
          const made = () => new HostObject();
          for (let i = 0; i < 20; i++) {
            s.addBreadcrumb({ message: 'planned', data: { made: made(), list: [made()] } }, { hint: made() });
            s.setExtra('extra' + i, made());
            s.setExtras({ ['more' + i]: { deep: made() } });
            s.setContext('context' + i, { made: made() });
            s.setTag('tag' + i, made());
            s.setUser({ id: 1, made: made() });
            console.info('planned', made());
            s.captureException(new HostError('planned'), { captureContext: { extra: { made: made() } }, data: made() });
            s.captureException(made());
            s.captureMessage('planned', { extra: { made: made() }, params: [made()] });
            s.captureEvent({ message: 'planned', extra: { made: made() } }, { data: made() });
            s.withScope((scope) => scope.setExtra('made', made()));
            setTimeout(() => {
              throw new HostError('planned');
            });
            // Chromium itself keeps what a promise was rejected with and nobody caught.
            dispatchEvent(new PromiseRejectionEvent('unhandledrejection', { promise: Promise.resolve(), reason: made(), cancelable: true }));
          }
          await new Promise((done) => setTimeout(done, 300));
          await s.flush(2000);
          globalThis.kept = made();
        });
        // Without the one that the page itself keeps: that it is found shows that others would be.
        seen[sdk] = (await alive(it.session, 'HostObject')) - 1;
        await it.stop();
      }
      w.t.diagnostic(`objects of the page kept alive: tailcone ${seen.tailcone}, @sentry/browser ${seen.peer}`);
      assert.equal(seen.tailcone, 0);
    });
  },
  { only: ['chromium'] },
);
