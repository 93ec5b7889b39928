// Breadcrumbs of what the page says on its console.

import { clock } from '../clock.js';
import { scrubText } from '../scrub.js';
import { cut, describe } from '../values.js';
import { patch, tell } from './patch.js';

const enum Max {
  Message = 2048,
  /** So many within so many milliseconds; the rest of that time costs next to nothing. */
  Burst = 100,
  BurstMs = 100,
}

export function watchConsole(): void {
  let since = 0;
  let count = 0;
  for (const name of ['debug', 'info', 'log', 'warn', 'error', 'assert'] as const) {
    patch(console, name, (args) => {
      const at = clock();
      const failed = name === 'assert';
      if (failed && args[0]) return;
      // A clock may be put back.
      if (Math.abs(at - since) > Max.BurstMs) {
        since = at;
        count = 0;
      }
      if (count++ >= Max.Burst) return;
      args = args.slice();
      if (failed) args[0] = 'Assertion failed:';
      let text = '';
      for (const arg of args) if (text.length < Max.Message) text += (text && ' ') + describe(arg, Max.Message);
      const message = cut(scrubText(text), Max.Message);
      const level = failed ? 'error' : name === 'warn' ? 'warning' : name;
      tell('console', () => ({ category: 'console', level, message }), { args });
    });
  }
}
