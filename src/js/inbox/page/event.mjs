// @ts-check
// The parts of an event: stack, breadcrumbs, tags, request, user and contexts.

import { crumbTable } from './crumbs.mjs';
import { el, isObject, listOf, plain } from './dom.mjs';
import { exceptions, framesOf, millis } from './items.mjs';
import { card, pairs, part } from './parts.mjs';
import { errorBlock, frameRows, relation } from './stack.mjs';

/** @import { Item, Payload } from './items.mjs' */

/** @param {Item} item @param {Payload} event */
export function eventParts(item, event) {
  const parts = [];
  const chain = exceptions(event);
  if (chain.length) {
    const note = chain.length > 1 ? `${chain.length} errors, the thrown one first` : undefined;
    const blocks = chain
      .toReversed()
      .flatMap((exception, i) => [
        i > 0 && el('p', { class: 'chain' }, relation(exception)),
        errorBlock(exception, chain.length === 1 && item.type === 'event'),
      ]);
    parts.push(part('Stack', note, ...blocks.filter((b) => b instanceof Node)));
  } else if (framesOf(event).length) {
    parts.push(part('Stack', undefined, el('div', { class: 'card' }, ...frameRows(framesOf(event)))));
  }
  const crumbs = listOf(isObject(event.breadcrumbs) ? event.breadcrumbs.values : event.breadcrumbs).filter(isObject);
  if (crumbs.length)
    parts.push(
      part(
        'Breadcrumbs',
        crumbs.length,
        el('div', { class: 'card' }, crumbTable(crumbs, millis(event.timestamp), item.type === 'event' ? event : undefined)),
      ),
    );
  const tags = Array.isArray(event.tags) ? event.tags : Object.entries(event.tags ?? {});
  if (tags.length)
    parts.push(
      part(
        'Tags',
        undefined,
        el(
          'div',
          { class: 'chips' },
          ...tags.map(([name, value]) => el('span', { class: 'chip' }, el('b', null, plain(name)), el('span', null, plain(value)))),
        ),
      ),
    );
  if (isObject(event.request)) parts.push(requestPart(event.request));
  const cards = [];
  if (isObject(event.user) && Object.keys(event.user).length) cards.push(card('user', event.user));
  for (const [name, value] of Object.entries(isObject(event.contexts) ? event.contexts : {}))
    if (name !== 'feedback') cards.push(card(name, value));
  if (cards.length) parts.push(part('User and contexts', undefined, el('div', { class: 'cards' }, ...cards)));
  if (isObject(event.extra) && Object.keys(event.extra).length)
    parts.push(part('Extra', undefined, el('div', { class: 'card' }, pairs(event.extra))));
  const images = listOf(event.debug_meta?.images).filter(isObject);
  if (images.length)
    parts.push(
      part(
        'Images',
        images.length,
        el('div', { class: 'cards' }, ...images.map((image, i) => card(`rel:${i} ${plain(image.type)}`, image))),
      ),
    );
  return parts;
}

/** @param {Payload} request */
function requestPart(request) {
  const { url, method, headers, ...rest } = request;
  const shown = { ...(isObject(headers) ? headers : Object.fromEntries(listOf(headers).filter(Array.isArray))), ...rest };
  return part(
    'Request',
    undefined,
    el(
      'div',
      { class: 'card' },
      el('p', { class: 'line' }, method && el('b', null, plain(method)), plain(url ?? '')),
      Object.keys(shown).length ? pairs(shown) : null,
    ),
  );
}
