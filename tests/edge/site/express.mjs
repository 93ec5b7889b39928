// Applications of Express's, and a plain server of Node's, which share a port with the site in Node.
import express5 from 'express';
import express4 from 'express4';
import { sleep } from '../../lib/process.mjs';
import { optionsOf } from './site.mjs';

/** Handlers that fail, each in its own way. */
function failing(tailcone, router) {
  const known = (request) => {
    const { guest } = request.query;
    tailcone.setTag('guest', guest);
    tailcone.getScope(request).setUser({ id: guest }).addBreadcrumb({ message: `${guest} came`, category: 'site' });
    return guest;
  };
  return router
    .get('/fine', (request, response) => response.send('fine'))
    .get('/throw', (request) => {
      known(request);
      throw new TypeError('thrown in Express');
    })
    .get('/reject', async (request) => {
      known(request);
      await sleep(2);
      throw new RangeError('rejected in Express');
    })
    .get('/next', (request, response, next) => {
      known(request);
      setTimeout(() => next(new Error('handed on in Express')), 2);
    })
    .get('/gone', (request, response, next) => {
      known(request);
      next(Object.assign(new Error('it is gone'), { status: 410 }));
    })
    .get('/message', async (request, response) => {
      const guest = known(request);
      await sleep(Math.random() * 10);
      response.send(tailcone.captureMessage(`hello ${guest}`));
    })
    .get('/address', (request, response) => response.send(tailcone.captureMessage('from somewhere')))
    .post('/body', (request) => {
      known(request);
      throw new Error('with a body');
    });
}

function application(tailcone, text, express, place) {
  const answered = failing(tailcone, express.Router());
  const asked = failing(tailcone, express.Router()).use(
    tailcone.errorHandler({ onError: (error, id, request, response) => response.status(503).send(`asked: ${id}`) }),
  );
  const choosy = failing(tailcone, express.Router()).use(tailcone.errorHandler({ shouldHandleError: ({ status }) => status === 410 }));
  const app = express();
  app.use(tailcone.requestHandler(optionsOf(text)));
  app.use(express.json());
  app.use(`${place}/asked`, asked);
  app.use(`${place}/choosy`, choosy, (error, request, response, next) => response.status(418).send(`own: ${error.message}`));
  app.use(place, answered);
  app.use(tailcone.errorHandler());
  app.use((error, request, response, next) => response.status(error.status ?? 500).send(`own: ${error.message}`));
  return app;
}

/** What `createServer` calls. */
const listener = (tailcone, text) =>
  tailcone.wrapListener(optionsOf(text), async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://site.example');
    const guest = searchParams.get('guest');
    tailcone.setTag('guest', guest);
    tailcone.getScope(request).setUser({ id: guest }).addBreadcrumb({ message: `${guest} came`, category: 'site' });
    await sleep(Math.random() * 10);
    if (pathname === '/http/throw') throw new TypeError('thrown in a listener');
    response.end(tailcone.captureMessage(`hello ${guest}`));
  });

/** What serves a request, by how its path begins. */
export const servers = (tailcone, text) => ({
  express: application(tailcone, text, express5, '/express'),
  express4: application(tailcone, text, express4, '/express4'),
  http: listener(tailcone, text),
});
