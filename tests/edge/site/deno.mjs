// The site in Deno.
import * as tailcone from '../../../dist/server.js';
import { optionsOf, site } from './site.mjs';

const [options, port] = Deno.args;
Deno.serve({ port: Number(port), hostname: '127.0.0.1', onListen: () => {} }, tailcone.wrapHandler(optionsOf(options), site(tailcone)));
