// Tunnels as a site may have them, by path: one for each set of options.
import { createTunnel } from '../../../dist/tunnel.js';

/** `text`: the options by name, as JSON, which has no functions: `addressIn` is a header, `more` adds others by name. */
export function tunnels(text, more = () => ({})) {
  const made = new Map();
  for (const [name, { addressIn, ...options }] of Object.entries(JSON.parse(text))) {
    const clientAddress = addressIn && ((request) => request.headers.get(addressIn));
    made.set(`/${name}`, createTunnel({ ...options, ...(addressIn && { clientAddress }), ...more(name) }));
  }
  return {
    queue: (...args) => made.get('/queue').queue(...args),
    fetch(request, ...rest) {
      const { pathname } = new URL(request.url);
      return pathname === '/fine' ? new Response('fine') : made.get(pathname).fetch(request, ...rest);
    },
  };
}
