// A program in Node, Bun or Deno that serves requests without a server, a thousand at a time, and prints what memory is in
// use after each time: `[{heap, wasm}, …]`, in bytes.
import { wasmBytes } from './memories.mjs';
import * as tailcone from '../../../dist/server.js';
import { optionsOf, site } from './site.mjs';

const handle = tailcone.wrapHandler(optionsOf(process.argv[2]), site(tailcone));
const collect = () => (globalThis.Bun ? Bun.gc(true) : globalThis.gc());

async function serve(count) {
  for (let at = 0; at < count; at += 50) {
    const ask = async (_, i) => {
      const how = ['capture', 'throw', 'nothing', 'nothing'][i % 4];
      const response = await handle(new Request(`http://site.example/busy?guest=g${at + i}&how=${how}`)).catch(() => undefined);
      await response?.text();
    };
    await Promise.all(Array.from({ length: 50 }, ask));
    await tailcone.flush(10_000);
  }
}

const seen = [];
for (let round = 0; round < 4; round++) {
  await serve(1000);
  for (let times = 0; times < 3; times++) {
    collect();
    await new Promise((done) => setTimeout(done, 50));
  }
  seen.push({ heap: process.memoryUsage().heapUsed, wasm: wasmBytes() });
}
console.log(JSON.stringify(seen));
process.exit(0);
