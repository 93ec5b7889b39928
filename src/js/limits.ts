// What the server does not want for now. The core's `limits` is the twin of this; `tests/fixtures/limits.json` pins both.

import { clock } from './clock.js';
import type { Answer } from './send.js';

export interface Limits {
  /** Learns the limits that an answer tells of. */
  learn_(answer: Answer): void;
  /** The end of what limits a category now, or 0. */
  limited_(category: string): number;
}

const enum Max {
  /** Where the server does not say for how long, and at most. */
  LimitS = 60,
  LimitMaxS = 86_400,
}

/** Milliseconds of a number of seconds, which may have a fraction; a begun second is waited for. */
const duration = (text: string): number =>
  1000 * (/^\s*-?\d+(\.\d+)?\s*$/.test(text) ? Math.min(Math.ceil(+text), Max.LimitMaxS) : Max.LimitS);

export function createLimits(): Limits {
  /** Until when a category is limited; the empty one is all of them. Of two limits the one that ends later stands. */
  const limits: Record<string, number> = {};
  return {
    learn_([status, header, retryAfter]) {
      const text = header.trim() || (status === 429 ? retryAfter.replace(/[,:]/g, ' ') + ':' : '');
      for (const limit of text ? text.split(',') : []) {
        const [seconds, names = ''] = limit.split(':');
        for (const name of names.trim() ? (names.match(/[^;\s]+/g) ?? []) : [''])
          limits[name] = Math.max(limits[name] ?? 0, clock() + duration(seconds!));
      }
    },
    limited_(category) {
      const until = Math.max(limits[''] ?? 0, limits[category] ?? 0);
      return until > clock() ? until : 0;
    },
  };
}
