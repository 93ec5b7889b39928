// The site in Vercel's edge runtime: bundled as for Vercel, in a realm of its own. The module comes from Node's realm, as
// it does in Next.js; so does AsyncLocalStorage, which Next.js has and the bare runtime has not.
import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { createHandler, EdgeRuntime } from 'edge-runtime';

const [turns, options, port] = process.argv.slice(2);
const folder = dirname(fileURLToPath(import.meta.url));

/** `import module from './some.wasm?module'`, as Vercel's builds do it. */
const modules = {
  name: 'modules',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => ({ path: join(resolveDir, path.split('?')[0]), namespace: 'module' }));
    onLoad({ filter: /./, namespace: 'module' }, ({ path }) => ({ contents: `export default modules[${JSON.stringify(path)}]` }));
  },
};
const wasm = join(folder, '../../../dist/tailcone_bg.wasm');
const { outputFiles } = await build({
  stdin: {
    contents: `
      import * as tailcone from '../../../dist/vercel.js';
      import { optionsOf, site } from './site.mjs';
      const handle = tailcone.wrapHandler(optionsOf(options), site(tailcone));
      addEventListener('fetch', (event) => event.respondWith(handle(event.request, event)));`,
    resolveDir: folder,
  },
  bundle: true,
  write: false,
  plugins: [modules],
});

const runtime = new EdgeRuntime({
  initialCode: `${outputFiles[0].text}\n//# sourceURL=site.mjs`,
  extend(context) {
    const modules = { [wasm]: new WebAssembly.Module(readFileSync(wasm)) };
    return Object.assign(context, { options, modules, process: { env: process.env } }, turns === 'AsyncLocalStorage' && { AsyncLocalStorage });
  },
});
createServer(createHandler({ runtime }).handler).listen(Number(port), '127.0.0.1');
