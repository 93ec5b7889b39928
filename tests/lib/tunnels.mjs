// Tunnels in every runtime, the server that they lead to, and what is sent through them.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { build } from 'esbuild';
import { dist, root, tests } from './env.mjs';
import { until } from './process.mjs';
import { commands, program, runtimes } from './runtimes.mjs';
import { workerd } from './workerd.mjs';

const folder = join(tests, 'edge/site');
const server = join(folder, 'tunnel-server.mjs');

/** A Worker of these files, with what else miniflare is to know of it. */
async function worker(paths, options) {
  const { miniflare, output, stop } = await workerd(root, paths, options);
  const base = String(await miniflare.ready).replace(/\/$/, '');
  return {
    base,
    fetch: (path, init) => fetch(base + path, init),
    /** Puts something into the queue, whatever it is. */
    enqueue: async (body) => (await miniflare.getQueueProducer('QUEUE')).send(body, { contentType: 'v8' }),
    output,
    stop,
  };
}

/** The tunnels in workerd. What is put into their queue is taken out at once. */
const startTunnels = (options) =>
  worker([join(folder, 'tunnel-worker.mjs'), join(folder, 'tunnels.mjs'), join(dist, 'tunnel.js')], {
    bindings: { OPTIONS: JSON.stringify(options) },
    queueProducers: { QUEUE: 'envelopes' },
    queueConsumers: { envelopes: { maxBatchSize: 100, maxBatchTimeout: 0.1, maxRetries: 100 } },
    ratelimits: { LIMITER: { simple: { limit: 3, period: 60 } } },
  });

/** The example, as its configuration says, but for these variables. */
export async function startExample(variables) {
  const folder = join(root, 'examples/tunnel');
  const { main, compatibility_date, vars, queues } = JSON.parse(await readFile(join(folder, 'wrangler.json'), 'utf8'));
  const { outputFiles } = await build({
    entryPoints: [join(folder, main)],
    alias: { 'tailcone/tunnel': join(dist, 'tunnel.js') },
    external: ['cloudflare:workers'],
    bundle: true,
    format: 'esm',
    write: false,
  });
  return worker([], {
    modules: true,
    script: outputFiles[0].text,
    compatibilityDate: compatibility_date,
    bindings: { ...vars, ...variables },
    queueProducers: Object.fromEntries(queues.producers.map(({ binding, queue }) => [binding, queue])),
    queueConsumers: Object.fromEntries(
      queues.consumers.map((consumer) => [
        consumer.queue,
        {
          maxBatchSize: consumer.max_batch_size,
          maxBatchTimeout: consumer.max_batch_timeout,
          maxRetries: consumer.max_retries,
          deadLetterQueue: consumer.dead_letter_queue,
        },
      ]),
    ),
  });
}

/** By name: what they lack, and how the tunnels are started with these sets of options. */
export const hosts = {
  workerd: { missing: runtimes.workerd.missing, start: startTunnels },
  deno: { missing: runtimes.deno.missing, start: (options) => program([...commands.deno, server], options) },
  bun: { missing: runtimes.bun.missing, start: (options) => program([...commands.bun, server], options) },
  node: { missing: runtimes.node.missing, start: (options) => program([...commands.node, server], options) },
};

/** A server that keeps all that it is asked, and answers as it is told: `answer(request)` gives {status, headers, body,
 * delayMs}; or `cut`: it hangs up at once, or `short`: before the end of its answer. */
export async function startUpstream() {
  let requests = [];
  let answer = () => ({});
  const http = createServer(async (request, response) => {
    const seen = { method: request.method, url: request.url, headers: request.headers, at: Date.now(), whole: false };
    requests.push(seen);
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
      seen.whole = true;
    } catch {
      // The tunnel has gone.
    }
    seen.body = Buffer.concat(chunks);
    if (!seen.whole) return;
    const { status = 200, headers = {}, body = '{"id":"1"}', delayMs = 0, cut, short } = answer(seen);
    seen.status = status;
    if (delayMs) await new Promise((done) => setTimeout(done, delayMs));
    if (cut) return request.socket.destroy();
    if (short) return response.writeHead(status, { 'content-length': '99' }).write('{', () => request.socket.destroy());
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  const listen = (port) => new Promise((done) => http.listen(port, '127.0.0.1', done));
  await listen(0);
  const { port } = http.address();
  const close = () => {
    http.closeAllConnections();
    return new Promise((done) => http.close(done));
  };
  return {
    port,
    dsn: `http://public@127.0.0.1:${port}/1`,
    requests: () => requests,
    answers: (how = {}) => (answer = typeof how === 'function' ? how : () => how),
    clear: () => (requests = []),
    /** Nobody listens until `up`. */
    down: close,
    up: () => listen(port),
    stop: close,
  };
}

export const id = () => randomUUID().replaceAll('-', '');

/** An envelope with an event, and how large it is to be. */
export function envelope(dsn, { event_id = id(), bytes = 0, random = false } = {}) {
  const event = { event_id, timestamp: Date.now() / 1000, platform: 'javascript', level: 'error', logentry: { formatted: 'sent through' } };
  const fill = () => (random ? Array.from({ length: bytes / 32 }, id).join('') : 'x'.repeat(bytes));
  return [{ event_id, dsn }, { type: 'event' }, bytes ? { ...event, extra: { fill: fill() } } : event].map((line) => JSON.stringify(line)).join('\n') + '\n';
}

/** The id of the event in an envelope. */
export const idOf = ({ body }) => JSON.parse(String(body).split('\n')[0]).event_id;

/**
 * Sends so many envelopes while the server is away, half of the time refusing connections and half answering 503. Gives
 * what became of them, once all have arrived or so many seconds have gone by since.
 */
export async function outage({ site, upstream, path, envelopes, seconds, patience }) {
  const begin = Date.now();
  const answers = {};
  const ids = Array.from({ length: envelopes }, id);
  await upstream.down();
  upstream.answers({ status: 503, body: 'away', headers: { 'content-type': 'text/html' } });
  const half = setTimeout(upstream.up, seconds * 500);
  let end = setTimeout(() => {
    upstream.answers();
    end = undefined;
  }, seconds * 1000);
  const waiting = ids.values();
  const send = async () => {
    for (const event_id of waiting) {
      const response = await site.fetch(path, { method: 'POST', body: envelope(upstream.dsn, { event_id }) });
      await response.arrayBuffer();
      answers[response.status] = (answers[response.status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 20 }, send));
  const sentMs = Date.now() - begin;
  const arrived = () => upstream.requests().filter(({ status }) => status === 200).map(idOf);
  await until(() => !end && new Set(arrived()).size >= envelopes, 'all', { timeoutMs: (seconds + patience) * 1000, everyMs: 100 }).catch(() => {});
  const ms = Date.now() - begin;
  // A second time would be later.
  await new Promise((done) => setTimeout(done, 1500));
  clearTimeout(half);
  const seen = arrived();
  const known = new Set(seen);
  return { answers, sentMs, ms, tries: upstream.requests().length, lost: ids.filter((id) => !known.has(id)).length, twice: seen.length - known.size };
}
