// `cargo xtask bench edge [--requests N] [--only TEXT]`: many requests at once in every runtime, each with a scope of its
// own and an event, a throw every 100th: how many events are right, and what became of memory.
import { parseArgs } from 'node:util';
import { breadcrumbs, messageOf } from '../lib/expect.mjs';
import { startInbox } from '../lib/inbox.mjs';
import { runtimes } from '../lib/runtimes.mjs';

const AT_ONCE = 100;
/** In one round; the inbox keeps no more than 1,000 envelopes. */
const ROUND = 900;
const { values } = parseArgs({ options: { requests: { type: 'string', default: '10000' }, only: { type: 'string', default: '' } } });
const total = Number(values.requests);
const width = [37, 10, 10, 8, 10, 12, 28];
const line = (...cells) => console.log(cells.map((cell, at) => String(cell).padEnd(width[at])).join(''));

/** What of an event is another request's, if anything is. */
function foreign(event) {
  const guest = event.tags?.guest;
  const said = messageOf(event) ?? event.exception?.values.at(-1).value;
  const own = said === `busy ${guest}` && event.user?.id === guest;
  return !own || breadcrumbs(event).map(({ message }) => message).join() !== [0, 1, 2].map((at) => `${guest} ${at}`).join();
}

/** Sends requests, so many at once, and gives the time that each took, in ms. */
async function ask(site, count, how) {
  let next = 0;
  const start = performance.now();
  const worker = async () => {
    for (let at; (at = next++) < count; ) await (await site.fetch(`/busy?guest=g${at}&how=${how(at)}`)).arrayBuffer();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return (performance.now() - start) / count;
}

line('runtime', 'requests', 'right', 'wrong', 'counted', 'ms each', 'heap, MB: first, middle, last');
for (const [name, runtime] of Object.entries(runtimes)) {
  if (runtime.missing || !name.includes(values.only)) continue;
  const inbox = await startInbox();
  // A response waits for its event, so that what is sent is measured, too, and no more waits than a client keeps.
  const site = await runtime.start({ dsn: inbox.dsn, waitForDelivery: true, timeout: 10_000 });
  const heap = async () => ((await (await site.fetch('/memory')).json()).heapUsed ?? NaN) / 2 ** 20;
  const seen = new Set();
  let [wrong, counted, ms] = [0, 0, 0];
  const heaps = [];
  const rounds = Math.ceil(total / ROUND);
  for (let round = 0; round < rounds; round++) {
    const own = { fetch: (path) => site.fetch(path.replace('guest=g', `guest=${round}-`)) };
    ms += (await ask(own, ROUND, (at) => (at % 100 === 99 ? 'throw' : 'capture'))) / rounds;
    heaps.push((await heap()).toFixed(1));
    for (const { type, payload } of await inbox.items()) {
      if (type === 'event') {
        seen.add(payload.event_id);
        if (foreign(payload)) wrong++;
      } else for (const { quantity } of payload.discarded_events ?? []) counted += quantity;
    }
    await inbox.clear();
  }
  const some = [0, rounds >> 1, rounds - 1].map((at) => heaps[at]).join(', ');
  line(name, ROUND * rounds, seen.size - wrong, wrong, counted, ms.toFixed(2), some);
  await Promise.all([site.stop(), inbox.stop()]);
}
