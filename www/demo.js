// The demo's page: starts the recorder, gives the buttons their code, and shows where the events arrive.

import { init, lastEventId, setTag } from 'tailcone';
import { actions, rustSource, steps } from './actions.js';
import { dsn } from './config.js';
import { bodyOf, dedent, print } from './listing.js';
import { showReceiver, tell } from './received.js';
import { showStart, showState } from './recorder.js';

const began = performance.now();
// Whoever presses a button twice wants to see two events.
const client = init({ dsn, release: 'demo@1.0.0', environment: 'demo', dedupe: false });
const cost = performance.now() - began;
setTag('page', 'demo');

showReceiver();
showStart(began);
for (const [id, action] of Object.entries(actions)) prepare(id, action);
reportEarly();
showState(await client.ready, began, cost);

function prepare(id, action) {
  const button = document.getElementById(id);
  const row = button.closest('.act');
  const output = row.querySelector('output');
  const code = row.querySelector('code');
  if (id in rustSource) print(code, rustSource[id], 'rust');
  else print(code, id === 'early' ? earlyCode() : bodyOf(action));

  button.addEventListener('click', () => {
    const before = lastEventId();
    let result;
    // Whatever the action throws leaves this listener as it would leave the application's own.
    setTimeout(async () => show(output, button.textContent, await outcome(id, result, before)));
    output.replaceChildren();
    result = action();
  });
}

/** The id of the event that came of it, or a sentence. */
async function outcome(id, result, before) {
  if (id === 'breadcrumb') return { note: `${steps()} kept. The next event carries ${steps() === 1 ? 'it' : 'them'}.` };
  try {
    const answer = await result;
    if (answer !== undefined) return answer;
  } catch (error) {
    return { note: String(error) };
  }
  // A rejection is told of only after the turn in which it happened.
  for (let wait = 0; wait < 40 && lastEventId() === before; wait++) await new Promise((done) => setTimeout(done, 25));
  return lastEventId() === before ? { note: 'No event came of it.' } : lastEventId();
}

function show(output, what, result) {
  const id = typeof result === 'string' ? result : undefined;
  output.replaceChildren();
  if (id) {
    const code = document.createElement('code');
    code.textContent = id;
    output.append('Event ', code);
  } else output.append(result.note);
  output.classList.toggle('recorded', id !== undefined || !/^(No |Error)/.test(result.note));
  tell(what, id, result.note);
}

function earlyCode() {
  return dedent(document.getElementById('early-code').textContent);
}

/** The page was loaded to fail early: that is over now, and a reload by hand is an ordinary one. */
function reportEarly() {
  if (location.search !== '?early') return;
  history.replaceState(null, '', location.pathname);
  const button = document.getElementById('early');
  show(button.closest('.act').querySelector('output'), button.textContent, lastEventId() ?? { note: 'No event came of it.' });
}
