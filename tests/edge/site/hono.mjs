// An application of Hono's, with an error handler of its own under `/own`.
import { Hono } from 'hono';

export function honoApp(tailcone, options) {
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
