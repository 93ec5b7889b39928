// `cargo xtask bench overhead [--runs N]`: what an SDK costs a Cloudflare Worker, in workerd with nodejs_compat: bytes, time
// until the first request is answered, and of a request without an error, and of one that throws what is sent and answered,
// how long it takes and how long it computes. Beside the handler alone, @sentry/cloudflare and toucan-js. On Linux only.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { tests } from '../lib/env.mjs';
import { bundleWorker, workerd } from '../lib/workerd.mjs';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '9' } } });
const RUNS = Number(values.runs);
const CALLS = { fine: 5000, throw: 500 };
const DSN = 'https://public@collector.example/1';
/** Takes what is sent, and says how many events there were. */
const SERVER = `let events = 0;
export default {
  async fetch(request) {
    if (request.method === 'GET') return new Response(events);
    if (/^{.*"type":"event"/m.test(await request.text())) events++;
    return new Response('{}');
  },
};`;
const folder = mkdtempSync(join(tmpdir(), 'tailcone-overhead-'));

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const kinds = ['bare', 'tailcone', 'sentry', 'toucan'];

/** Milliseconds that a process has computed, in all of its threads. */
function computed(pid) {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'));
  return threads.reduce((sum, text) => sum + Number(text.split(' ')[0]), 0) / 1e6;
}

/** The one process that this one has started. */
const child = () => readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').at(-1);

/** The files of a Worker, and their size as it is counted: compressed, the module too. */
async function bundled(kind) {
  const files = await bundleWorker(join(tests, `bench/overhead/${kind}.mjs`), join(folder, kind), { minify: true });
  const sizes = await Promise.all(files.map(async (file) => gzipSync(await readFile(file), { level: 9 }).length));
  return { files, bytes: sizes.reduce((a, b) => a + b) };
}

/** Starts a Worker, and gives how long that takes until its first request is answered. */
async function started(kind, files) {
  const start = performance.now();
  const options = { bindings: { DSN }, compatibilityFlags: ['nodejs_compat'], outboundService: 'server' };
  const { miniflare, stop } = await workerd(folder, files, options, { server: SERVER });
  const pid = child();
  const call = async (how, calls) => {
    const from = [performance.now(), computed(pid)];
    await (await miniflare.dispatchFetch(`http://site.example/?how=${how}&calls=${calls}`)).text();
    return [performance.now(), computed(pid)].map((to, at) => ((to - from[at]) / calls) * 1000);
  };
  await call('fine', 1);
  const ms = performance.now() - start;
  const server = await miniflare.getWorker('server');
  const events = async () => Number(await (await server.fetch('http://server.example/events')).text());
  return { ms, call, stop, events };
}

const rows = {};
for (const kind of kinds) rows[kind] = { ...(await bundled(kind)), starts: [], fine: [], throw: [] };
// The first run warms up.
for (let run = 0; run <= RUNS; run++)
  for (const kind of kinds) {
    const row = rows[kind];
    const { ms, call, stop, events } = await started(kind, row.files);
    if (run) row.starts.push(ms);
    for (const how of ['fine', 'throw']) {
      // The first calls are slower with everyone.
      await call(how, CALLS[how] / 10);
      const before = await events();
      const each = await call(how, CALLS[how]);
      if (run) row[how].push(each);
      row.sent = (await events()) - before;
    }
    await stop();
  }
rmSync(folder, { recursive: true, force: true });

const print = (...cells) => console.log(cells.map((cell, at) => String(cell).padEnd(at ? 16 : 12)).join(''));
print('', 'bytes (gzip)', 'start, ms', 'request, µs', 'error, µs', `sent of ${CALLS.throw}`);
for (const kind of kinds) {
  const { bytes, starts, sent, ...row } = rows[kind];
  const own = (name) => [0, 1].map((at) => median(row[name].map((times) => times[at])).toFixed(0)).join(' / ');
  print(kind, bytes, median(starts).toFixed(0), own('fine'), own('throw'), sent);
}
console.log(`Medians of ${RUNS} runs; of request and error how long it took, and how long workerd computed. Of start, request and error the first row is to be taken off: it is the handler alone.`);
