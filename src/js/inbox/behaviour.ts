// What the inbox is told to answer instead of the usual: statuses, headers, delays, silence. For tests of senders.

import type { JsonObject } from './json.js';
import { isCount, isObject, type Json, show } from './json.js';

export interface Behaviour {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  delayMs?: number;
  /** Takes the request and never answers. */
  hang?: boolean;
  /** Takes the request and cuts the connection. */
  destroy?: boolean;
  /** For how many requests; without it, until told otherwise. */
  times?: number;
}

const RULES: Record<keyof Behaviour, [good: (value: Json) => boolean, expected: string]> = {
  status: [(v) => isCount(v) && v >= 200 && v <= 599, 'an integer from 200 to 599'],
  headers: [
    (v) =>
      isObject(v) &&
      Object.entries(v).every(([name, value]) => /^[\w-]+$/.test(name) && typeof value === 'string' && /^[\t\x20-\x7e]*$/.test(value)),
    'an object of header names and texts',
  ],
  body: [(v) => typeof v === 'string', 'a string'],
  delayMs: [(v) => isCount(v) && v <= 600_000, 'an integer from 0 to 600000'],
  hang: [(v) => typeof v === 'boolean', 'true or false'],
  destroy: [(v) => typeof v === 'boolean', 'true or false'],
  times: [(v) => isCount(v) && v > 0, 'a positive integer'],
};

/** The behaviour, or one sentence about what is wrong with it. */
export function readBehaviour(value: Json): Behaviour | string {
  if (!isObject(value)) return `A behaviour must be an object, not ${show(value)}.`;
  for (const [key, given] of Object.entries(value)) {
    const rule = Object.hasOwn(RULES, key) ? RULES[key as keyof Behaviour] : undefined;
    if (!rule) return `${key} is not a known field of a behaviour: they are ${Object.keys(RULES).join(', ')}.`;
    if (!rule[0](given)) return `${key} must be ${rule[1]}, not ${show(given)}.`;
  }
  return value as JsonObject & Behaviour;
}

/** The behaviour in force, counted down per request. */
export class Control {
  private current: Behaviour = {};

  set(behaviour: Behaviour): void {
    this.current = { ...behaviour };
  }

  get(): Behaviour {
    return this.current;
  }

  /** What to do with the request that has just arrived. */
  next(): Behaviour {
    const behaviour = this.current;
    if (behaviour.times !== undefined) this.current = behaviour.times > 1 ? { ...behaviour, times: behaviour.times - 1 } : {};
    return behaviour;
  }
}
