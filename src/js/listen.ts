// Listeners on the page or the worker, by `addEventListener`, so that nobody else's stop working.

/** Adds a listener for each type, or removes it; gives back what removes it. Does nothing where there are no events. */
export function listen(types: string[], listener: (event: Event) => void, how: 'add' | 'remove' = 'add'): () => void {
  for (const type of types) globalThis[`${how}EventListener`]?.(type, listener);
  return () => void listen(types, listener, 'remove');
}
