// @ts-check
// The sheet on the right: one event, one piece of feedback, one refusal, or how to begin.

import { copyButton, el, isObject, listOf, plain } from './dom.mjs';
import { headline } from './entries.mjs';
import { eventParts } from './event.mjs';
import { about, clock, exceptions, fallbackOf, level, messageOf, millis, saidIn } from './items.mjs';
import { fact, part } from './parts.mjs';
import { actions, state } from './state.mjs';

/** @import { Item, Payload, Rejected } from './items.mjs' */
/** @import { Entry } from './entries.mjs' */

/** @param {Entry} entry @param {Item} item */
export function sheetFor(entry, item) {
  const payload = isObject(item.payload) ? item.payload : {};
  const related = (item.event_id && state.attached.get(item.event_id)) || [];
  const sheet = el('article', { class: 'sheet' }, backButton());
  if (item.type === 'event')
    sheet.append(eventHead(entry, item, payload), ...said(related), ...eventParts(item, payload), ...files(related));
  else if (item.type === 'feedback' || item.type === 'user_report')
    sheet.append(
      otherHead(item, 'Feedback', 'feedback', payload),
      ...said([item]),
      ...orphan(item),
      ...(item.type === 'feedback' ? eventParts(item, payload) : []),
    );
  else sheet.append(...otherParts(item, payload));
  sheet.append(rawPart(item));
  return sheet;
}

const backButton = () =>
  el('button', { type: 'button', class: 'quiet back', on: { click: () => actions.choose(undefined) } }, '‹ All entries');

/** @param {Entry} entry @param {Item} item @param {Payload} event */
function eventHead(entry, item, event) {
  const thrown = exceptions(event).at(-1);
  const fallback = fallbackOf(event);
  const at = entry.items.indexOf(item);
  const turn = (/** @type {number} */ to, /** @type {string} */ label, /** @type {string} */ sign) =>
    el(
      'button',
      {
        type: 'button',
        class: 'quiet',
        'aria-label': label,
        'data-turn': to < at ? 'older' : 'newer',
        disabled: !entry.items[to],
        on: { click: () => actions.choose(entry.key, entry.items[to]?.seq) },
      },
      sign,
    );
  const name = event.level ?? 'error';
  return el(
    'header',
    null,
    el(
      'div',
      { class: 'badges' },
      el('span', { class: `badge level-${level(name)}` }, plain(name)),
      thrown?.mechanism?.handled === false && el('span', { class: 'badge plain' }, 'unhandled'),
      thrown?.mechanism?.handled === true && el('span', { class: 'badge plain' }, 'handled'),
      !thrown && el('span', { class: 'badge plain' }, 'message'),
      fallback && el('span', { class: 'badge warm', title: 'Sent without the module' }, `fallback: ${fallback}`),
      entry.items.length > 1 &&
        el(
          'span',
          { class: 'turn' },
          turn(at - 1, 'Older occurrence', '‹'),
          `${at + 1} of ${entry.items.length}`,
          turn(at + 1, 'Newer occurrence', '›'),
        ),
    ),
    el('h2', null, thrown ? plain(thrown.type ?? 'Error') : messageOf(event) || '(no message)'),
    thrown && el('p', { class: 'message' }, plain(thrown.value ?? '')),
    thrown && messageOf(event) && el('p', { class: 'message soft' }, messageOf(event)),
    facts(item, event),
  );
}

/** @param {Item} item @param {string} title @param {string} badge @param {Payload} payload */
const otherHead = (item, title, badge, payload) =>
  el(
    'header',
    null,
    el('div', { class: 'badges' }, el('span', { class: `badge ${badge === 'feedback' ? 'level-feedback' : 'plain'}` }, badge)),
    el('h2', null, title),
    facts(item, payload),
  );

/** @param {Item} item @param {Payload} payload */
function facts(item, payload) {
  const sdk = payload.sdk ?? item.header.sdk;
  const id = item.event_id;
  const at = millis(payload.timestamp);
  return el(
    'dl',
    { class: 'facts' },
    id &&
      fact(
        'id',
        el('code', null, id),
        copyButton(() => id),
      ),
    fact('time', clock(at ?? Date.parse(item.received_at))),
    fact('release', payload.release && plain(payload.release)),
    fact('dist', payload.dist && plain(payload.dist)),
    fact('environment', payload.environment && plain(payload.environment)),
    fact('transaction', payload.transaction && plain(payload.transaction)),
    fact('logger', payload.logger && plain(payload.logger)),
    fact('server', payload.server_name && plain(payload.server_name)),
    fact('platform', payload.platform && plain(payload.platform)),
    fact('project', item.project),
    isObject(sdk) && fact('sdk', `${plain(sdk.name)} ${plain(sdk.version)}`),
  );
}

