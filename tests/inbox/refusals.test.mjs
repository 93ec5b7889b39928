// Bad envelopes: each is refused with the sentence that names its fault, and kept where it can be looked at.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { envelope, errorEvent, eventEnvelope, feedbackEvent, head, newId, now, startInbox } from './harness.mjs';

const id = newId();
const other = newId();
const exception = (value) => eventEnvelope({ exception: { values: [value] } }, id);
const frame = (value, more = {}) => eventEnvelope({ exception: { values: [{ type: 'E', stacktrace: { frames: [value] } }] }, ...more }, id);
const chained = (...mechanisms) => eventEnvelope({ exception: { values: mechanisms.map((m) => ({ type: 'E', mechanism: { type: 'generic', ...m } })) } }, id);
const crumbs = (...values) => eventEnvelope({ breadcrumbs: { values } }, id);
const feedback = (given, more) => envelope(head(id), ['feedback', feedbackEvent(id, given, more)]);
const report = (entry) => envelope(head(), ['client_report', { discarded_events: [entry] }]);
const event = errorEvent(id);
const line = JSON.stringify(event);
const deep = '['.repeat(200) + ']'.repeat(200);

/** @type {[name: string, body: string | Buffer, sentence: string | RegExp, status?: number][]} */
const CASES = [
  // Framing
  ['an empty body', '', 'The body is empty.'],
  ['a header that is no JSON', 'hello\n', /^The envelope header is not JSON: /],
  ['a header that is no object', '[]\n{"type":"event"}\n{}', 'The envelope header must be a JSON object, not an array.'],
  ['an envelope without items', '{}\n', 'The envelope has no items.'],
  ['bytes that are no UTF-8', Buffer.concat([Buffer.from('{"sdk":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}\n')]), 'The envelope header is not valid UTF-8.'],
  ['an item header that is no JSON', `${JSON.stringify(head(id))}\nevent\n${line}`, /^Item 0: its header is not JSON/],
  ['an item without a type', `${JSON.stringify(head(id))}\n{"length":2}\n{}`, 'Item 0 needs a type in its header, not nothing.'],
  ['an unknown type of item', envelope(head(id), ['events', {}]), 'Item 0 (events) is not a known type of item.'],
  ['a length beyond the end', `${JSON.stringify(head(id))}\n{"type":"event","length":999999}\n${line}`, /^Item 0 \(event\) has a length of 999999 bytes, but only \d+ bytes follow\.$/],
  ['a length that is too short', `${JSON.stringify(head(id))}\n{"type":"event","length":10}\n${line}`, /^Item 0 \(event\) has a length of 10 bytes, but no newline follows them/],
  ['a negative length', `${JSON.stringify(head(id))}\n{"type":"event","length":-1}\n${line}`, 'Item 0 (event) has a length that must be a non-negative integer, not -1.'],
  ['a length in quotes', `${JSON.stringify(head(id))}\n{"type":"event","length":"10"}\n${line}`, /length that must be a non-negative integer, not "10"/],
  ['an item without a payload', `${JSON.stringify(head(id))}\n{"type":"event"}`, 'Item 0 (event) has no payload.'],
  ['an empty line at the end', `${eventEnvelope({}, id)}\n`, 'After item 0 there is an empty line: one newline ends the last payload, nothing follows it.'],
  ['an empty line after the header', `${JSON.stringify(head(id))}\n\n{"type":"event"}\n${line}`, /^After the envelope header there is an empty line/],
  ['garbage after the last payload', `${eventEnvelope({}, id)}garbage`, /^Item 1: its header is not JSON: .*\(Or something follows the last payload\.\)$/],
  ['a fault in the second item only', envelope(head(id), ['event', event], ['client_report', { discarded_events: 5 }]), 'Item 1 (client_report): discarded_events must be an array, not 5.'],
  // Envelope header
  ['an event id with dashes', envelope(head('9ec79c33-ec99-42ab-8353-589fcb2e04dc'), ['event', event]), /^Envelope header: event_id must be 32 lowercase hexadecimal digits, not "9ec79c33-/],
  ['no event id for an event', envelope(head(), ['event', event]), 'Item 0 (event) needs event_id in the envelope header.'],
  ['a sending time with an offset', envelope(head(id, { sent_at: '2026-01-01T10:00:00+02:00' }), ['event', event]), /^Envelope header: sent_at must be RFC 3339 in UTC/],
  ['a sending time as a number', envelope(head(id, { sent_at: 5 }), ['event', event]), 'Envelope header: sent_at must be RFC 3339 in UTC, not 5.'],
  ['an sdk without a version', envelope(head(id, { sdk: { name: 'x' } }), ['event', event]), 'Envelope header: sdk.version must be a non-empty string, not nothing.'],
  ['an unknown field in the header', envelope(head(id, { sentat: 1 }), ['event', event]), 'Envelope header: sentat is not a known field there.'],
  // Items together
  ['two events', envelope(head(id), ['event', event], ['event', event]), 'The envelope has 2 items of type event; at most one is allowed.'],
  ['an event with a transaction', envelope(head(id), ['event', event], ['transaction', { type: 'transaction', event_id: id, timestamp: now(), start_timestamp: now(), contexts: { trace: { trace_id: newId() } } }]), 'The envelope mixes event and transaction: they must be sent apart.'],
  ['logs with an event', envelope(head(id), ['event', event], ['log', { items: [] }, { item_count: 0, content_type: 'application/vnd.sentry.items.log+json' }]), 'The envelope mixes event and log: they must be sent apart.'],
  // Sizes
  ['an event over 1 MiB', eventEnvelope({ extra: { text: 'x'.repeat(1024 * 1024) } }, id), /^Item 0 \(event\) has a payload of \d+ bytes; at most 1048576 are allowed\.$/, 413],
  ['a client report over 4 KiB', envelope(head(), ['client_report', { discarded_events: [], note: 'x'.repeat(5000) }]), /at most 4096 are allowed/, 413],
  ['an envelope over the limit', Buffer.alloc(33 * 1024 * 1024, 0x20), /^The body has \d+ bytes; at most 33554432 are allowed\.$/, 413],
  // Events
  ['a payload that is no JSON', envelope(head(id), ['event', '{"a":}']), /^Item 0 \(event\) has a payload that is not JSON/],
  ['a payload that is no object', envelope(head(id), ['event', '[]']), 'Item 0 (event) has a payload that must be a JSON object, not an array.'],
  ['a lone surrogate', envelope(head(id), ['event', line.replace('"checkout"', '"\\ud83d"')]), 'Item 0 (event) has a payload that holds a lone surrogate, which is not Unicode text.'],
  ['nesting beyond what servers read', envelope(head(id), ['event', `${line.slice(0, -1)},"extra":{"a":${deep}}}`]), /nested deeper than 128 levels/],
  ['another event id than the header', eventEnvelope({ event_id: other }, id), `Item 0 (event): event_id is ${other}, but the envelope header says ${id}.`],
  ['no timestamp', eventEnvelope({ timestamp: undefined }, id), 'Item 0 (event): timestamp is missing.'],
  ['milliseconds as a timestamp', eventEnvelope({ timestamp: Date.now() }, id), 'Item 0 (event): timestamp is more than a day in the future: it looks like milliseconds, not seconds.'],
  ['a timestamp of 1970', eventEnvelope({ timestamp: 5 }, id), 'Item 0 (event): timestamp is before the year 2000.'],
  ['a timestamp in words', eventEnvelope({ timestamp: 'yesterday' }, id), 'Item 0 (event): timestamp must be seconds since 1970 or RFC 3339 in UTC, not "yesterday".'],
  ['a level that servers do not know', eventEnvelope({ level: 'log' }, id), 'Item 0 (event): level must be one of fatal, error, warning, info, debug, not "log".'],
  ['no platform', eventEnvelope({ platform: undefined }, id), 'Item 0 (event): platform is missing.'],
  ['an unknown platform', eventEnvelope({ platform: 'wasm' }, id), 'Item 0 (event): platform is not a known platform: "wasm".'],
  ['an unknown field', eventEnvelope({ breadcrumb: [] }, id), 'Item 0 (event): breadcrumb is not a known field of an event.'],
  ['a field named like a prototype member', envelope(head(id), ['event', `${line.slice(0, -1)},"constructor":1}`]), 'Item 0 (event): constructor is not a known field of an event.'],
  ['a transaction in an item of type event', eventEnvelope({ type: 'transaction' }, id), 'Item 0 (event): type must be error or left out in an item of type event, not "transaction".'],
  ['message and logentry together', eventEnvelope({ message: 'a', logentry: { message: 'b' } }, id), 'Item 0 (event): message and logentry are the same field to a server: send one of them.'],
  ['an exception that is an array', eventEnvelope({ exception: [] }, id), 'Item 0 (event): exception.values must be an array, not nothing.'],
  ['no exceptions', eventEnvelope({ exception: { values: [] } }, id), 'Item 0 (event): exception.values is empty: leave exception out instead.'],
  ['an exception without type and value', exception({ module: 'm' }), 'Item 0 (event): exception.values[0] needs a type or a value.'],
  ['an exception with a value that is no text', exception({ type: 'E', value: { a: 1 } }), 'Item 0 (event): exception.values[0].value must be a string, not an object.'],
  ['an exception with a raw stack', exception({ type: 'E', stack: 'at f' }), 'Item 0 (event): exception.values[0].stack is not a known field there.'],
  ['a mechanism without a type', exception({ type: 'E', mechanism: { handled: true } }), 'Item 0 (event): exception.values[0].mechanism.type must be a non-empty string, not nothing.'],
  ['a mechanism handled by a string', exception({ type: 'E', mechanism: { type: 'generic', handled: 'yes' } }), 'Item 0 (event): exception.values[0].mechanism.handled must be true or false, not "yes".'],
  ['one exception id given twice', chained({ exception_id: 0 }, { exception_id: 0 }), /exception\.values\[0\]\.mechanism\.exception_id 0 is given to more than one exception\./],
  ['a parent that is not there', chained({ exception_id: 2, parent_id: 1 }, { exception_id: 0 }), 'Item 0 (event): exception.values[0].mechanism.parent_id 1 is no exception\'s exception_id.'],
  ['a parent without an own id', chained({ parent_id: 0 }, { exception_id: 0 }), 'Item 0 (event): exception.values[0].mechanism.parent_id is given without exception_id.'],
  ['the thrown error first', chained({ exception_id: 0 }, { exception_id: 1, parent_id: 0 }), 'Item 0 (event): exception.values[0].mechanism.exception_id is 0, the thrown error, which must be the last of values.'],
  ['a parent that is itself', chained({ exception_id: 1, parent_id: 1 }, { exception_id: 0 }), /parent_id must be smaller than exception_id 1, not 1/],
  ['a stack without frames', exception({ type: 'E', stacktrace: { frames: [] } }), 'Item 0 (event): exception.values[0].stacktrace.frames is empty: leave stacktrace out instead.'],
  ['a line number in quotes', frame({ lineno: '12' }), 'Item 0 (event): exception.values[0].stacktrace.frames[0].lineno must be a non-negative integer, not "12".'],
  ['a negative column', frame({ colno: -1 }), 'Item 0 (event): exception.values[0].stacktrace.frames[0].colno must be a non-negative integer, not -1.'],
  ['an unknown field in a frame', frame({ line: 12 }), 'Item 0 (event): exception.values[0].stacktrace.frames[0].line is not a known field there.'],
  ['an address without 0x', frame({ instruction_addr: '1a2b' }), /instruction_addr must be a hexadecimal address such as "0x1a2b", not "1a2b"\.$/],
  ['an address of an image that is not there', frame({ instruction_addr: '0x1', addr_mode: 'rel:1' }, { debug_meta: { images: [{ type: 'wasm', code_file: 'a.wasm', debug_id: newId() }] } }), /addr_mode names image 1, but debug_meta\.images has 1 and not that one\.$/],
  ['an address mode of its own', frame({ addr_mode: 'relative' }), /addr_mode must be "abs", "rel:N" or "rel:<debug_id>", not "relative"\.$/],
  ['a wasm image without a file', eventEnvelope({ debug_meta: { images: [{ type: 'wasm', debug_id: newId() }] } }, id), 'Item 0 (event): debug_meta.images[0].code_file must be a non-empty string for a wasm image, not nothing.'],
  ['breadcrumbs without values', eventEnvelope({ breadcrumbs: {} }, id), 'Item 0 (event): breadcrumbs.values must be an array, not nothing.'],
  ['breadcrumbs newest first', crumbs({ timestamp: now() }, { timestamp: now() - 5 }), 'Item 0 (event): breadcrumbs.values[1].timestamp is earlier than the one before: breadcrumbs go oldest first.'],
  ['a breadcrumb level of its own', crumbs({ level: 'warn', timestamp: now() }), 'Item 0 (event): breadcrumbs.values[0].level must be one of fatal, error, warning, info, debug, not "warn".'],
  ['breadcrumb data that is text', crumbs({ data: 'x' }), 'Item 0 (event): breadcrumbs.values[0].data must be an object, not "x".'],
  ['a tag that is a number', eventEnvelope({ tags: { n: 5 } }, id), 'Item 0 (event): tags.n must be a string, not 5.'],
  ['a tag key with a space', eventEnvelope({ tags: { 'a b': 'c' } }, id), 'Item 0 (event): tags has the key "a b": keys are 1 to 200 letters, digits, "_", ".", ":" or "-".'],
  ['a tag over 200 characters', eventEnvelope({ tags: { long: '🛩'.repeat(201) } }, id), 'Item 0 (event): tags.long has 201 characters; at most 200 are kept.'],
  ['a tag with a line break', eventEnvelope({ tags: { a: 'b\nc' } }, id), 'Item 0 (event): tags.a must not hold line breaks.'],
  ['a release with a slash', eventEnvelope({ release: 'feature/x' }, id), 'Item 0 (event): release must not hold slashes, backslashes, line breaks or control characters: "feature/x".'],
  ['a release of two dots', eventEnvelope({ release: '..' }, id), 'Item 0 (event): release must not be "..".'],
  ['a release over 200 characters', eventEnvelope({ release: 'r'.repeat(201) }, id), 'Item 0 (event): release has 201 characters; at most 200 are allowed.'],
  ['an environment over 64 characters', eventEnvelope({ environment: 'e'.repeat(65) }, id), 'Item 0 (event): environment has 65 characters; at most 64 are allowed.'],
  ['an environment with a space', eventEnvelope({ environment: 'my own' }, id), 'Item 0 (event): environment must not hold spaces: "my own".'],
  ['a context that is text', eventEnvelope({ contexts: { app: 'x' } }, id), 'Item 0 (event): contexts.app must be an object, not "x".'],
  ['a user that is text', eventEnvelope({ user: 'ada' }, id), 'Item 0 (event): user must be an object, not "ada".'],
  ['a user id that is a number', eventEnvelope({ user: { id: 5 } }, id), 'Item 0 (event): user.id must be a string, not 5.'],
  ['a request url that is no text', eventEnvelope({ request: { url: 5 } }, id), 'Item 0 (event): request.url must be a string, not 5.'],
  ['a request header that is no text', eventEnvelope({ request: { headers: { 'User-Agent': 5 } } }, id), 'Item 0 (event): request.headers.User-Agent must be a string, not 5.'],
  ['a fingerprint that is text', eventEnvelope({ fingerprint: 'x' }, id), 'Item 0 (event): fingerprint must be an array, not "x".'],
  ['an sdk without a name', eventEnvelope({ sdk: { version: '1' } }, id), 'Item 0 (event): sdk.name must be a non-empty string, not nothing.'],
  // Feedback
  ['feedback without its context', envelope(head(id), ['feedback', { ...feedbackEvent(id), contexts: {} }]), 'Item 0 (feedback): contexts.feedback must be an object, not nothing.'],
  ['feedback without words', feedback({ message: ' ' }), 'Item 0 (feedback): contexts.feedback.message must be a non-empty string, not " ".'],
  ['feedback of too many words', feedback({ message: 'x'.repeat(4097) }), 'Item 0 (feedback): contexts.feedback.message has 4097 characters; at most 4096 are allowed.'],
  ['feedback about no event id', feedback({ associated_event_id: 'abc' }), 'Item 0 (feedback): contexts.feedback.associated_event_id must be 32 lowercase hexadecimal digits, not "abc".'],
  ['feedback with an email that is no text', feedback({ contact_email: 5 }), 'Item 0 (feedback): contexts.feedback.contact_email must be a string, not 5.'],
  ['a user report without comments', envelope(head(id), ['user_report', { event_id: id, name: 'a' }]), 'Item 0 (user_report): comments must be a non-empty string, not nothing.'],
  // Client reports
  ['an unknown reason', report({ reason: 'whim', category: 'error', quantity: 1 }), 'Item 0 (client_report): discarded_events[0].reason is not a known one: "whim".'],
  ['an unknown category', report({ reason: 'ignored', category: 'event', quantity: 1 }), 'Item 0 (client_report): discarded_events[0].category is not a known one: "event".'],
  ['a quantity of nothing', report({ reason: 'ignored', category: 'error', quantity: 0 }), 'Item 0 (client_report): discarded_events[0].quantity must be a positive integer, not 0.'],
  ['an empty report', envelope(head(), ['client_report', { discarded_events: [] }]), 'Item 0 (client_report): discarded_events is empty: send no report instead.'],
  // Others
  ['an attachment without a file name', envelope(head(id), ['attachment', 'x']), 'Item 0 (attachment) needs a filename in its header, not nothing.'],
  ['logs counted wrongly', envelope(head(), ['log', { items: [] }, { item_count: 2, content_type: 'application/vnd.sentry.items.log+json' }]), "Item 0 (log): items has 0 entries, but the item header's item_count says 2."],
  ['a session without a release', envelope(head(), ['session', { sid: id, started: new Date().toISOString() }]), 'Item 0 (session): attrs.release must be a non-empty string, not nothing.'],
  ['a check-in of a monitor without a proper name', envelope(head(), ['check_in', { check_in_id: id, monitor_slug: 'No Name', status: 'ok' }]), 'Item 0 (check_in): monitor_slug must be 1 to 50 of a to z, 0 to 9, - and _, not "No Name".'],
  ['a check-in with a schedule that is none', envelope(head(), ['check_in', { check_in_id: id, monitor_slug: 'a', status: 'ok', monitor_config: { schedule: { type: 'interval', value: 1, unit: 'hours' } } }]), 'Item 0 (check_in): monitor_config.schedule.unit is not a known one: "hours".'],
  ['a check-in in a state of its own', envelope(head(), ['check_in', { check_in_id: id, monitor_slug: 'a', status: 'fine' }]), 'Item 0 (check_in): status is not a known one: "fine".'],
];

describe('a bad envelope is refused and says what is wrong', () => {
  /** @type {Awaited<ReturnType<typeof startInbox>>} */ let inbox;
  before(async () => (inbox = await startInbox()));
  after(() => inbox.stop());

  for (const [name, body, sentence, status = 400] of CASES) {
    test(name, async () => {
      const answer = await inbox.send(body);
      const { detail, causes } = await answer.json();
      assert.equal(answer.status, status, detail);
      const said = [detail, ...causes];
      const found = said.some((one) => (typeof sentence === 'string' ? one === sentence : sentence.test(one)));
      assert.ok(found, `wanted ${sentence}, got:\n${said.join('\n')}`);
      assert.match(answer.headers.get('x-sentry-error'), /^[\x20-\x7e]+$/);
    });
  }

  test('all faults of one envelope are named at once, and at most twenty', async () => {
    const several = await (await inbox.send(eventEnvelope({ level: 'x', platform: 5, tags: { a: 1 } }))).json();
    assert.equal(several.causes.length, 2);
    const many = await (await inbox.send(eventEnvelope({ tags: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, i])) }))).json();
    assert.equal(many.causes.length, 20);
    assert.equal(many.causes.at(-1), '… and 30 more.');
  });

  test('what was refused is kept with its reasons, bounded, and nothing of it becomes an item', async () => {
    await inbox.forget();
    const body = eventEnvelope({ level: 'loud' });
    await inbox.send(body);
    const [kept] = await inbox.get('rejected');
    assert.equal(kept.raw, body);
    assert.equal(kept.errors.length, 1);
    assert.ok(!Number.isNaN(Date.parse(kept.received_at)));
    assert.deepEqual((await inbox.get('items')).items, []);
    for (let i = 0; i < 110; i++) await inbox.send('x');
    assert.equal((await inbox.get('rejected')).length, 100);
  });

  test('--lenient lets pass what servers mend by themselves, and nothing else', async () => {
    const lenient = await startInbox('--lenient');
    try {
      const mended = eventEnvelope({ tags: { n: 5, b: true }, user: { id: 7 }, breadcrumbs: [{ level: 'log', message: 'a' }], vendor: {} });
      assert.equal((await lenient.send(mended)).status, 200);
      assert.equal((await inbox.send(mended)).status, 400);
      assert.equal((await lenient.send(eventEnvelope({ level: 'loud' }))).status, 400);
    } finally {
      await lenient.stop();
    }
  });

  test('a type of content that no SDK sends is refused', async () => {
    const answer = await inbox.send(eventEnvelope(), { headers: { 'Content-Type': 'application/json' } });
    assert.equal(answer.status, 415);
    assert.match((await answer.json()).detail, /content type "application\/json" is not one for envelopes/);
  });
});
