// What the hot path costs beside the newest @sentry/browser: the same page and server, one Chromium, by turns, medians.
//
// node tests/bench/hot-path.mjs [--rounds N]

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launch } from '../lib/browsers.mjs';
import { dist } from '../lib/env.mjs';
import { bundlePeer, startSink } from '../lib/peer.mjs';
import { until } from '../lib/process.mjs';
import { serve } from '../lib/serve.mjs';

const { values: given } = parseArgs({ options: { rounds: { type: 'string', default: '12' } } });
const rounds = Math.max(3, Number(given.rounds) || 0);
const burst = 25;

/** Rows of the table: the target is a ratio to the peer; rows without one are there to be looked at. `why` is said of a
 * target that is not met. */
const rows = [
  { key: 'addBreadcrumb', unit: 'µs', target: 0.25, why: 'every property of `data` is looked at before it is copied, so that no getter runs' },
  { key: 'setTag', unit: 'µs', target: 0.3 },
  { key: 'withScope', unit: 'µs', target: 0.1, why: 'a fork shares what it may, but is an object with six fields of its own' },
  { key: 'withScope+setTag', unit: 'µs', note: 'a callback that sets a tag' },
  { key: 'captureException', unit: 'µs', target: 0.4, lessBare: true, why: 'a profile shows the call of fetch with a long body; the own code of both is the smaller part', note: 'sent: main-thread CPU per event, beyond that of a bare request' },
  { key: 'captureException', unit: 'µs', note: 'the same with the request itself' },
  { key: 'captureException call', unit: 'µs', note: 'until it returns' },
  { key: 'first capture', unit: 'ms', target: 0.2, note: 'until its request starts, page idle before' },
  { key: 'init', unit: 'ms', target: 0.1, why: 'code that runs for the first time: the options, the DSN, the listeners, the wrappers for automatic breadcrumbs' },
];

/** In the page: the operations, each in a loop long enough for its clock. */
const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>bench</title>
<script type="module">
import * as sdk from './sdk.js';

const perCall = (times, fn) => {
  for (let i = 0; i < times >> 2; i++) fn(i);
  const began = performance.now();
  for (let i = 0; i < times; i++) fn(i);
  return ((performance.now() - began) * 1000) / times;
};
const errors = [];
const deep = (depth, text) => (depth ? deep(depth - 1, text) : new TypeError(text));

