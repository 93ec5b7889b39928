// @ts-check
// From items to the lines of the list: equal errors become one line, feedback goes to its event.

import { isObject, listOf, plain } from './dom.mjs';
import { about, culprit, exceptions, fallbackOf, messageOf, saidIn } from './items.mjs';

/** @import { Item, Payload, Rejected } from './items.mjs' */
/** One line of the list: an error with all its occurrences, a message, feedback without its event, a refusal, …
 * @typedef {{key: string, kind: 'error' | 'feedback' | 'refused' | 'other', items: Item[], rejected?: Rejected,
 *   level: string, title: string, what: string, where: string, order: number, at: string, feedback: number, marks: string[], text: string}} Entry */

/**
 * @param {Item[]} items
 * @param {Rejected[]} refused
 * @returns {{entries: Entry[], attached: Map<string, Item[]>}} newest first, and what belongs to an event by its id
 */
export function arrange(items, refused) {
  const events = new Set(items.filter((item) => item.type === 'event').map((item) => item.event_id));
  /** @type {Map<string, Item[]>} */ const attached = new Map();
  /** @type {Map<string, Entry>} */ const found = new Map();
  /** @type {Item[]} */ const later = [];
  for (const item of items) {
    const event = about(item);
    if (event && events.has(event)) later.push(item);
    else {
      const fresh = describe(item);
      const known = found.get(fresh.key);
      if (known) Object.assign(fresh, { items: [...known.items, item], feedback: known.feedback });
      found.set(fresh.key, fresh);
    }
  }
  /** @type {Map<string, Entry>} */ const byEvent = new Map();
  for (const entry of found.values()) for (const item of entry.items) if (item.event_id) byEvent.set(item.event_id, entry);
  for (const item of later) {
    const id = String(about(item));
    attached.set(id, [...(attached.get(id) ?? []), item]);
    const entry = byEvent.get(id);
    if (!entry) continue;
    if (item.type !== 'attachment') entry.feedback++;
    if (item.seq > entry.order) Object.assign(entry, { order: item.seq, at: item.received_at });
  }
  const entries = [...found.values(), ...refused.map(describeRefused)];
  entries.sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || b.order - a.order);
  return { entries, attached };
}

/** @param {Item} item @returns {Entry} */
function describe(item) {
  const payload = isObject(item.payload) ? item.payload : {};
  const base = {
    items: [item],
    order: item.seq,
    at: item.received_at,
    feedback: 0,
    marks: /** @type {string[]} */ ([]),
    where: '',
    what: '',
    text: '',
  };
  const sdk = payload.sdk?.name ?? item.header.sdk?.name;
  if (item.type === 'event') {
    const thrown = exceptions(payload).at(-1);
    const title = thrown ? plain(thrown.type ?? 'Error') : messageOf(payload) || '(no message)';
    const what = thrown ? plain(thrown.value ?? '') : '';
    const where = culprit(payload);
    const own = listOf(payload.fingerprint).length > 0 ? plain(payload.fingerprint) : [title, what, where].join('\n');
    const fallback = fallbackOf(payload);
    return {
      ...base,
      key: `event\n${item.project}\n${own}`,
      kind: 'error',
      level: plain(payload.level ?? 'error'),
      title,
      what,
      where: where || (thrown ? '' : 'message'),
      marks: fallback ? ['fallback'] : [],
      text: [title, what, where, item.event_id, sdk, plain(payload.tags ?? ''), payload.release, payload.environment]
        .join('\n')
        .toLowerCase(),
    };
  }
  if (item.type === 'feedback' || item.type === 'user_report') {
    const said = saidIn(item);
    return {
      ...base,
      key: `item\n${item.seq}`,
      kind: 'feedback',
      level: 'feedback',
      title: 'Feedback',
      what: said.message,
      where: said.who,
      text: `feedback\n${said.message}\n${said.who}`.toLowerCase(),
    };
  }
  const [title, what] = headline(item, payload);
  return {
    ...base,
    key: `item\n${item.seq}`,
    kind: 'other',
    level: 'debug',
    title,
    what,
    where: sdk ? String(sdk) : '',
    text: `${title}\n${what}\n${item.type}`.toLowerCase(),
  };
}

/** @param {Item} item @param {Payload} payload @returns {[string, string]} */
export function headline(item, payload) {
  switch (item.type) {
    case 'client_report':
      return [
        'Client report',
        listOf(payload.discarded_events)
          .map((d) => `${d?.quantity} ${d?.category}: ${d?.reason}`)
          .join(', '),
      ];
    case 'transaction':
      return ['Transaction', plain(payload.transaction ?? '')];
    case 'attachment':
      return ['Attachment', plain(item.item_header.filename ?? '')];
    case 'log':
      return ['Logs', `${listOf(payload.items).length} entries: ${plain(listOf(payload.items)[0]?.body ?? '')}`];
    case 'check_in':
      return ['Check-in', `${plain(payload.monitor_slug)}: ${plain(payload.status)}`];
    case 'session':
      return ['Session', `${plain(payload.status ?? 'ok')}, ${plain(payload.errors ?? 0)} errors`];
    default:
      return [item.type.replace(/_/g, ' ').replace(/^./, (c) => c.toUpperCase()), ''];
  }
}

/** @param {Rejected} rejected @returns {Entry} */
function describeRefused(rejected) {
  const text = rejected.errors.join(' ');
  return {
    key: `refused\n${rejected.seq}`,
    kind: 'refused',
    items: [],
    rejected,
    level: 'refused',
    title: `Refused with ${rejected.status}`,
    what: text,
    where: `project ${rejected.project}`,
    order: rejected.seq,
    at: rejected.received_at,
    feedback: 0,
    marks: [],
    text: `refused\n${text}`.toLowerCase(),
  };
}
