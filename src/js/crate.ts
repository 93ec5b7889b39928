// What the crate takes of the shim: the automatic breadcrumbs. The build makes `src/host/instrument.js` of it, for apps
// that have no npm package.

import { instrument, type Kinds } from './instrument/index.js';
import type { Breadcrumb } from './types.js';

export { mute } from './instrument/index.js';

/** Leaves breadcrumbs of these kinds by `add`, as long as the page lives. */
export function watch(console: boolean, dom: boolean, http: boolean, history: boolean, add: (crumb: Breadcrumb) => void): void {
  const kinds: Kinds = { console, dom, fetch: http, history, xhr: http };
  instrument(kinds, { add_: (crumb) => add(crumb) });
}
