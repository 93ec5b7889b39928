// The package's own receiver (`tailcone inbox`), started for a test and asked what has arrived.
import { join } from 'node:path';
import { dist } from './env.mjs';
import { start, until } from './process.mjs';

export async function startInbox(args = [], cli = join(dist, 'cli.js')) {
  const program = start(process.execPath, [cli, 'inbox', '--port', '0', '--json', '--quiet', ...args]);
  const line = await until(
    () => {
      const first = program.output().split('\n')[0];
      if (first?.startsWith('{') && program.output().includes('\n')) return first;
      if (program.child.exitCode !== null) throw new Error(`the inbox ended at once:\n${program.output()}`);
      return undefined;
    },
    () => `the inbox's first line; it printed:\n${program.output()}`,
  );
  const { url, dsn } = JSON.parse(line);
  return { ...askInbox(url), dsn, program, stop: () => program.stop() };
}

/** An inbox that runs already, by the address of its page. */
export function askInbox(url) {
  const base = new URL(url).origin;

  async function ask(path, options) {
    const response = await fetch(base + path, options);
    if (!response.ok) throw new Error(`${options?.method ?? 'GET'} ${path}: ${response.status} ${await response.text()}`);
    const text = await response.text();
    return text ? JSON.parse(text) : undefined;
  }

  const query = (filter) => new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== undefined));

  const inbox = {
    url,
    base,
    /** All that has arrived since the last `clear()`; `filter` may name type and event_id. */
    async items(filter = {}) {
      return (await ask(`/api/inbox/items?${query(filter)}`)).items;
    },
    /**
     * The first item that fits `{type = 'event', event_id, where}`, also one that is there already. Throws with a list
     * of what did arrive when none comes within `timeoutMs`.
     */
    async waitFor({ type = 'event', event_id, where = () => true, timeoutMs = 15_000 } = {}) {
      const end = Date.now() + timeoutMs;
      let after = 0;
      for (;;) {
        const wait = Math.min(2000, end - Date.now());
        if (wait <= 0) break;
        const { items, last } = await ask(`/api/inbox/items?${query({ type, event_id, after, wait })}`);
        const found = items.find((item) => where(item.payload, item));
        if (found) return found;
        after = last ?? items.at(-1)?.seq ?? after;
      }
      const seen = (await inbox.items()).map((item) => `${item.type} ${item.event_id} ${summary(item.payload)}`);
      const refused = (await inbox.rejected()).map((r) => `rejected: ${r.errors.join('; ')}`);
      throw new Error(
        `no ${type}${event_id ? ` ${event_id}` : ''} arrived within ${timeoutMs} ms; what did:\n  ${
          [...seen, ...refused].join('\n  ') || 'nothing'
        }`,
      );
    },
    rejected: () => ask('/api/inbox/rejected'),
    requests: () => ask('/api/inbox/requests'),
    raw: async (seq) => (await fetch(`${base}/api/inbox/envelopes/${seq}/raw`)).text(),
    /** How the next envelopes are answered; `{}` is back to normal. */
    behaviour: (how = {}) =>
      ask('/api/inbox/behaviour', {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(how),
      }),
    clear: () => ask('/api/inbox/items', { method: 'DELETE' }),
  };
  return inbox;
}

function summary(payload) {
  const thrown = payload?.exception?.values?.at(-1);
  return thrown ? `${thrown.type}: ${thrown.value}` : JSON.stringify(payload)?.slice(0, 120);
}
