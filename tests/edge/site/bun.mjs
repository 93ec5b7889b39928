// The site in Bun.
import * as tailcone from '../../../dist/server.js';
import { honoApp } from './hono.mjs';
import { optionsOf, site } from './site.mjs';

const [options, port] = process.argv.slice(2);
const own = tailcone.wrapHandler(optionsOf(options), site(tailcone));
const hono = honoApp(tailcone, optionsOf(options));
const isHono = (request) => new URL(request.url).pathname.startsWith('/hono/');
Bun.serve({ port: Number(port), hostname: '127.0.0.1', development: false, fetch: (request) => (isHono(request) ? hono.fetch(request) : own(request)) });
