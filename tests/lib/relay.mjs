// Relay's normalisation as an oracle: one Python child that answers for each event what is wrong with it.
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { needs, parts, python, tests } from './env.mjs';
import { start } from './process.mjs';

/** The reason why there is no oracle here, or false. */
export const relayMissing = needs(parts.python);

/** Starts the oracle; `check(event)` gives `{problems, event}`. */
export function startRelay() {
  const program = start(python, [join(tests, 'servers/relay_oracle.py')]);
  const waiting = new Map();
  let next = 1;
  createInterface({ input: program.child.stdout }).on('line', (line) => {
    const { id, ...answer } = JSON.parse(line);
    waiting.get(id)?.done(answer);
    waiting.delete(id);
  });
  program.exited.then(() => {
    for (const { fail } of waiting.values()) fail(new Error(`the Relay oracle ended:\n${program.output()}`));
    waiting.clear();
  });
  return {
    check(event) {
      return new Promise((done, fail) => {
        const id = next++;
        waiting.set(id, { done, fail });
        program.child.stdin.write(`${JSON.stringify({ id, event })}\n`);
      });
    },
    stop: () => program.stop(),
  };
}

/** Types of item whose payload is an event body, and so goes through the oracle. */
export const eventBodies = new Set(['event', 'feedback']);

/** Throws with everything Relay objects to in the event bodies among `items` (as the inbox lists them). */
export async function expectAccepted(relay, items) {
  const objections = [];
  for (const item of items.filter(({ type }) => eventBodies.has(type))) {
    const { problems } = await relay.check(item.payload);
    for (const problem of problems) objections.push(`${item.type} ${item.event_id}: ${problem}`);
  }
  if (objections.length) throw new Error(`Relay, or the schema of a strict server, objects:\n  ${objections.join('\n  ')}`);
}
