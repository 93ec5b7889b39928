// The site as a server has it: with an application of Hono's beside it, which under `/own` has an error handler.
import { Hono } from 'hono';
import { optionsOf, site } from './site.mjs';

function honoApp(tailcone, options) {
  const known = (context) => tailcone.getScope(context.req.raw).setTag('guest', context.req.query('guest'));
  const failing = (app) =>
    app
      .get('/fine', (context) => context.text('fine'))
      .get('/throw', (context) => {
        known(context);
        throw new TypeError('thrown in Hono');
      })
      .get('/null', (context) => {
        known(context);
        throw null;
      });
  const answered = failing(new Hono());
  answered.onError((error, context) => context.text(`own: ${error.message}`, 418));
  const asked = failing(new Hono().use(tailcone.middleware({ ...options, onError: (error, id) => new Response(`asked: ${id}`, { status: 503 }) })));
  const repanic = failing(new Hono().use(tailcone.middleware({ ...options, rePanic: true })));
  return failing(new Hono().basePath('/hono').use(tailcone.middleware(options)))
    .route('/own', answered)
    .mount('/asked', asked.fetch)
    .mount('/repanic', repanic.fetch);
}

/** What answers a request, with the options that the test gives as JSON. */
export function server(tailcone, options) {
  const own = tailcone.wrapHandler(optionsOf(options), site(tailcone));
  const hono = honoApp(tailcone, optionsOf(options));
  return (request) => (new URL(request.url).pathname.startsWith('/hono/') ? hono.fetch(request) : own(request));
}