/** @param {Item[]} related */
function said(related) {
  const feedback = related.filter((item) => item.type !== 'attachment');
  if (feedback.length === 0) return [];
  return [
    part(
      'Feedback',
      feedback.length > 1 ? feedback.length : undefined,
      ...feedback.map((item) => {
        const { message, who, url, source } = saidIn(item);
        return el(
          'div',
          { class: 'said' },
          el('blockquote', null, message),
          el(
            'p',
            null,
            [who, clock(millis(item.payload?.timestamp) ?? Date.parse(item.received_at)), source, url].filter(Boolean).join(' · '),
          ),
        );
      }),
    ),
  ];
}

/** @param {Item} item */
function orphan(item) {
  const id = about(item);
  return id ? [el('p', { class: 'chain' }, `About event ${id}, which is not in the inbox.`)] : [];
}

/** @param {Item[]} related */
function files(related) {
  const list = related.filter((item) => item.type === 'attachment');
  return list.length
    ? [
        part(
          'Attachments',
          list.length,
          ...list.map((item) =>
            el(
              'div',
              { class: 'card' },
              el('p', { class: 'line' }, `${plain(item.item_header.filename)} (${plain(item.item_header.length)} bytes)`),
            ),
          ),
        ),
      ]
    : [];
}

/** @param {Item} item @param {Payload} payload */
function otherParts(item, payload) {
  const [title, what] = headline(item, payload);
  const head = otherHead(item, title, item.type, payload);
  if (item.type === 'client_report') {
    const cell = (/** @type {unknown} */ value, /** @type {string} */ name = '') => el('td', { class: name }, plain(value));
    return [
      head,
      part(
        'What was not sent, and why',
        undefined,
        el(
          'div',
          { class: 'card' },
          el(
            'table',
            { class: 'grid' },
            el(
              'thead',
              null,
              el('tr', null, el('th', null, 'Reason'), el('th', null, 'Category'), el('th', { class: 'number' }, 'Quantity')),
            ),
            el(
              'tbody',
              null,
              ...listOf(payload.discarded_events)
                .filter(isObject)
                .map((d) => el('tr', null, cell(d.reason), cell(d.category), cell(d.quantity, 'number'))),
            ),
          ),
        ),
      ),
    ];
  }
  if (what) head.append(el('p', { class: 'message' }, what));
  if (item.type === 'attachment') head.append(el('p', { class: 'chain' }, `${plain(item.item_header.length)} bytes`));
  return item.payload === null
    ? [head]
    : [head, part('Payload', undefined, el('div', { class: 'card' }, el('pre', { class: 'body' }, plain(item.payload).slice(0, 200_000))))];
}

/** @param {Item} item */
function rawPart(item) {
  const load = async () => {
    const answer = await fetch(`api/inbox/envelopes/${item.envelope_seq}/raw`);
    return answer.ok ? answer.text() : 'The inbox has let go of this envelope.';
  };
  const pre = el('pre', { tabindex: 0 });
  const box = el(
    'details',
    { class: 'raw card', 'data-keep': 'raw' },
    el('summary', null, 'Raw envelope'),
    el('div', { class: 'tools' }, copyButton(load)),
    pre,
  );
  box.addEventListener('toggle', async () => {
    if (/** @type {HTMLDetailsElement} */ (box).open && !pre.textContent) pre.textContent = (await load()).slice(0, 500_000);
  });
  return el('section', { class: 'part' }, box);
}

/** @param {Rejected} rejected */
export function refusedSheet(rejected) {
  return el(
    'article',
    { class: 'sheet' },
    backButton(),
    el(
      'header',
      null,
      el('div', { class: 'badges' }, el('span', { class: 'badge level-refused' }, 'refused')),
      el('h2', null, `The inbox answered ${rejected.status}`),
      el('dl', { class: 'facts' }, fact('time', clock(Date.parse(rejected.received_at))), fact('project', rejected.project)),
    ),
    part(
      'What is wrong',
      rejected.errors.length,
      el('div', { class: 'card' }, el('ul', { class: 'faults' }, ...rejected.errors.map((error) => el('li', null, error)))),
    ),
    part('Body as received', undefined, el('div', { class: 'card' }, el('pre', { class: 'body' }, rejected.raw))),
  );
}

export function emptySheet() {
  const dsn = state.hello?.dsn ?? '';
  const code = `import { init } from 'tailcone';\n\ninit({ dsn: '${dsn}' });`;
  const snippet = (/** @type {string} */ title, /** @type {string} */ text) =>
    el(
      'div',
      { class: 'card' },
      el(
        'div',
        { class: 'tools' },
        el('span', { class: 'grow' }, title),
        copyButton(() => text),
      ),
      el('pre', null, el('code', null, text)),
    );
  return el(
    'div',
    { class: 'empty' },
    el('h2', null, 'Nothing has arrived yet'),
    el(
      'p',
      null,
      'Give any Sentry-protocol SDK this DSN. Events appear here as they arrive; what is malformed is refused, and the reason is shown. An SDK that leaves some mending to the server needs the option --lenient.',
    ),
    snippet('DSN', dsn),
    snippet('With Tailcone', code),
  );
}
