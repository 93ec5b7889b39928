// @ts-check
// The inbox page: what is chosen, what is drawn when, and the keyboard.

import { byId, copyButton, el } from './dom.mjs';
import { emptySheet, refusedSheet, sheetFor } from './detail.mjs';
import { drawKinds, drawList, drawTimes, rowOf, visible } from './list.mjs';
import { actions, state } from './state.mjs';
import { connect } from './stream.mjs';

/** @import { Entry } from './entries.mjs' */

const main = byId('main');
const list = byId('list');
const detail = byId('detail');
const search = /** @type {HTMLInputElement} */ (byId('search'));
const narrow = matchMedia('(max-width: 759px)');
/** What the detail shows now, to draw it again only when that changes. */
let shown = '';

if (new URLSearchParams(location.search).get('embed') === '1') document.documentElement.classList.add('embed');

/** @param {string | undefined} key @param {number} [seq] */
function choose(key, seq) {
  const leaving = state.chosen;
  state.chosen = key === undefined ? undefined : { key, ...(seq === undefined ? {} : { seq }) };
  const entry = state.entries.find((one) => one.key === key);
  const hash = entry?.rejected ? `#refused/${entry.rejected.seq}` : entry ? `#item/${seq ?? entry.items.at(-1)?.seq}` : '';
  if (location.hash !== hash) history.pushState(null, '', hash || location.pathname + location.search);
  draw();
  if (key === undefined) {
    const row = leaving && rowOf(leaving.key);
    row?.focus();
  } else if (narrow.matches) detail.focus();
}

function readHash() {
  const [, what, number] = /^#(item|refused)\/(\d+)$/.exec(location.hash) ?? [];
  if (what === undefined) state.chosen = undefined;
  else {
    const entry = state.entries.find((one) =>
      what === 'refused' ? one.rejected?.seq === Number(number) : one.items.some((item) => item.seq === Number(number)),
    );
    state.chosen = entry && (what === 'refused' ? { key: entry.key } : { key: entry.key, seq: Number(number) });
  }
}

function draw() {
  if (!state.settled) readHash();
  const seen = visible();
  const all = state.entries.length;
  const current = state.chosen ? state.entries.find((entry) => entry.key === state.chosen?.key) : seen[0];
  drawKinds();
  drawList(seen, state.chosen || !narrow.matches ? current : undefined);
  const none = byId('none');
  none.hidden = seen.length > 0;
  none.textContent = all === 0 ? 'Waiting for the first event' : 'Nothing matches the filter';
  byId('follow').setAttribute('aria-pressed', String(!state.chosen));
  byId('clear').hidden = all === 0;
  main.classList.toggle('open', state.chosen !== undefined && current !== undefined);
  main.classList.toggle('blank', all === 0);
  drawDetail(current);
}

/** @param {Entry | undefined} entry */
function drawDetail(entry) {
  const item = entry?.items.find((one) => one.seq === state.chosen?.seq) ?? entry?.items.at(-1);
  const related = (item?.event_id && state.attached.get(item.event_id)) || [];
  const subject = entry ? `${entry.key}\n${item?.seq}` : `empty\n${state.entries.length > 0}\n${state.hello?.dsn}`;
  const stamp = [subject, entry?.items.length, related.map((one) => one.seq)].join('\n');
  if (stamp === shown) return;
  const same = shown.startsWith(`${subject}\n`);
  shown = stamp;
  // The same event with new feedback or a new occurrence: the reader stays where they are.
  const scroll = same ? detail.scrollTop : 0;
  const open = same && detail.querySelector('details[data-keep][open]') !== null;
  const turned = detail.contains(document.activeElement) ? document.activeElement?.getAttribute('data-turn') : undefined;
  if (entry?.rejected) detail.replaceChildren(refusedSheet(entry.rejected));
  else if (entry && item) detail.replaceChildren(sheetFor(entry, item));
  else
    detail.replaceChildren(
      state.entries.length > 0 ? el('div', { class: 'empty' }, el('p', null, 'Nothing matches the filter.')) : emptySheet(),
    );
  if (open) /** @type {HTMLDetailsElement} */ (detail.querySelector('details[data-keep]')).open = true;
  detail.scrollTop = scroll;
  if (turned) {
    const button = /** @type {HTMLButtonElement | null} */ (detail.querySelector(`[data-turn="${turned}"]`));
    if (button && !button.disabled) button.focus();
    else detail.focus();
  }
}

search.addEventListener('input', draw);
byId('follow').addEventListener('click', () => (state.chosen ? choose(undefined) : state.entries[0] && choose(visible()[0]?.key)));
byId('clear').addEventListener('click', () => void fetch('api/inbox/items', { method: 'DELETE' }));
/** @type {HTMLElement} */ (byId('dsn').querySelector('[data-copy]')).replaceWith(copyButton(() => state.hello?.dsn ?? ''));
window.addEventListener('popstate', () => {
  readHash();
  draw();
});
narrow.addEventListener('change', draw);
document.addEventListener('visibilitychange', () => !document.hidden && (document.title = 'Tailcone inbox'));
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target === search;
  if (event.key === '/' && !typing) {
    search.focus();
    event.preventDefault();
  } else if (event.key === 'Escape') {
    if (typing && search.value) search.value = '';
    choose(undefined);
  } else if (!typing || event.key.startsWith('Arrow')) {
    const step = event.key === 'ArrowDown' || event.key === 'j' ? 1 : event.key === 'ArrowUp' || event.key === 'k' ? -1 : 0;
    const inList = list.contains(document.activeElement);
    if (step === 0 || (event.key.startsWith('Arrow') && !inList && !typing)) return;
    const buttons = [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll('.row'))];
    const at = inList ? buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement)) : step > 0 ? -1 : buttons.length;
    const next = buttons[at + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    if (!narrow.matches) next.click();
  }
});
setInterval(drawTimes, 5000);

Object.assign(actions, { choose, draw });
draw();
connect();
