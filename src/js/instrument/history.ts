// Breadcrumbs of navigations within the document.

import { scrubUrl } from '../scrub.js';
import type { Breadcrumb } from '../types.js';
import { cut } from '../values.js';
import { hear, patch, quietly, tell, type Watch } from './patch.js';

const enum Max {
  Url = 2048,
}

export function watchHistory(): void {
  const { navigation } = globalThis as { navigation?: EventTarget & { currentEntry?: unknown } };
  let from = location.href;
  /** Several events may tell of one navigation; the first is told. */
  const moved = (): void => {
    const was = from;
    const to = (from = location.href);
    if (was !== to) {
      const type = 'navigation';
      const make = ({ dropQuery_ }: Watch): Breadcrumb => {
        // The origin is always the page's own.
        const short = (url: string): string => scrubUrl(cut(url, Max.Url), dropQuery_).replace(location.origin, '');
        return { type, category: type, data: { from: short(was), to: short(to) } };
      };
      tell('history', make, { from: was, to });
    }
  };
  // It tells nothing in a document of an opaque origin.
  if (navigation?.currentEntry) return hear(navigation, 'currententrychange', moved);
  for (const name of ['pushState', 'replaceState']) {
    patch(history, name, () => (result) => {
      quietly(moved);
      return result;
    });
  }
  for (const type of ['popstate', 'hashchange']) hear(globalThis as never, type, moved);
}
