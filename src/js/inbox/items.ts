// Checks of item payloads by type: one entry per type, so that a new type is one entry and one test.

import { checkEvent, checkId } from './event.js';
import { characters, isCount, isEventId, isObject, type Json, type JsonObject, readJson, show, utcTime } from './json.js';
import type { Problems } from './problems.js';

const KiB = 1024;
const MiB = 1024 * KiB;

/** What travels together: kinds of telemetry must not be mixed, `free` ones go with any. */
type Kind = 'error' | 'transaction' | 'log' | 'check_in' | 'span' | 'trace_metric' | 'profile_chunk' | 'replay' | 'free';

export interface ItemType {
  kind: Kind;
  /** The largest payload in bytes. */
  most: number;
  /** The envelope header must carry event_id. */
  needsId?: boolean;
  /** At most one per envelope. */
  single?: boolean;
  /** The payload is not (only) JSON. */
  binary?: boolean;
  check?: (payload: JsonObject, problems: Problems, envelopeId: Json | undefined, header: JsonObject) => void;
}

const REASONS = [
  'queue_overflow',
  'cache_overflow',
  'buffer_overflow',
  'ratelimit_backoff',
  'network_error',
  'sample_rate',
  'before_send',
  'event_processor',
  'send_error',
  'internal_sdk_error',
  'insufficient_data',
  'backpressure',
  'ignored',
  'invalid',
];
const CATEGORIES = [
  'default',
  'error',
  'transaction',
  'monitor',
  'span',
  'log_item',
  'log_byte',
  'security',
  'attachment',
  'session',
  'profile',
  'profile_chunk',
  'replay',
  'feedback',
  'trace_metric',
  'trace_metric_byte',
  'internal',
];
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const UNITS = ['year', 'month', 'week', 'day', 'hour', 'minute'];
const SESSION_STATES = ['ok', 'exited', 'crashed', 'abnormal', 'errored', 'unhandled'];

const oneOf = (value: Json | undefined, known: string[], at: string, problems: Problems): void => {
  if (typeof value !== 'string' || !known.includes(value)) problems.add(at, `is not a known one: ${show(value)}.`);
};
const nonEmpty = (value: Json | undefined, at: string, problems: Problems): void => {
  if (typeof value !== 'string' || value === '') problems.add(at, `must be a non-empty string, not ${show(value)}.`);
};
const hex = (value: Json | undefined, at: string, problems: Problems): void => {
  if (!isEventId(value)) problems.add(at, `must be 32 lowercase hexadecimal digits, not ${show(value)}.`);
};
const moment = (value: Json | undefined, at: string, problems: Problems): void => {
  const good = typeof value === 'number' ? value > 946_684_800 : typeof value === 'string' && utcTime(value) !== undefined;
  if (!good) problems.add(at, `must be seconds since 1970 or RFC 3339 in UTC, not ${show(value)}.`);
};

function transaction(payload: JsonObject, problems: Problems, id: Json | undefined): void {
  checkId(payload, id, problems);
  if (payload.type !== 'transaction') problems.add('type', `must be "transaction", not ${show(payload.type)}.`);
  moment(payload.timestamp, 'timestamp', problems);
  moment(payload.start_timestamp, 'start_timestamp', problems);
  const trace = isObject(payload.contexts) ? payload.contexts.trace : undefined;
  if (!isObject(trace)) problems.add('contexts.trace', `must be an object, not ${show(trace)}.`);
  else hex(trace.trace_id, 'contexts.trace.trace_id', problems);
}

function userReport(payload: JsonObject, problems: Problems, id: Json | undefined): void {
  checkId(payload, id, problems);
  for (const key of ['name', 'email']) {
    if (payload[key] != null && typeof payload[key] !== 'string') problems.add(key, `must be a string, not ${show(payload[key])}.`);
  }
  nonEmpty(payload.comments, 'comments', problems);
  if (typeof payload.comments === 'string' && characters(payload.comments) > 4096)
    problems.add('comments', `has ${characters(payload.comments)} characters; at most 4096 are allowed.`);
}

