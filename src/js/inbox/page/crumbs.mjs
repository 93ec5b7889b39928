// @ts-check
// The trail of breadcrumbs, ending in the event itself.

import { el, isObject, plain } from './dom.mjs';
import { before, clock, exceptions, level, messageOf, millis } from './items.mjs';

/** @import { Payload } from './items.mjs' */

/** @param {Payload[]} crumbs @param {number | undefined} end @param {Payload | undefined} event */
export function crumbTable(crumbs, end, event) {
  const table = el('table', { class: 'crumbs' }, el('tbody'));
  const body = /** @type {HTMLElement} */ (table.firstElementChild);
  const hidden = crumbs.length > 30 ? crumbs.slice(0, -25) : [];
  const row = (/** @type {Payload} */ crumb) => crumbRow(crumb, end);
  if (hidden.length) {
    const more = el(
      'tr',
      null,
      el(
        'td',
        { colspan: 3 },
        el(
          'button',
          { type: 'button', class: 'quiet', on: { click: () => more.replaceWith(...hidden.map(row)) } },
          `${hidden.length} earlier`,
        ),
      ),
    );
    body.append(more);
  }
  body.append(...crumbs.slice(hidden.length).map(row));
  if (event) {
    const thrown = exceptions(event).at(-1);
    const name = level(plain(event.level ?? 'error'));
    body.append(
      el(
        'tr',
        { class: 'last' },
        el('td', null, '0 s'),
        el('td', null, el('span', { class: `category level-${name}` }, el('i'), thrown ? 'exception' : 'message')),
        el(
          'td',
          null,
          (thrown
            ? [thrown.type, thrown.value]
                .filter((p) => p != null)
                .map(plain)
                .join(': ')
            : messageOf(event)
          ).slice(0, 300),
        ),
      ),
    );
  }
  return table;
}

/** @param {Payload} crumb @param {number | undefined} end */
function crumbRow(crumb, end) {
  const at = millis(crumb.timestamp);
  const name = level(plain(crumb.level ?? 'info'));
  const loud = name === 'warning' || name === 'error' || name === 'fatal';
  const { wire, rest } = wireOf(isObject(crumb.data) ? crumb.data : {});
  const data = Object.entries(rest)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : plain(value).replace(/\s+/g, ' ')}`)
    .join('  ');
  return el(
    'tr',
    null,
    el('td', { title: clock(at) }, at !== undefined && end !== undefined ? before(end - at) : clock(at)),
    el(
      'td',
      null,
      el(
        'span',
        { class: `category ${loud ? `level-${name}` : 'quietly'}`, title: plain(crumb.level ?? '') },
        el('i'),
        plain(crumb.category ?? crumb.type ?? 'default'),
      ),
    ),
    el(
      'td',
      null,
      crumb.message != null ? plain(crumb.message) : null,
      crumb.message != null && wire ? ' ' : null,
      wire && el('span', { class: 'wire' }, wire.slice(0, 300)),
      data && el('span', { class: 'data' }, data.slice(0, 600)),
    ),
  );
}

/** Requests and navigations read better as a line than as fields. @param {Payload} data @returns {{wire: string, rest: Payload}} */
function wireOf(data) {
  if (typeof data.from === 'string' && typeof data.to === 'string') {
    const { from, to, ...rest } = data;
    return { wire: `${from} → ${to}`, rest };
  }
  if (typeof data.url === 'string') {
    const { method, url, status_code: status, ...rest } = data;
    return { wire: [method, url, status !== undefined && `→ ${plain(status)}`].filter(Boolean).map(plain).join(' '), rest };
  }
  return { wire: '', rest: data };
}
