// Event ids and the time of a capture: now, unless an early call is being replayed.

import { clock } from './clock.js';
import type { EventId } from './types.js';

/** The moment and the id that an early call had when the page made it. */
let replayed: [at: number, id?: EventId | undefined] | undefined;
let count = 0;

/** Runs `fn` as if it were called at another moment, with an id that has been given away already. */
export function replay(at: number, id: EventId | undefined, fn: () => void): void {
  replayed = [at, id];
  try {
    fn();
  } finally {
    replayed = undefined;
  }
}

/** Milliseconds since the epoch. */
export const now = (): number => (replayed ? replayed[0] : clock());

/** 32 lowercase hexadecimal digits. */
export function mint(): EventId {
  let id = replayed?.[1] ?? '';
  try {
    if (__EDGE__) id ||= crypto.randomUUID().replace(/-/g, '');
    else if (!id) for (const byte of crypto.getRandomValues(new Uint8Array(16))) id += (byte + 256).toString(16).slice(1);
  } catch {
    // The page has broken it. Unique on this page at least.
    id = (++count).toString(16);
    id = clock().toString(16).padEnd(32 - id.length, '0') + id;
  }
  return id;
}
