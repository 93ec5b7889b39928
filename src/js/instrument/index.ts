// Automatic breadcrumbs. The page is patched once, however many clients watch, and put right when the last one leaves.

import { watchConsole } from './console.js';
import { watchDom } from './dom.js';
import { watchFetch } from './fetch.js';
import { watchHistory } from './history.js';
import { attempt, collect, join, wanted, type Kind, type Kinds, type Watch } from './patch.js';
import { watchXhr } from './xhr.js';

export { attempt, mute, originalOf, type Kind, type Kinds, type Watch } from './patch.js';

const INSTRUMENTS: [Kind, install: () => void, undo?: ReturnType<typeof collect> | undefined][] = [
  ['console', watchConsole],
  ['dom', watchDom],
  ['fetch', watchFetch],
  ['history', watchHistory],
  ['xhr', watchXhr],
];

/** Installs what somebody wants and removes what nobody wants any more. */
const refresh = (): void =>
  INSTRUMENTS.forEach((it) => {
    const [kind, install, undo] = it;
    if (wanted(kind)) it[2] ??= collect(install);
    else {
      undo?.forEach(attempt);
      it[2] = undefined;
    }
  });

/** Gives `watch` the breadcrumbs of these kinds, until what it gives back is called. `kinds` is a plain object; what
 * `dom` has in it may be the page's own. */
export function instrument(kinds: Kinds, watch: Watch): () => void {
  const leave = join(kinds, watch);
  attempt(refresh);
  return () => {
    attempt(leave);
    attempt(refresh);
  };
}
