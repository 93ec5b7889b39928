// An application of Express's that books seats, and reports what goes wrong. `npm start` runs it; the variable SENTRY_DSN
// says where to.
import express from 'express';
import { errorHandler, requestHandler, setTag } from 'tailcone/node';

const taken = new Set(['12A']);

const app = express();
app.use(requestHandler({ sendRequest: true }));
app.get('/book', async (request, response) => {
  const seat = request.query.seat ?? '12A';
  setTag('seat', seat);
  if (taken.has(seat)) throw new Error(`seat ${seat} is taken`);
  taken.add(seat);
  response.json({ seat });
});
// After all routes.
app.use(errorHandler({ onError: (error, id, request, response) => response.status(500).json({ report: id }) }));

app.listen(Number(process.env.PORT ?? 3000));
