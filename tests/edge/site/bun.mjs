// The site in Bun.
import * as tailcone from '../../../dist/server.js';
import { server } from './server.mjs';

const [options, port] = process.argv.slice(2);
Bun.serve({ port: Number(port), hostname: '127.0.0.1', development: false, fetch: server(tailcone, options) });
