// @ts-check
// The live stream from the inbox: keeps what arrives, and has it drawn.

import { byId } from './dom.mjs';
import { arrange } from './entries.mjs';
import { actions, state } from './state.mjs';

/** As many as the inbox itself keeps. */
const MOST = 1000;

let due = false;
/** Many items may come at once: one drawing for all. */
function soon() {
  if (due) return;
  due = true;
  setTimeout(() => {
    due = false;
    Object.assign(state, arrange(state.items, state.refused));
    actions.draw();
    state.settled = true;
    const newest = state.entries[0];
    byId('said').textContent = newest ? `${newest.title} ${newest.what}`.slice(0, 160) : '';
    if (document.hidden && newest) document.title = '● Tailcone inbox';
  }, 30);
}

function forget() {
  state.items = [];
  state.refused = [];
  state.chosen = undefined;
  // What the address names is gone as well.
  if (location.hash) history.replaceState(null, '', location.pathname + location.search);
  soon();
}

export function connect() {
  const stream = new EventSource('api/inbox/stream?after=0');
  const live = byId('live');
  const says = (/** @type {string} */ name, /** @type {string} */ text) => {
    live.className = `live ${name}`;
    /** @type {HTMLElement} */ (live.lastElementChild).textContent = text;
  };
  const on = (/** @type {string} */ name, /** @type {(data: any) => void} */ run) =>
    stream.addEventListener(name, (event) => run(JSON.parse(/** @type {MessageEvent} */ (event).data)));
  on('hello', (data) => {
    says('on', 'live');
    if (state.hello && state.hello.run !== data.run) {
      // Another inbox behind the same address: numbers begin again.
      stream.close();
      state.hello = undefined;
      forget();
      return connect();
    }
    state.hello = data;
    const box = byId('dsn');
    box.hidden = false;
    /** @type {HTMLElement} */ (box.querySelector('code')).textContent = data.dsn;
    soon();
  });
  on('item', (item) => {
    if (item.seq <= (state.items.at(-1)?.seq ?? 0)) return;
    state.items.push(item);
    if (state.items.length > MOST) state.items = state.items.slice(-MOST);
    soon();
  });
  on('rejected', (rejected) => {
    if (rejected.seq <= (state.refused.at(-1)?.seq ?? 0)) return;
    state.refused = [...state.refused, rejected].slice(-100);
    soon();
  });
  on('forgotten', forget);
  stream.onerror = () => {
    says('off', 'reconnecting');
    // A browser gives up on an answer that is no stream; the inbox may yet come back.
    if (stream.readyState === EventSource.CLOSED) setTimeout(connect, 2000);
  };
}
