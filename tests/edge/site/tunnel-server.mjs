// The tunnels in Deno, Bun and Node.
import { listen } from './listen.mjs';
import { tunnels } from './tunnels.mjs';

const [options, port] = globalThis.Deno ? Deno.args : process.argv.slice(2);
const { fetch } = tunnels(options);
const place = { port: Number(port), hostname: '127.0.0.1' };
if (globalThis.Deno) Deno.serve({ ...place, onListen: () => {} }, fetch);
else if (globalThis.Bun) Bun.serve({ ...place, development: false, fetch });
else listen(fetch, port);