function clientReport(payload: JsonObject, problems: Problems): void {
  if (payload.timestamp != null) moment(payload.timestamp, 'timestamp', problems);
  const list = payload.discarded_events;
  if (!Array.isArray(list)) return problems.add('discarded_events', `must be an array, not ${show(list)}.`);
  if (list.length === 0) problems.add('discarded_events', 'is empty: send no report instead.');
  list.forEach((entry, i) => {
    const at = `discarded_events[${i}]`;
    if (!isObject(entry)) return problems.add(at, `must be an object, not ${show(entry)}.`);
    oneOf(entry.reason, REASONS, `${at}.reason`, problems);
    oneOf(entry.category, CATEGORIES, `${at}.category`, problems);
    if (!isCount(entry.quantity) || entry.quantity === 0)
      problems.add(`${at}.quantity`, `must be a positive integer, not ${show(entry.quantity)}.`);
  });
}

function sessionAttributes(payload: JsonObject, problems: Problems): void {
  const release = isObject(payload.attrs) ? payload.attrs.release : undefined;
  nonEmpty(release, 'attrs.release', problems);
}

function session(payload: JsonObject, problems: Problems): void {
  nonEmpty(payload.sid, 'sid', problems);
  moment(payload.started, 'started', problems);
  if (payload.timestamp != null) moment(payload.timestamp, 'timestamp', problems);
  if (payload.status != null) oneOf(payload.status, SESSION_STATES, 'status', problems);
  if (payload.errors != null && !isCount(payload.errors))
    problems.add('errors', `must be a non-negative integer, not ${show(payload.errors)}.`);
  sessionAttributes(payload, problems);
}

function sessions(payload: JsonObject, problems: Problems): void {
  const list = payload.aggregates;
  if (!Array.isArray(list)) problems.add('aggregates', `must be an array, not ${show(list)}.`);
  else if (list.length > 100) problems.add('aggregates', `has ${list.length} buckets; at most 100 are allowed.`);
  else
    list.forEach((bucket, i) => {
      if (!isObject(bucket)) problems.add(`aggregates[${i}]`, `must be an object, not ${show(bucket)}.`);
      else moment(bucket.started, `aggregates[${i}].started`, problems);
    });
  sessionAttributes(payload, problems);
}

/** The batched kinds say in the item header how many entries they hold. */
function container(payload: JsonObject, problems: Problems, header: JsonObject): Json[] {
  const list = payload.items;
  if (!Array.isArray(list)) {
    problems.add('items', `must be an array, not ${show(list)}.`);
    return [];
  }
  if (header.item_count !== list.length)
    problems.add('items', `has ${list.length} entries, but the item header's item_count says ${show(header.item_count)}.`);
  return list;
}

function log(payload: JsonObject, problems: Problems, _id: Json | undefined, header: JsonObject): void {
  const expected = 'application/vnd.sentry.items.log+json';
  if (header.content_type !== expected) problems.add('', `needs the content_type ${expected}, not ${show(header.content_type)}.`);
  const list = container(payload, problems, header);
  if (list.length > 100) problems.add('items', `has ${list.length} entries; at most 100 are allowed.`);
  list.forEach((entry, i) => {
    const at = `items[${i}]`;
    if (!isObject(entry)) return problems.add(at, `must be an object, not ${show(entry)}.`);
    moment(entry.timestamp, `${at}.timestamp`, problems);
    hex(entry.trace_id, `${at}.trace_id`, problems);
    oneOf(entry.level, LOG_LEVELS, `${at}.level`, problems);
    if (typeof entry.body !== 'string') problems.add(`${at}.body`, `must be a string, not ${show(entry.body)}.`);
  });
}

