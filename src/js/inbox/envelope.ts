// Reads an envelope byte by byte as the specification frames it, and checks the rules between its items.

import { checkSdk } from './event.js';
import { ITEM_TYPES, checkPayload } from './items.js';
import { isCount, isEventId, isObject, type JsonObject, readJson, show, utcTime } from './json.js';
import { Problems } from './problems.js';

export interface Item {
  type: string;
  header: JsonObject;
  /** A view into the envelope's bytes. */
  payload: Uint8Array;
}

export interface Envelope {
  header: JsonObject;
  items: Item[];
}

const NEWLINE = 0x0a;
const KNOWN_HEADERS = ['event_id', 'dsn', 'sdk', 'sent_at', 'trace', 'retention'];

/** Reads all that can be read. Faults go to `problems`; the envelope is good when there are none. */
export function readEnvelope(bytes: Uint8Array, problems: Problems): Envelope {
  const envelope: Envelope = { header: {}, items: [] };
  if (bytes.length === 0) {
    problems.add('', 'The body is empty.');
    return envelope;
  }
  const end = lineEnd(bytes, 0);
  const header = readLine(bytes, 0, end);
  if (!('value' in header)) {
    problems.add('', `The envelope header ${header.fault}`);
    return envelope;
  }
  envelope.header = header.value;
  checkHeader(envelope.header, problems);

  let at = end + 1;
  while (at < bytes.length) {
    const next = readItem(bytes, at, envelope, problems);
    if (next === undefined) return envelope; // what follows cannot be told apart from the payload
    at = next;
  }
  if (envelope.items.length === 0) problems.add('', 'The envelope has no items.');
  checkTogether(envelope, problems);
  return envelope;
}

function checkHeader(header: JsonObject, problems: Problems): void {
  const own = new Problems('Envelope header', problems.lenient);
  for (const key of Object.keys(header)) {
    if (!KNOWN_HEADERS.includes(key)) own.mended(key, 'is not a known field there.');
  }
  if (header.event_id !== undefined && !isEventId(header.event_id))
    own.add('event_id', `must be 32 lowercase hexadecimal digits, not ${show(header.event_id)}.`);
  if (header.sent_at !== undefined && (typeof header.sent_at !== 'string' || utcTime(header.sent_at) === undefined))
    own.add('sent_at', `must be RFC 3339 in UTC, not ${show(header.sent_at)}.`);
  if (header.dsn !== undefined && typeof header.dsn !== 'string') own.add('dsn', `must be a string, not ${show(header.dsn)}.`);
  if (header.sdk !== undefined) checkSdk(header.sdk, 'sdk', own);
  if (header.trace !== undefined && !isObject(header.trace)) own.add('trace', `must be an object, not ${show(header.trace)}.`);
  problems.take(own);
}

/** Returns where the next item starts, or undefined when that cannot be known. */
function readItem(bytes: Uint8Array, start: number, envelope: Envelope, problems: Problems): number | undefined {
  const index = envelope.items.length;
  const headerEnd = lineEnd(bytes, start);
  if (headerEnd === start) {
    const where = index === 0 ? 'the envelope header' : `item ${index - 1}`;
    problems.add('', `After ${where} there is an empty line: one newline ends the last payload, nothing follows it.`);
    return undefined;
  }
  const read = readLine(bytes, start, headerEnd);
  if (!('value' in read)) {
    problems.add('', `Item ${index}: its header ${read.fault}${index > 0 ? ' (Or something follows the last payload.)' : ''}`);
    return undefined;
  }
  const header = read.value;
  const type = header.type;
  const own = new Problems(`Item ${index}${typeof type === 'string' ? ` (${type.slice(0, 40)})` : ''}`, problems.lenient);
  if (typeof type !== 'string' || type === '') own.add('', `needs a type in its header, not ${show(type)}.`);

  const payloadStart = headerEnd + 1;
  const left = Math.max(0, bytes.length - payloadStart);
  let payloadEnd: number;
  let readable = true;
  if (header.length === undefined) {
    payloadEnd = lineEnd(bytes, payloadStart);
  } else if (!isCount(header.length)) {
    own.add('', `has a length that must be a non-negative integer, not ${show(header.length)}.`);
    readable = false;
    payloadEnd = bytes.length;
  } else if (header.length > left) {
    own.add('', `has a length of ${header.length} bytes, but only ${left} bytes follow.`);
    readable = false;
    payloadEnd = bytes.length;
  } else {
    payloadEnd = payloadStart + header.length;
    if (payloadEnd < bytes.length && bytes[payloadEnd] !== NEWLINE) {
      own.add('', `has a length of ${header.length} bytes, but no newline follows them: length counts UTF-8 bytes, exactly.`);
      readable = false;
    }
  }
  if (readable && headerEnd >= bytes.length) {
    own.add('', 'has no payload.');
    readable = false;
  }

  const payload = bytes.subarray(Math.min(payloadStart, bytes.length), payloadEnd);
  if (typeof type === 'string' && type !== '') {
    const known = Object.hasOwn(ITEM_TYPES, type) ? ITEM_TYPES[type] : undefined;
    if (!known) own.add('', 'is not a known type of item.');
    else if (readable) {
      if (known.needsId && envelope.header.event_id === undefined) own.add('', 'needs event_id in the envelope header.');
      checkPayload(known, header, payload, envelope.header.event_id, own);
    }
    envelope.items.push({ type, header, payload });
  } else {
    envelope.items.push({ type: '', header, payload });
  }
  problems.take(own);
  return readable ? payloadEnd + 1 : undefined;
}

function checkTogether(envelope: Envelope, problems: Problems): void {
  const counts = new Map<string, number>();
  for (const { type } of envelope.items) counts.set(type, (counts.get(type) ?? 0) + 1);
  for (const [type, count] of counts) {
    if (count > 1 && ITEM_TYPES[type]?.single) problems.add('', `The envelope has ${count} items of type ${type}; at most one is allowed.`);
  }
  const kinds = new Map<string, string>();
  for (const { type } of envelope.items) {
    const kind = ITEM_TYPES[type]?.kind;
    if (kind && kind !== 'free' && !kinds.has(kind)) kinds.set(kind, type);
  }
  if (kinds.size > 1) problems.add('', `The envelope mixes ${[...kinds.values()].join(' and ')}: they must be sent apart.`);
}

function lineEnd(bytes: Uint8Array, from: number): number {
  const found = bytes.indexOf(NEWLINE, from);
  return found < 0 ? bytes.length : found;
}

function readLine(bytes: Uint8Array, start: number, end: number): { value: JsonObject } | { fault: string } {
  const read = readJson(bytes.subarray(start, end));
  if ('fault' in read) return read;
  return isObject(read.value) ? { value: read.value } : { fault: `must be a JSON object, not ${show(read.value)}.` };
}
