// The clock, the timers and Promise as they were when the package was loaded: a page may break them, or put others in
// their place.

import { attempt } from './instrument/patch.js';

/** Milliseconds since the epoch. */
export const { now: clock } = Date;

const { setTimeout: wait } = globalThis;
export const { clearTimeout: forget, Promise } = globalThis;

/** Runs `fn` after a while. Nothing that goes wrong in it reaches the page. */
export const later = (fn: () => void, ms: number): ReturnType<typeof wait> => wait(() => attempt(fn), ms);
