// Vercel's edge functions, and what of an application of Next.js runs in the edge runtime: the module is an import of
// the kind that their builds know.

import wasm from './tailcone_bg.wasm?module';
import { listen } from '../listen.js';
import { given } from '../runtime.js';
import { get, tagOf } from '../values.js';

export * from './common.js';

given.wasm = wasm;
given.listen = (caught) => listen(['error', 'unhandledrejection'], (heard) => caught(eventOf(heard), false));

/** The runtime makes no events: it hands over the error itself, or a promise and its reason. */
function eventOf(heard: unknown): Event {
  if (typeof get(heard, 'type') === 'string') return heard as Event;
  const [type, key, tag] =
    tagOf(get(heard, 'promise')) === 'Promise' ? ['unhandledrejection', 'reason', 'PromiseRejectionEvent'] : ['error', 'error', 'ErrorEvent'];
  return { type, [key!]: key === 'reason' ? get(heard, key) : heard, [Symbol.toStringTag]: tag } as never;
}
