// A server in Deno that books seats, and reports what goes wrong. `deno task start` runs it; the variable SENTRY_DSN says
// where to.
import { setTag, wrapHandler } from 'tailcone/deno';

const taken = new Set(['12A']);

const handler = wrapHandler({ sendRequest: true }, (request) => {
  const { pathname, searchParams } = new URL(request.url);
  const seat = searchParams.get('seat') ?? '12A';
  // Of this request only, whatever else is served.
  setTag('seat', seat);
  if (pathname === '/book' && taken.has(seat)) throw new Error(`seat ${seat} is taken`);
  return Response.json({ seat, taken: taken.has(seat) });
});

Deno.serve({ port: Number(Deno.env.get('PORT') ?? 8000) }, handler);
