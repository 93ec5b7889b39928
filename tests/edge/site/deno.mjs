// The site in Deno.
import * as tailcone from '../../../dist/server.js';
import { honoApp } from './hono.mjs';
import { optionsOf, site } from './site.mjs';

const [options, port] = Deno.args;
const own = tailcone.wrapHandler(optionsOf(options), site(tailcone));
const hono = honoApp(tailcone, optionsOf(options));
const isHono = (request) => new URL(request.url).pathname.startsWith('/hono/');
Deno.serve({ port: Number(port), hostname: '127.0.0.1', onListen: () => {} }, (request) => (isHono(request) ? hono.fetch(request) : own(request)));
