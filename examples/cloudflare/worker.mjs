// A Worker that books seats, and reports what goes wrong. `npm install && npm start` runs it; the variable SENTRY_DSN says
// where to.
import { getScope, withTailcone } from 'tailcone/cloudflare';

const taken = new Set(['12A']);

/** A job that the schedule in wrangler.jsonc calls for. */
async function release() {
  taken.clear();
}

export default withTailcone(
  // What the variables do not say. The release is that of the deployment, by the binding CF_VERSION_METADATA.
  { sendRequest: true, monitors: true },
  {
    async fetch(request, env, context) {
      const scope = getScope(request);
      const { pathname, searchParams } = new URL(request.url);
      const seat = searchParams.get('seat') ?? '12A';
      scope.setTag('seat', seat);
      scope.addBreadcrumb({ category: 'seats', message: `${seat} is asked for` });
      if (pathname === '/book') {
        // It is reported with the tag and the breadcrumb, and answered by an error of the runtime's as before.
        if (taken.has(seat)) throw new Error(`seat ${seat} is taken`);
        taken.add(seat);
        // What goes wrong after the response is reported, too.
        context.waitUntil(confirm(seat).catch((error) => scope.captureException(error)));
      }
      return Response.json({ seat, taken: taken.has(seat) });
    },
    scheduled: release,
  },
);

async function confirm(seat) {
  throw new Error(`no printer for the ticket of ${seat}`);
}
