// What the loader and the main module know of each other. The number in the key is the version of this agreement, not
// of the package: a page may have loaders and modules of several releases, and those that do not agree do not meet.

import type { EventId } from './types.js';

export const CARRIER = Symbol.for('tailcone.loader.1');

/** A call, or something that nobody caught, with its moment. */
export type Entry = [
  at: number,
  /** The scope it is for: -1 global, 0 current, above that those of `withScope`; nothing for a plain function. */
  scope: number | undefined,
  /** A function's name; `error` or `unhandledrejection` with the event; `enter` and `leave` for `withScope`. */
  name: string,
  args: readonly unknown[],
  /** Of what is reported: the id that was given away. */
  id?: EventId | undefined,
  /** Takes what the real function gives back. */
  done?: ((value: unknown) => void) | undefined,
];

export interface Carrier {
  queue: Entry[];
  /** How many reports found the queue full. */
  lost: number;
  /** The public object. */
  face: Record<string, unknown>;
  /** Called when the main module is there. */
  waiting: (() => void)[];
  /** Set by the main module: from then on calls go there. */
  run?: (entry: Entry) => void;
  /** Takes the loader's listeners away. */
  off(): void;
}
