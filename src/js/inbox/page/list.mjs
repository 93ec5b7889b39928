// @ts-check
// The list on the left: rows, and the filters above them.

import { byId, el } from './dom.mjs';
import { ago, level } from './items.mjs';
import { actions, state } from './state.mjs';

/** @import { Entry } from './entries.mjs' */

const list = byId('list');
const search = /** @type {HTMLInputElement} */ (byId('search'));

const KINDS = /** @type {const} */ ([
  ['all', 'All'],
  ['error', 'Events'],
  ['feedback', 'Feedback'],
  ['refused', 'Refused'],
  ['other', 'Other'],
]);
/** @param {Entry} entry @param {string} which */
const isKind = (entry, which) => which === 'all' || entry.kind === which || (which === 'feedback' && entry.feedback > 0);
/** @type {Map<string, HTMLElement>} */ const rows = new Map();

export function visible() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  return state.entries.filter((entry) => isKind(entry, state.kind) && words.every((word) => entry.text.includes(word)));
}

export function drawKinds() {
  const box = byId('kinds');
  box.hidden = state.entries.length === 0;
  for (const [name, label] of KINDS) {
    const count = state.entries.filter((entry) => isKind(entry, name)).length;
    let button = /** @type {HTMLElement | null} */ (box.querySelector(`[data-kind="${name}"]`));
    if (!button) {
      button = el(
        'button',
        {
          type: 'button',
          'data-kind': name,
          on: {
            click: () => {
              state.kind = name;
              actions.draw();
            },
          },
        },
        label,
        el('b'),
      );
      box.append(button);
    }
    button.setAttribute('aria-pressed', String(state.kind === name));
    button.hidden = count === 0 && name !== 'all' && state.kind !== name;
    /** @type {HTMLElement} */ (button.lastChild).textContent = count ? String(count) : '';
  }
}

/** Rows are kept and moved, so that focus stays where it is. @param {Entry[]} seen @param {Entry | undefined} current */
export function drawList(seen, current) {
  const keys = new Set(seen.map((entry) => entry.key));
  for (const [key, row] of rows) {
    if (keys.has(key)) continue;
    row.remove();
    rows.delete(key);
  }
  /** @type {Element | null} */ let place = list.firstElementChild;
  for (const entry of seen) {
    let row = rows.get(entry.key);
    if (!row) {
      row = el(
        'li',
        null,
        el('button', {
          type: 'button',
          class: 'row',
          on: {
            click: () => actions.choose(entry.key),
            animationend: (/** @type {Event} */ e) => /** @type {Element} */ (e.currentTarget).classList.remove('fresh'),
          },
        }),
      );
      rows.set(entry.key, row);
    }
    if (row !== place) list.insertBefore(row, place);
    else place = place.nextElementSibling;
    fillRow(/** @type {HTMLElement} */ (row.firstElementChild), entry, entry.key === current?.key);
  }
}

/** @param {HTMLElement} row @param {Entry} entry @param {boolean} current */
function fillRow(row, entry, current) {
  row.setAttribute('aria-current', String(current));
  const times = entry.items.length;
  const stamp = [entry.title, entry.what, entry.where, entry.level, times, entry.feedback, entry.order, entry.marks].join('\n');
  if (row.dataset.stamp === stamp) return;
  if (row.dataset.stamp !== undefined || state.settled) row.classList.add('fresh');
  row.dataset.stamp = stamp;
  const cells = [
    el('span', { class: `dot level-${level(entry.level)}${entry.kind === 'error' ? '' : ' hollow'}`, title: entry.level }),
    el('span', { class: 'title' }, entry.title),
    el('time', { class: 'when', datetime: entry.at }, ago(entry.at)),
    entry.what && el('span', { class: 'what' }, entry.what.slice(0, 300)),
    (entry.where || entry.marks.length > 0 || entry.feedback > 0 || times > 1) &&
      el(
        'span',
        { class: 'foot' },
        el('span', { class: 'where' }, entry.where),
        ...entry.marks.map((mark) => el('span', { class: 'mark warm' }, mark)),
        entry.feedback > 0 && el('span', { class: 'mark level-feedback' }, `${entry.feedback} feedback`),
        times > 1 && el('span', { class: 'mark count', title: `${times} times` }, `×${times}`),
      ),
  ];
  row.replaceChildren(...cells.filter((cell) => cell instanceof Node));
}

/** The times of the rows grow old by themselves. */
export function drawTimes() {
  for (const time of /** @type {NodeListOf<HTMLTimeElement>} */ (list.querySelectorAll('time'))) time.textContent = ago(time.dateTime);
}

/** @param {string} key */
export const rowOf = (key) => /** @type {HTMLElement | null | undefined} */ (rows.get(key)?.firstElementChild);
