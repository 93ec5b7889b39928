// Breadcrumbs of clicks and of typing: where, never what.

import { clock } from '../clock.js';
import { scrubText } from '../scrub.js';
import { cut, get } from '../values.js';
import { hear, tell } from './patch.js';

const enum Max {
  Height = 5,
  Path = 80,
  LongPath = 1024,
  BurstMs = 1000,
}

/** An element as a selector. Of what every element may have, that is left out which looks like somebody's data. */
function selector(node: EventTarget, asked: string[]): string {
  const tag = get(node, 'localName');
  // Only a form can have a field in the place of its properties.
  let text = typeof tag === 'string' ? cut(tag) : 'form';
  const read = (name: string): string => cut(Element.prototype.getAttribute.call(node, name) ?? '');
  const add = (open: string, value: string, close = ''): void => {
    if (/^(?!.*(@|\d{4})).{1,40}$/.test(value)) text += open + value + close;
  };
  add('#', read('id'));
  for (const name of read('class').split(/\s+/)) add('.', name);
  for (const name of ['type', 'name', 'aria-label', 'title', 'alt']) add(`[${name}="`, read(name), '"]');
  for (const name of asked) if (!/^value$/i.test(name) && read(name)) text += `[${name}="${read(name)}"]`;
  return text;
}

/** As much of the path to an element as there is room for. */
function pathOf(nodes: EventTarget[], options: unknown): string {
  const given = get(options, 'maxStringLength') as number;
  const room = given > 0 ? Math.min(given, Max.LongPath) : Max.Path;
  const asked = [get(options, 'serializeAttribute') ?? []].flat() as string[];
  const parts = nodes.slice(0, Max.Height).map((node) => selector(node, asked));
  while (parts[1] && parts.join(' > ').length > room) parts.pop();
  return cut(scrubText(parts.reverse().join(' > ')), room);
}

export function watchDom(): void {
  for (const type of ['click', 'keydown']) {
    const last = new WeakMap<object, number>();
    hear(globalThis as never, type, (event) => {
      const typed = type !== 'click';
      // Shadow roots, documents and windows have no name.
      const path = event.composedPath().filter((node) => get(node, 'localName'));
      const target = path[0]!;
      if (typed && !('selectionStart' in target) && !get(target, 'isContentEditable')) return;
      const at = clock();
      const again = at - last.get(target)! < Max.BurstMs;
      last.set(target, at);
      if (again) return;
      const category = typed ? 'ui.input' : 'ui.click';
      tell('dom', (_, options) => ({ category, message: pathOf(path, options) }), { event });
    });
  }
}
