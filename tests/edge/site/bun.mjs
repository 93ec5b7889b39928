// The site in Bun.
import * as tailcone from '../../../dist/server.js';
import { optionsOf, site } from './site.mjs';

const [options, port] = process.argv.slice(2);
Bun.serve({ port: Number(port), hostname: '127.0.0.1', development: false, fetch: tailcone.wrapHandler(optionsOf(options), (request) => site(tailcone)(request)) });
