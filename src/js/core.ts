// Finds, compiles and guards the wasm module.

import init, * as glue from 'tailcone-glue';
import { adopt, attach, bury, forget, leave } from './host.js';
import type { Link, Owner } from './link.js';

const encoder = new TextEncoder();
let dead = false;

/** Calls into the module. A throw means that the instance has trapped: from then on it is never called again. */
function guard<T>(otherwise: T, call: () => T): T {
  if (dead) return otherwise;
  try {
    return call();
  } catch {
    dead = true;
    bury();
    return otherwise;
  }
}

attach({
  replied: (...answer) => guard(undefined, () => glue.replied(...answer)),
  tick: (client, now) => guard(undefined, () => glue.tick(client, now)),
});

export async function connect(options: string, owner: Owner, wasm: string | URL | undefined): Promise<Link> {
  // Once for all clients; after a failure the next one tries again.
  await init({ module_or_path: wasm ?? new URL('./tailcone_bg.wasm', import.meta.url) });
  const client = guard(0, () => glue.start(encoder.encode(options)));
  if (!client) throw new Error('it refused to start');
  adopt(client, owner);
  return {
    capture: (ticket, signal, breadcrumbs) =>
      guard(-1, () => glue.capture(client, ticket, encoder.encode(signal), encoder.encode(breadcrumbs), Date.now())),
    listen: (target, onError, onRejection) =>
      guard(false, () => {
        glue.listen(client, target, onError, onRejection);
        return true;
      }),
    unlisten: () => guard(undefined, () => glue.unlisten(client)),
    flush: (ticket, timeout) => guard(undefined, () => glue.flush(client, ticket, timeout, Date.now())),
    hide(hidden, going) {
      leave(going);
      guard(undefined, () => glue.hide(client, Date.now(), hidden));
    },
    discard: (reason, category, quantity) => guard(undefined, () => glue.discard(client, reason, category, quantity)),
    stop: () => {
      guard(undefined, () => glue.stop(client));
      forget(client);
    },
  };
}
