// The site in Deno.
import * as tailcone from '../../../dist/server.js';
import { server } from './server.mjs';

const [options, port] = Deno.args;
Deno.serve({ port: Number(port), hostname: '127.0.0.1', onListen: () => {} }, server(tailcone, options));
