// What the application does to an event: event processors and `beforeSend`, one after the other.

import { later } from './clock.js';
import type { ErrorEvent, EventProcessor, Hint } from './types.js';
import { isObject } from './values.js';
import { onBehalf } from './invocation.js';

const PATIENCE_MS = 5000;

/** Runs the steps in their order, in this turn as far as they answer in it. `done` gets what they made of the event, or
 * nothing when one dropped it; then `failure` says whether that was by a failure. */
export function through(
  steps: readonly EventProcessor[],
  event: ErrorEvent,
  hint: Hint,
  done: (event: ErrorEvent | undefined, failure?: unknown) => void,
): void {
  const [step, ...rest] = steps;
  if (!step) return done(event);
  let over = false;
  const fail = (error: unknown): void => settle(undefined, error ?? 'nothing');
  const settle = (made: ErrorEvent | undefined, failure?: unknown): void => {
    if (over) return;
    over = true;
    if (made) through(rest, made, hint, done);
    else done(made, failure);
  };
  const next = (made: unknown): void => {
    if (made === null) settle(undefined);
    else if (isObject(made)) settle(made as ErrorEvent);
    else fail('it gave no event back');
  };
  try {
    const made = step(event, hint);
    if (!isObject(made) || !('then' in made)) return next(made);
    later(() => fail('it took longer than 5 s'), PATIENCE_MS);
    Promise.resolve(made).then(__EDGE__ ? onBehalf(next) : next, fail);
  } catch (error) {
    fail(error);
  }
}