function checkIn(payload: JsonObject, problems: Problems): void {
  hex(payload.check_in_id, 'check_in_id', problems);
  const { monitor_slug: slug, duration, monitor_config: config } = payload;
  if (typeof slug !== 'string' || !/^[a-z0-9_-]{1,50}$/.test(slug))
    problems.add('monitor_slug', `must be 1 to 50 of a to z, 0 to 9, - and _, not ${show(slug)}.`);
  oneOf(payload.status, ['in_progress', 'ok', 'error'], 'status', problems);
  if (duration != null && !(typeof duration === 'number' && duration >= 0))
    problems.add('duration', `must be a number of seconds, not ${show(duration)}.`);
  if (config == null) return;
  const schedule = isObject(config) ? config.schedule : undefined;
  if (!isObject(schedule)) return problems.add('monitor_config.schedule', `must be an object, not ${show(schedule)}.`);
  oneOf(schedule.type, ['crontab', 'interval'], 'monitor_config.schedule.type', problems);
  if (schedule.type === 'crontab') nonEmpty(schedule.value, 'monitor_config.schedule.value', problems);
  if (schedule.type === 'interval') {
    if (!isCount(schedule.value)) problems.add('monitor_config.schedule.value', `must be a number, not ${show(schedule.value)}.`);
    oneOf(schedule.unit, UNITS, 'monitor_config.schedule.unit', problems);
  }
}

function attachment(_payload: JsonObject, problems: Problems, _id: Json | undefined, header: JsonObject): void {
  if (typeof header.filename !== 'string' || header.filename === '')
    problems.add('', `needs a filename in its header, not ${show(header.filename)}.`);
  if (header.length === undefined) problems.add('', 'needs a length in its header.');
}

export const ITEM_TYPES: Readonly<Record<string, ItemType>> = {
  event: { kind: 'error', most: MiB, needsId: true, single: true, check: (p, problems, id) => checkEvent(p, 'event', id, problems) },
  feedback: { kind: 'error', most: MiB, needsId: true, check: (p, problems, id) => checkEvent(p, 'feedback', id, problems) },
  user_report: { kind: 'error', most: 64 * KiB, needsId: true, check: userReport },
  transaction: { kind: 'transaction', most: MiB, needsId: true, single: true, check: transaction },
  profile: { kind: 'transaction', most: 50 * MiB },
  profile_chunk: { kind: 'profile_chunk', most: 50 * MiB },
  span: { kind: 'span', most: MiB },
  log: { kind: 'log', most: MiB, single: true, check: log },
  trace_metric: { kind: 'trace_metric', most: MiB, single: true, check: (p, problems, _id, header) => void container(p, problems, header) },
  check_in: { kind: 'check_in', most: 100 * KiB, single: true, check: checkIn },
  replay_event: { kind: 'replay', most: 10 * MiB, needsId: true },
  replay_recording: { kind: 'replay', most: 100 * MiB, binary: true },
  session: { kind: 'free', most: 100 * KiB, check: session },
  sessions: { kind: 'free', most: 100 * KiB, check: sessions },
  client_report: { kind: 'free', most: 4 * KiB, check: clientReport },
  attachment: { kind: 'free', most: 200 * MiB, needsId: true, binary: true, check: attachment },
};

/** Checks one item's payload against its type, which is known. */
export function checkPayload(
  type: ItemType,
  header: JsonObject,
  payload: Uint8Array,
  envelopeId: Json | undefined,
  problems: Problems,
): void {
  if (payload.length > type.most) {
    problems.tooLarge('', `has a payload of ${payload.length} bytes; at most ${type.most} are allowed.`);
    return;
  }
  if (type.binary) {
    type.check?.({}, problems, envelopeId, header);
    return;
  }
  const read = readJson(payload);
  if ('fault' in read) problems.add('', `has a payload that ${read.fault}`);
  else if (!isObject(read.value)) problems.add('', `has a payload that must be a JSON object, not ${show(read.value)}.`);
  else type.check?.(read.value, problems, envelopeId, header);
}
