// What arrives when server, network or page fail, beside the newest @sentry/browser: the same page, the same browser, a
// server that fails by plan, by turns. Of each scenario the least and the median over the runs.
//
// node tests/bench/delivery.mjs [--runs N] [--only PATTERN]

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launch } from '../lib/browsers.mjs';
import { dist, tests } from '../lib/env.mjs';
import { crossing } from '../lib/names.mjs';
import { bundlePeer, itemsOf } from '../lib/peer.mjs';
import { sleep } from '../lib/process.mjs';
import { serve } from '../lib/serve.mjs';

const { values: given } = parseArgs({ options: { runs: { type: 'string', default: '10' }, only: { type: 'string', default: '' } } });
const runs = Math.max(1, Number(given.runs) || 0);

/** A server that counts what it takes, and fails as it is told: `plan(n)` says how the nth request is answered. */
async function startServer() {
  let plan = () => ({});
  let requests = 0;
  const state = { answering: true };
  /** How often each event has arrived, and how many are said to be lost. */
  const arrived = new Map();
  let counted = 0;
  const answers = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' };

  const take = (body) => {
    for (const { type, payload } of itemsOf(body.toString('utf8'))) {
      if (type === 'event' && (!state.wants || payload.tags?.[state.wants])) arrived.set(payload.event_id, (arrived.get(payload.event_id) ?? 0) + 1);
      else if (type === 'client_report')
        for (const { category, quantity } of payload.discarded_events) if (category === 'error') counted += quantity;
    }
  };
  const server = createServer((request, response) => {
    const { status = 200, headers, delayMs = 0, hang, destroy } = plan(++requests, state);
    if (destroy) return request.socket.destroy();
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', async () => {
      if (hang) return;
      // As if it were under way for so long: what is given up meanwhile has not arrived.
      await sleep(delayMs);
      if (request.socket.destroyed) return;
      if (status < 300) take(Buffer.concat(parts));
      // A server counts by itself what it refuses so.
      else if (status === 429) counted += itemsOf(Buffer.concat(parts).toString('utf8')).filter(({ type }) => type === 'event').length;
      response.writeHead(status, { ...answers, ...headers });
      response.end('{}');
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    dsn: `http://public@127.0.0.1:${server.address().port}/1`,
    begin(to, wants) {
      // Chromium holds on to requests that outlive their page for half a minute, and opens six connections to a server.
      server.closeAllConnections();
      plan = to;
      requests = counted = 0;
      arrived.clear();
      Object.assign(state, { answering: true, wants });
    },
    answering: (yes) => void (state.answering = yes),
    figures: () => ({
      delivered: arrived.size,
      twice: [...arrived.values()].filter((count) => count > 1).length,
      counted,
      requests,
    }),
    stop: () => (server.closeAllConnections(), server.close()),
  };
}

/** In the page. */
const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>bench</title>
<script type="module">
import * as sdk from './sdk.js';
import { traps } from './traps.js';
// Each of a kind of its own: what is the same is held back.
const error = (i) => Object.assign(new Error('planned ' + i), { name: 'Planned' + i });
const fail = (i) => setTimeout(() => { throw error(i); });
globalThis.bench = {
  init: async (dsn, { kept, ...options } = {}) => {
    const store = () => sdk.offlineTransport
      ? { transport: sdk.offlineTransport() }
      : { transport: sdk.makeBrowserOfflineTransport(sdk.makeFetchTransport), transportOptions: { flushAtStartup: true } };
    globalThis.client = sdk.init({ dsn, ...(kept && store()), ...options });
    await Promise.all([client.ready, new Promise((done) => setTimeout(done, 500))]);
  },
  paced: (count, ms) => new Promise((done) => {
    let i = 0;
    const timer = setInterval(() => i < count ? fail(i++) : done(clearInterval(timer)), ms);
  }),
  atOnce(count) {
    const errors = Array.from({ length: count }, (_, i) => error(i));
    const began = performance.now();
    for (const error of errors) sdk.captureException(error);
    return performance.now() - began;
  },
  text: (text, count) => void sdk.captureException(new Error('planned'), { captureContext: { extra: Object.fromEntries(
    Array.from({ length: count }, (_, i) => ['part' + i, text])) } }),
  onHide: () => addEventListener('pagehide', () => sdk.captureException(new Error('planned'))),
  flush: (ms) => sdk.flush(ms),
  traps: (dsn, rounds) => traps(sdk, dsn, rounds, ${JSON.stringify(crossing())}),
  empty: async () => {
    for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name);
  },
};
</script></html>`;

const healthy = () => ({});
/** Each: the plan of the server, what the page does, for how long is waited, how many events were captured. A figure may
 * be the scenario's own. */
const scenarios = [
  { name: '100 uncaught errors in a second', captured: 100, plan: healthy, run: (it) => it.ask('bench.paced(100, 10)'), waitMs: 2000, flush: true },
  {
    name: '10,000 errors at once',
    captured: 10_000,
    plan: healthy,
    run: async (it) => ({ ms: await it.ask('bench.atOnce(10000)') }),
    waitMs: 3000,
    flush: true,
  },
  ...[400, 413, 500].map((status) => ({
    name: `20 events, all answered ${status}`,
    captured: 20,
    plan: (n) => (n <= 20 ? { status } : {}),
    run: (it) => it.ask('bench.paced(20, 20)'),
    waitMs: 1500,
    flush: true,
  })),
  {
    name: '10 events, ten connections cut, then well',
    captured: 10,
    plan: (n) => (n <= 10 ? { destroy: true } : {}),
    run: (it) => it.ask('bench.paced(10, 20)'),
    waitMs: 30_000,
    until: (figures) => figures.delivered === 10,
    flush: true,
  },
  {
    name: '2 events, no answer within 1 s, then well',
    captured: 2,
    options: { requestTimeout: 1000 },
    plan: (n) => (n <= 4 ? { hang: true } : {}),
    run: (it) => it.ask('bench.paced(2, 20)'),
    waitMs: 15_000,
    until: (figures) => figures.delivered === 2,
  },
  {
    name: '429 for 60 s, then 20 events',
    captured: 21,
    plan: (n) => (n === 1 ? { status: 429, headers: { 'retry-after': '60' } } : {}),
    async run(it) {
      await it.ask('bench.paced(1, 20)');
      await sleep(500);
      await it.ask('bench.paced(20, 20)');
    },
    waitMs: 1000,
  },
  {
    name: '429 for 2 s, then 20 events, then one more',
    captured: 22,
    plan: (n) => (n === 1 ? { status: 429, headers: { 'retry-after': '2', 'access-control-expose-headers': 'retry-after' } } : {}),
    async run(it) {
      await it.ask('bench.paced(1, 20)');
      await sleep(500);
      await it.ask('bench.paced(20, 20)');
      await sleep(2000);
      await it.ask('void bench.atOnce(1)');
    },
    waitMs: 1000,
    flush: true,
  },
  ...[
    ['an error, then away', (it) => it.ask('void setTimeout(() => { location.href = "./away.html"; }), bench.atOnce(1)')],
    ['an error, then the tab is closed', async (it) => (await it.ask('void bench.atOnce(1)'), it.close())],
    ['an error while the page goes', (it) => it.ask('bench.onHide(), void (location.href = "./away.html")')],
    ['an event of 70 KB, then away', (it) => it.ask('bench.text("x".repeat(7000), 10), void (location.href = "./away.html")')],
  ].map(([name, run]) => ({ name: `${name}, 150 ms from the server`, captured: 1, plan: () => ({ delayMs: 150 }), run, waitMs: 1000 })),
  {
    name: 'an event of 75 KB of Chinese',
    captured: 1,
    plan: () => ({ delayMs: 150 }),
    run: (it) => it.ask('bench.text("語".repeat(2500), 10)'),
    waitMs: 1000,
  },
  ...[
    [
      'without a network, then with it',
      async (it) => {
        await it.offline(true);
        await it.ask('bench.paced(50, 10)');
        await sleep(500);
        await it.offline(false);
      },
    ],
    [
      'to nobody, the page is loaded anew, then well',
      async (it) => {
        it.answering(false);
        await it.ask('bench.paced(50, 10)');
        await sleep(1000);
        it.answering(true);
        await it.reload();
      },
    ],
    [
      'from two tabs to nobody, then well',
      async (it) => {
        it.answering(false);
        const second = await it.second();
        await Promise.all([it.ask('bench.paced(25, 10)'), second('bench.paced(25, 10)')]);
        await sleep(1000);
        it.answering(true);
      },
    ],
  ].map(([name, run]) => ({
    name: `50 events ${name}; offline store`,
    captured: 50,
    options: { kept: true },
    plan: (n, { answering }) => (answering ? {} : { destroy: true }),
    run,
    waitMs: 40_000,
    until: (figures) => figures.delivered === 50,
    flush: true,
  })),
  {
    name: '999 traps at every export, each with an event and one after it, scope kept; ms: until the next instance runs, p99',
    // And one for each trap at `discard`, dropped by a hook.
    captured: 999 + 888 + 111,
    ours: true,
    plan: healthy,
    wants: 'kept',
    async run(it) {
      const times = await it.ask(`bench.traps('${it.dsn}', 111)`);
      return { ms: times?.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? NaN };
    },
    waitMs: 1000,
    flush: true,
  },
].filter(({ name }) => name.includes(given.only));

async function play(browser, url, server, { plan, wants, run, options, waitMs, until, flush, captured }) {
  const pages = [];
  const open = async (page) => {
    await page.goto(url);
    await page.waitForFunction(() => globalThis.bench);
  };
  const begin = (page) => page.evaluate((dsn, options) => bench.init(dsn, options), server.dsn, options);
  const ask = (page) => (text) => page.evaluate(text).catch(() => {});
  const another = async () => {
    pages.push(await browser.page());
    await open(pages.at(-1));
    return pages.at(-1);
  };
  try {
    const opened = await another();
    await opened.evaluate(() => bench.empty());
    server.begin(plan, wants);
    await begin(opened);
    const own = await run({
      dsn: server.dsn,
      ask: ask(opened),
      answering: server.answering,
      offline: (yes) => opened.setOfflineMode(yes),
      close: () => opened.close(),
      async reload() {
        await open(opened);
        await begin(opened);
      },
      async second() {
        const page = await another();
        await begin(page);
        return ask(page);
      },
    });
    const end = Date.now() + waitMs;
    while (Date.now() < end && !until?.(server.figures())) await sleep(50);
    if (flush) {
      await opened.evaluate(() => bench.flush(2000)).catch(() => {});
      // What is counted is told when the page goes.
      await opened.goto('about:blank');
      await sleep(300);
    }
    const { delivered, twice, counted, requests } = server.figures();
    return { delivered, counted, unaccounted: captured - delivered - counted, twice, requests, ...own };
  } finally {
    for (const page of pages) if (!page.isClosed()) await page.close();
  }
}

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const peer = await bundlePeer('{ init, captureException, flush, makeBrowserOfflineTransport, makeFetchTransport }');
const own = JSON.parse(await readFile(join(dist, 'package.json'), 'utf8')).version;
const server = await startServer();
const away = '<!doctype html><title>away</title>';
const traps = await readFile(join(tests, 'browser/pages/traps.js'));
const site = await serve({
  '/tailcone/': (path) =>
    ({ 'index.html': page, 'away.html': away, 'traps.js': traps, 'sdk.js': "export * from './index.js'; export * from './offline.js';" })[path] ??
    readFile(join(dist, path)).catch(() => undefined),
  '/peer/': (path) => ({ 'index.html': page, 'away.html': away, 'traps.js': traps, 'sdk.js': peer.text })[path],
});
const browser = await launch('chromium', { networkEnabled: false });
const line = (...cells) => `| ${cells.join(' | ')} |`;
const figures = ['delivered', 'counted', 'unaccounted', 'twice', 'requests', 'ms'];
let wrong = 0;

try {
  console.log(`\nDelivery in Chromium, least and median of ${runs} runs:\n`);
  console.log(line('scenario', 'by', ...figures));
  console.log(line(...Array(figures.length + 2).fill('---')));
  for (const scenario of scenarios) {
    const seen = { tailcone: [], peer: [] };
    // What the peer has nothing of is played once: it is a thousand runs by itself.
    for (let run = 0; run < (scenario.ours ? 1 : runs); run++)
      for (const name of scenario.ours ? ['tailcone'] : run & 1 ? ['tailcone', 'peer'] : ['peer', 'tailcone'])
        seen[name].push(await play(browser, `${site.url}/${name}/index.html`, server, scenario));
    for (const [name, title] of [
      ['tailcone', `tailcone ${own}`],
      ['peer', `@sentry/browser ${peer.version}`],
    ]) {
      if (!seen[name][0]) continue;
      const cell = (key) => {
        const list = seen[name].map((figures) => figures[key]).filter((figure) => figure !== undefined);
        return list[0] === undefined ? '' : `${Math.round(Math.min(...list))} / ${Math.round(median(list))}`;
      };
      console.log(line(scenario.name, title, ...figures.map(cell)));
    }
    if (scenario.flush) wrong += seen.tailcone.filter(({ unaccounted }) => unaccounted !== 0).length;
    wrong += seen.tailcone.filter(({ twice }) => twice).length;
  }
} finally {
  await browser.close();
  await site.stop();
  server.stop();
}
console.log(wrong ? `\n${wrong} runs lost events uncounted, or delivered them twice.` : '\nNothing was lost uncounted, nothing delivered twice.');
process.exitCode = wrong ? 1 : 0;
