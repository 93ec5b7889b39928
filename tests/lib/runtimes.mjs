// The runtimes that serve requests, each with the site of `tests/edge/site` in it, behind one interface.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { dist, needs, parts, root, tests } from './env.mjs';
import * as next from './next.mjs';
import { freePort, start, until } from './process.mjs';
import { workerd } from './workerd.mjs';

const folder = join(tests, 'edge/site');

/** How a file of JavaScript is run: its path follows, or flags and then its path. */
export const commands = {
  deno: [parts.deno[0], 'run', '--allow-all'],
  bun: [parts.bun[0]],
  node: [process.execPath],
};

/** What listens on the port that it is started with, and answers there under this path. */
export async function listening(begin, path = '/fine') {
  const port = await freePort();
  const server = begin(String(port));
  const base = `http://127.0.0.1:${port}`;
  await until(
    () => fetch(base + path).then(() => true, () => false),
    () => `the server to listen; it printed:\n${server.output()}`,
    { timeoutMs: 20_000 },
  );
  return { base, fetch: (path, init) => fetch(base + path, init), output: server.output, stop: () => server.stop() };
}

/** A program whose last arguments are the options and its port. */
export const program = ([command, ...args], options, variables) =>
  listening((port) => start(command, [...args, JSON.stringify(options), port], { env: { ...process.env, ...variables } }));

/** The site in an application of Next.js, which is built once. */
let built;
const application = async (options, variables) => {
  built ??= next.build([
    ['.', join(folder, 'next')],
    ['site.mjs', join(folder, 'site.mjs')],
    ['cases.mjs', join(folder, 'cases.mjs')],
  ]);
  const app = await built;
  return listening((port) => next.serve(app, port, { OPTIONS: JSON.stringify(options), ...variables }));
};

/** The site as a Cloudflare Worker, with these flags of compatibility. */
async function worker(options, variables, ...compatibilityFlags) {
  const own = readdirSync(folder).filter((name) => /^(worker|site|cases)\.mjs$/.test(name)).map((name) => join(folder, name));
  const paths = [...own.sort().reverse(), join(dist, 'cloudflare.js'), join(dist, 'edge.js'), join(dist, 'tailcone_bg.wasm')];
  const { kCurrentWorker } = await import('miniflare');
  const { miniflare, output, stop } = await workerd(root, paths, {
    durableObjects: { ROOM: 'Room' },
    tails: [kCurrentWorker],
    bindings: { OPTIONS: JSON.stringify(options), ...variables },
    compatibilityFlags,
  });
  return {
    fetch: (path, init) => miniflare.dispatchFetch(`http://site.example${path}`, init),
    worker: () => miniflare.getWorker(),
    output,
    stop,
  };
}

/** By name: what they lack, whether they tell whose turn it is, whether the site has an application of Hono's there, what
 * events call them and their file if not as usual, and how they are started with options of the site and variables of the
 * environment. */
export const runtimes = {
  workerd: { missing: needs(parts.dist, parts.workerd), ambient: false, called: 'cloudflare', start: worker },
  'workerd with nodejs_compat': {
    missing: needs(parts.dist, parts.workerd),
    ambient: true,
    called: 'cloudflare',
    start: (options, variables) => worker(options, variables, 'nodejs_compat'),
  },
  'edge-runtime': {
    missing: needs(parts.dist, parts.edgeRuntime),
    ambient: false,
    called: 'vercel-edge',
    start: (...how) => program([...commands.node, join(folder, 'edge-runtime.mjs'), 'without'], ...how),
  },
  'edge-runtime with AsyncLocalStorage': {
    missing: needs(parts.dist, parts.edgeRuntime),
    ambient: true,
    called: 'vercel-edge',
    start: (...how) => program([...commands.node, join(folder, 'edge-runtime.mjs'), 'AsyncLocalStorage'], ...how),
  },
  'Next.js': {
    missing: needs(parts.dist, parts.next),
    ambient: true,
    called: 'vercel-edge',
    file: /\.next\/server\/edge\//,
    start: application,
  },
  deno: {
    missing: needs(parts.dist, parts.deno),
    ambient: true,
    hono: true,
    start: (...how) => program([...commands.deno, join(folder, 'deno.mjs')], ...how),
  },
  bun: {
    missing: needs(parts.dist, parts.bun),
    ambient: true,
    hono: true,
    start: (...how) => program([...commands.bun, join(folder, 'bun.mjs')], ...how),
  },
  node: {
    missing: needs(parts.dist),
    ambient: true,
    hono: true,
    start: (...how) => program([...commands.node, join(folder, 'node.mjs')], ...how),
  },
};

/** To be called in a suite: gives the site with these options in a runtime, started when it is first asked for. */
export function sitesIn(runtime, inbox) {
  const sites = new Map();
  after(() => Promise.all([...sites.values()].map(async (site) => (await site).stop())));
  return (options = {}) => {
    const key = JSON.stringify(options);
    if (!sites.has(key)) sites.set(key, runtime.start({ dsn: inbox.dsn, ...options }));
    return sites.get(key);
  };
}
