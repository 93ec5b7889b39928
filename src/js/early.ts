// Takes over from the loader: replays what happened before the main module was there, with its moments and ids.

import { CARRIER, type Carrier, type Entry } from './carrier.js';
import type { Client } from './client.js';
import { replay } from './id.js';
import type { Scope, Scopes } from './scope.js';

type Api = Record<string, (...args: unknown[]) => unknown>;

/** The loader's, if there is one and nobody has taken over from it. */
function find(): Carrier | undefined {
  const carrier = (globalThis as unknown as Record<symbol, Carrier | undefined>)[CARRIER];
  return carrier?.run ? undefined : carrier;
}

/** The main module is there: who waits for that is called, and an `init` that was called early is made good. */
export function announce(api: Api): void {
  const carrier = find();
  if (!carrier) return;
  const { queue, waiting, face } = carrier;
  face.init = api.init;
  for (const fn of waiting.splice(0)) quietly(fn);
  const early = queue.find((entry) => entry[2] === 'init');
  if (early && !carrier.run) quietly(() => api.init!(...early[3]));
}

/** A client is there. Called in the turn in which it begins to listen. */
export function takeOver(api: Api, client: Client, on: Scopes): void {
  const carrier = find();
  if (!carrier) return;
  carrier.off();
  const scopes: Scope[] = [on.current_];
  const outside: Scope[] = [];
  const run = ([at, scope, name, args, id, done]: Entry): void =>
    replay(at, id, () => {
      if (name === 'init') return;
      if (name === 'enter') {
        outside.push(on.current_);
        scopes[scope!] = on.current_ = on.current_.fork_();
      } else if (name === 'leave') on.current_ = outside.pop() ?? on.current_;
      else if (name === 'error' || name === 'unhandledrejection') client.caught_(args[0] as Event);
      else {
        const face = scope === undefined ? api : ((scope < 0 ? on.global_ : scopes[scope]) as unknown as Api);
        const result = face?.[name]?.(...args);
        done?.(result);
      }
    });
  carrier.run = (entry) => quietly(() => run(entry));
  for (const entry of carrier.queue.splice(0)) carrier.run(entry);
  if (outside[0]) on.current_ = outside[0];
  client.lose_(carrier.lost);
  Object.assign(carrier.face, api, { onLoad: quietly });
}

function quietly(fn: () => void): void {
  try {
    fn();
  } catch {
    // What the page gave the loader throws when it is called.
  }
}
