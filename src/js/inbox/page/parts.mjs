// @ts-check
// The pieces that the detail is put together from.

import { el, isObject, plain } from './dom.mjs';

/** @import { Payload } from './items.mjs' */

/** @param {string} title @param {string | number | undefined} note @param {...(Node | null)} children */
export const part = (title, note, ...children) =>
  el('section', { class: 'part' }, el('h3', null, title, note !== undefined && el('small', null, String(note))), ...children);

/** @param {Payload} values */
export function pairs(values) {
  return el(
    'dl',
    { class: 'pairs' },
    ...Object.entries(values).flatMap(([name, value]) => [el('dt', null, name), el('dd', null, plain(value))]),
  );
}
/** @param {string} title @param {unknown} value */
export function card(title, value) {
  const rest = isObject(value) ? pairs(value) : el('dl', { class: 'pairs' }, el('dd', null, plain(value)));
  return el('div', { class: 'card' }, el('h4', null, title), rest);
}
/** @param {string} name @param {Node | string | undefined | false} value @param {Node | false} [after] */
export const fact = (name, value, after) =>
  value !== undefined &&
  value !== '' &&
  value !== false &&
  el('div', null, el('dt', null, name), el('dd', null, value, after ? ' ' : null, after));
