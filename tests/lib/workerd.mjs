// The runtime of Cloudflare Workers, by miniflare, and one of the example Workers in it.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { apps } from './env.mjs';

/** What Cloudflare means by its APIs: how they were at this time. */
const COMPATIBILITY = '2026-04-01';

/** Starts a worker of these files, the first of which is run, with what else miniflare is to know of it, and of others
 * beside it by their names and texts; and what they print. */
export async function workerd(modulesRoot, paths, options, beside = {}) {
  const { Miniflare } = await import('miniflare');
  const printed = [];
  const modules = paths.map((path) => ({ type: path.endsWith('.wasm') ? 'CompiledWasm' : 'ESModule', path }));
  const others = Object.entries(beside).map(([name, script]) => ({ name, script, modules: true, compatibilityDate: COMPATIBILITY }));
  const miniflare = new Miniflare({
    workers: [{ name: 'main', modulesRoot, modules, compatibilityDate: COMPATIBILITY, ...options }, ...others],
    unsafeTriggerHandlers: true,
    handleRuntimeStdio: (...streams) => streams.forEach((stream) => stream.on('data', (text) => printed.push(String(text)))),
  });
  await miniflare.ready;
  return { miniflare, output: () => printed.join(''), stop: () => miniflare.dispose() };
}

/** Bundles a Worker as wrangler would; gives its files, the first of which is to be run. */
export async function bundleWorker(entry, outdir, options) {
  const { metafile } = await build({
    entryPoints: [entry],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['node:*', 'cloudflare:*'],
    loader: { '.wasm': 'copy' },
    assetNames: '[name]',
    metafile: true,
    ...options,
  });
  const names = Object.keys(metafile.outputs).map((path) => basename(path));
  return names.sort((a, b) => b.endsWith('.mjs') - a.endsWith('.mjs')).map((name) => join(outdir, name));
}

/** Starts the app of this name with these variables; `get(path)` gives `{status, text, ms}`. */
export async function startWorker(name, bindings = {}) {
  const folder = join(apps, name);
  const files = readdirSync(folder, { recursive: true }).filter((file) => /(?<!\.d)\.(?:m?js|wasm)$/.test(file));
  files.sort((a, b) => b.endsWith('.mjs') - a.endsWith('.mjs'));
  const { miniflare, stop } = await workerd(
    folder,
    files.map((file) => join(folder, file)),
    { bindings },
  );
  return {
    async get(path) {
      const start = performance.now();
      const response = await miniflare.dispatchFetch(`http://shop.example${path}`);
      return { status: response.status, text: firstLine(await response.text()), ms: performance.now() - start };
    },
    stop,
  };
}

/** The page for an error goes on with a stack. */
const firstLine = (text) => text.split('\n')[0];
