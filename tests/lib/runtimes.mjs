// The runtimes that serve requests, each with the site of `tests/edge/site` in it, behind one interface.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { dist, needs, parts, root, tests } from './env.mjs';
import { freePort, start, until } from './process.mjs';
import { COMPATIBILITY } from './workerd.mjs';

const folder = join(tests, 'edge/site');

/** A program that listens on a port, which is its last argument. */
async function program(command, args, options) {
  const port = await freePort();
  const server = start(command, [...args, JSON.stringify(options), String(port)]);
  const base = `http://127.0.0.1:${port}`;
  await until(
    () => fetch(`${base}/fine`).then(({ ok }) => ok, () => false),
    () => `the server to listen; it printed:\n${server.output()}`,
    { timeoutMs: 20_000 },
  );
  return { fetch: (path, init) => fetch(base + path, init), output: server.output, stop: () => server.stop() };
}

/** workerd, by miniflare. */
async function workerd(options, { flags = [] } = {}) {
  const { Miniflare } = await import('miniflare');
  const own = readdirSync(folder).filter((name) => /^(worker|site)\.mjs$/.test(name)).map((name) => join(folder, name));
  const paths = [...own.sort().reverse(), join(dist, 'cloudflare.js'), join(dist, 'edge.js'), join(dist, 'tailcone_bg.wasm')];
  const printed = [];
  const miniflare = new Miniflare({
    modulesRoot: root,
    modules: paths.map((path) => ({ type: path.endsWith('.wasm') ? 'CompiledWasm' : 'ESModule', path })),
    durableObjects: { ROOM: 'Room' },
    bindings: { OPTIONS: JSON.stringify(options) },
    compatibilityDate: COMPATIBILITY,
    compatibilityFlags: flags,
    handleRuntimeStdio: (...streams) => streams.forEach((stream) => stream.on('data', (text) => printed.push(String(text)))),
  });
  await miniflare.ready;
  return {
    fetch: (path, init) => miniflare.dispatchFetch(`http://site.example${path}`, init),
    worker: () => miniflare.getWorker(),
    output: () => printed.join(''),
    stop: () => miniflare.dispose(),
  };
}

/** By name: what they lack, whether they tell whose turn it is, whether the site has an application of Hono's there, and how they are started with options of the site. */
export const runtimes = {
  workerd: { missing: needs(parts.dist, parts.workerd), ambient: false, start: workerd },
  'workerd with nodejs_compat': {
    missing: needs(parts.dist, parts.workerd),
    ambient: true,
    start: (options) => workerd(options, { flags: ['nodejs_compat'] }),
  },
  deno: {
    missing: needs(parts.dist, parts.deno),
    ambient: true,
    hono: true,
    start: (options) => program(parts.deno[0], ['run', '--allow-all', join(folder, 'deno.mjs')], options),
  },
  bun: {
    missing: needs(parts.dist, parts.bun),
    ambient: true,
    hono: true,
    start: (options) => program(parts.bun[0], [join(folder, 'bun.mjs')], options),
  },
  node: { missing: needs(parts.dist), ambient: true, hono: true, start: (options) => program(process.execPath, [join(folder, 'node.mjs')], options) },
};
