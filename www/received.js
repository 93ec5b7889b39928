// Where the events arrive: the inbox beside the buttons, or, with a server of one's own, a list of what was captured.

import { dsn, inbox, place } from './config.js';

const byId = (id) => document.getElementById(id);
let count = 0;

export function showReceiver() {
  const pane = byId('inbox');
  if (inbox) {
    const frame = document.createElement('iframe');
    frame.title = 'Inbox';
    frame.src = `${inbox}?embed=1`;
    pane.append(frame);
    pane.classList.add('framed');
  } else {
    byId('inbox-title').textContent = 'Captured';
    byId('where').textContent = place ? `The events go to ${place}.` : `Nothing is sent: “${dsn}” is not a DSN.`;
    byId('jump').firstChild.data = 'Captured ';
    byId('log-where').textContent = place ? `Look for these ids at ${place}.` : 'Nothing is sent.';
    byId('log').hidden = false;
  }
  // On a narrow screen the way to the inbox is of use only while the inbox is out of sight.
  new IntersectionObserver(([{ isIntersecting }]) => byId('jump').classList.toggle('off', isIntersecting)).observe(pane);
}

/** Notes that a button's event has been captured. */
export function tell(what, id, note) {
  if (!place || (id === undefined && !/^Reported/.test(note))) return;
  byId('count').textContent = String(++count);
  const line = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = new Date().toLocaleTimeString([], { hour12: false });
  const name = document.createElement('span');
  name.textContent = what;
  const which = document.createElement(id ? 'code' : 'span');
  which.textContent = id ?? 'captured in the Rust module, which keeps the id';
  line.append(time, name, which);
  byId('log').querySelector('ol').prepend(line);
}
