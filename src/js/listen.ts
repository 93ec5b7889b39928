// Listeners on the page or the worker, by `addEventListener`, so that nobody else's stop working.

import { attempt } from './instrument/index.js';

/** Adds a listener for each type; gives back what removes it. Does nothing where there are no events. */
export function listen(types: string[], listener: (event: Event) => void): () => void {
  const guarded = (event: Event): void => attempt(() => listener(event));
  const each = (how: 'add' | 'remove'): void => {
    // These two do not bubble.
    for (const type of types) globalThis[`${how}EventListener`]?.(type, guarded, /freeze|resume/.test(type));
  };
  each('add');
  return () => each('remove');
}