globalThis.bench = {
  init(dsn) {
    const began = performance.now();
    globalThis.client = sdk.init({ dsn, release: 'bench@1', dedupe: false, floodControl: false });
    return performance.now() - began;
  },
  settle: () => Promise.all([globalThis.client?.ready, new Promise((done) => setTimeout(done, 400))]).then(() => {}),
  firstCapture() {
    const error = deep(8, 'the first');
    performance.clearResourceTimings();
    const began = performance.now();
    sdk.captureException(error);
    return began;
  },
  firstRequest: () => performance.getEntriesByType('resource').find(({ name }) => name.includes('/envelope/'))?.startTime,
  hot: () => ({
    setTag: perCall(40000, (i) => sdk.setTag('tag' + (i & 7), 'value')),
    addBreadcrumb: perCall(20000, (i) =>
      sdk.addBreadcrumb({ category: 'ui.click', message: 'button#pay', level: 'info', data: { x: i, target: 'pay' } })),
    withScope: perCall(8000, () => sdk.withScope(() => {})),
    'withScope+setTag': perCall(8000, () => sdk.withScope((scope) => scope.setTag('step', 'pay'))),
  }),
  prepare(times, round) {
    errors.length = 0;
    for (let i = 0; i < times; i++) errors.push(deep(8, 'planned ' + round + ' ' + i));
  },
  capture() {
    const began = performance.now();
    for (const error of errors) sdk.captureException(error);
    return ((performance.now() - began) * 1000) / errors.length;
  },
};
</script></html>`;

/** The least that any SDK must do: the request by itself, with as many bytes as an event of either has here. */
const bare = `
let url;
const body = JSON.stringify({ event_id: '0'.repeat(32) }) + '\\n{"type":"event"}\\n' + JSON.stringify({ filler: 'x'.repeat(BYTES) });
export const init = ({ dsn }) => void (url = dsn.replace('public@', '').replace(/1$/, 'api/1/envelope/?sentry_key=public'));
export const captureException = () => void fetch(url, { method: 'POST', body, credentials: 'omit' }).then((answer) => answer.text());
export const setTag = () => {};
export const addBreadcrumb = setTag;
export const withScope = setTag;
`;

const median = (list) => {
  const sorted = [...list].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

async function measure(browser, url, sink, round) {
  const opened = await browser.page();
  try {
    const session = await opened.createCDPSession();
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const busy = async () => {
      const { metrics } = await session.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'TaskDuration').value * 1e6;
    };
    const ask = (text) => opened.evaluate(text);
    const delivered = (count) => until(() => sink.events() >= count, () => `${count} events; ${sink.events()} arrived`, { everyMs: 5 });

    await opened.goto(url);
    await opened.waitForFunction(() => globalThis.bench);
    const figures = { init: await ask(`bench.init(${JSON.stringify(sink.dsn)})`) };
    await ask('bench.settle()');

    await sink.clear();
    const began = await ask('bench.firstCapture()');
    await delivered(1);
    figures['first capture'] = (await until(() => ask('bench.firstRequest()'), 'the first request', { everyMs: 5 })) - began;

    Object.assign(figures, await ask('bench.hot()'));

    await ask(`bench.prepare(${burst}, ${round})`);
    await sink.clear();
    const before = await busy();
    figures['captureException call'] = await ask('bench.capture()');
    await delivered(burst);
    // The answers are handled, too, before the clock is read.
    await ask('new Promise((done) => setTimeout(done, 20))');
    figures.captureException = ((await busy()) - before) / burst;
    return figures;
  } finally {
    await opened.close();
  }
}

const peer = await bundlePeer('{ init, captureException, addBreadcrumb, setTag, withScope }');
const own = JSON.parse(await readFile(join(dist, 'package.json'), 'utf8')).version;

const sink = await startSink();
const site = await serve({
  '/tailcone/': (path) =>
    path === 'index.html' ? page : path === 'sdk.js' ? "export * from './index.js';" : readFile(join(dist, path)).catch(() => undefined),
  '/peer/': (path) => ({ 'index.html': page, 'sdk.js': peer.text })[path],
  '/bare/': (path) => ({ 'index.html': page, 'sdk.js': bare.replace('BYTES', sink.bytes()) })[path],
});
// The finest clock a page can have.
site.rule(/./, { headers: { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' } });
// Nothing watches the network: that would cost each request more than what is measured.
const browser = await launch('chromium', { networkEnabled: false });
const seen = { tailcone: {}, peer: {}, bare: {} };

try {
  // One round that does not count: caches are warm for both then.
  for (let round = -1; round < rounds; round++) {
    for (const name of round & 1 ? ['tailcone', 'bare', 'peer'] : ['peer', 'bare', 'tailcone']) {
      const figures = await measure(browser, `${site.url}/${name}/index.html`, sink, round);
      if (round < 0) continue;
      for (const [key, value] of Object.entries(figures)) (seen[name][key] ??= []).push(value);
    }
    process.stderr.write('.');
  }
} finally {
  process.stderr.write('\n');
  await browser.close();
  await site.stop();
  sink.stop();
}

// The breadcrumb loop leaves 100 of them, the most there can be by default: each event carries that many.
const shown = (value, unit) => `${value < 0.1 ? value.toFixed(3) : value < 100 ? value.toFixed(2) : value.toFixed(0)} ${unit}`;
const line = (...cells) => `| ${cells.join(' | ')} |`;
console.log(`\nThe hot path in Chromium, medians of ${rounds} paired rounds:\n`);
console.log(line('operation', `tailcone ${own}`, `@sentry/browser ${peer.version}`, 'ratio', 'target', ''));
console.log(line('---', '---', '---', '---', '---', '---'));
const reasons = [];
for (const { key, unit, target, note, why, lessBare } of rows) {
  const base = lessBare ? median(seen.bare[key]) : 0;
  const [mine, theirs] = [median(seen.tailcone[key]) - base, median(seen.peer[key]) - base];
  const ratio = mine / theirs;
  if (target && ratio > target && why) reasons.push(`${key}: ${why}.`);
  console.log(
    line(
      note ? `${key} (${note})` : key,
      shown(mine, unit),
      shown(theirs, unit),
      ratio.toFixed(3),
      target ? `≤ ${target}` : '',
      target ? (ratio <= target ? 'met' : 'not yet') : '',
    ),
  );
}
if (reasons.length) console.log(`\nNot yet, because:\n${reasons.map((reason) => `- ${reason}`).join('\n')}`);
