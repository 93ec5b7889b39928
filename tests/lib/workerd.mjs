// The runtime of Cloudflare Workers, by miniflare, with one of the example Workers in it.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { apps } from './env.mjs';

/** What Cloudflare means by its APIs: how they were at this time. */
export const COMPATIBILITY = '2026-04-01';

/** Starts the app of this name with these variables; `get(path)` gives `{status, text, ms}`. */
export async function startWorker(name, bindings = {}) {
  const { Miniflare } = await import('miniflare');
  const folder = join(apps, name);
  const files = readdirSync(folder, { recursive: true }).filter((file) => /(?<!\.d)\.(?:m?js|wasm)$/.test(file));
  // The first is the one that is run.
  files.sort((a, b) => b.endsWith('.mjs') - a.endsWith('.mjs'));
  const miniflare = new Miniflare({
    modulesRoot: folder,
    modules: files.map((file) => ({
      type: file.endsWith('.wasm') ? 'CompiledWasm' : 'ESModule',
      path: join(folder, file),
    })),
    bindings,
    compatibilityDate: COMPATIBILITY,
    // Its lines are those of panics and errors, which are planned.
    handleRuntimeStdio: (...streams) => streams.forEach((stream) => stream.resume()),
  });
  await miniflare.ready;
  return {
    async get(path) {
      const start = performance.now();
      const response = await miniflare.dispatchFetch(`http://shop.example${path}`);
      return { status: response.status, text: firstLine(await response.text()), ms: performance.now() - start };
    },
    stop: () => miniflare.dispose(),
  };
}

/** The page for an error goes on with a stack. */
const firstLine = (text) => text.split('\n')[0];
