// An application of Hono's in Bun that books seats, and reports what goes wrong. `bun install && bun start` runs it; the
// variable SENTRY_DSN says where to.
import { Hono } from 'hono';
import { middleware, setTag } from 'tailcone/hono';

const taken = new Set(['12A']);

const app = new Hono();
app.use(
  middleware({
    sendRequest: true,
    onError: (error, id) => Response.json({ error: 'That did not work.', report: id }, { status: 500 }),
  }),
);
app.get('/book', (context) => {
  const seat = context.req.query('seat') ?? '12A';
  setTag('seat', seat);
  if (taken.has(seat)) throw new Error(`seat ${seat} is taken`);
  taken.add(seat);
  return context.json({ seat });
});

export default { port: Number(process.env.PORT ?? 3000), fetch: app.fetch };
