// Checks of an event's payload against the protocol: what a server would drop, trim or rewrite is named here instead.

import { exceptions, image, stacktrace } from './exception.js';
import { characters, isEventId, isObject, type Json, type JsonObject, show } from './json.js';
import type { Problems } from './problems.js';
import { anything, count, fields, level, listOf, mapOf, object, platform, record, type Rule, secondsOf, text, timestamp } from './rules.js';

/** Names that servers use in URLs: what they refuse in them, they drop from the event. */
const urlName =
  (most: number, spaces: boolean): Rule =>
  (value, at, problems) => {
    if (typeof value !== 'string') problems.add(at, `must be a string, not ${show(value)}.`);
    else if (value.trim() === '') problems.add(at, 'is empty.');
    else if (characters(value) > most) problems.add(at, `has ${characters(value)} characters; at most ${most} are allowed.`);
    else if (/[\\/\u0000-\u001f\u007f]/.test(value))
      problems.add(at, `must not hold slashes, backslashes, line breaks or control characters: ${show(value)}.`);
    else if (!spaces && /\s/.test(value)) problems.add(at, `must not hold spaces: ${show(value)}.`);
    else if (value === '.' || value === '..') problems.add(at, `must not be ${show(value)}.`);
  };

const dist: Rule = (value, at, problems) => {
  if (typeof value !== 'string' || !/^[a-zA-Z0-9_.-]{1,64}$/.test(value))
    problems.add(at, `must be 1 to 64 letters, digits, "_", "." or "-", not ${show(value)}.`);
};

const tags: Rule = (value, at, problems) => {
  let entries: [Json, Json][];
  if (isObject(value)) entries = Object.entries(value);
  else if (Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2)) entries = value as [Json, Json][];
  else return problems.add(at, `must be an object of strings, not ${show(value)}.`);
  for (const [key, tag] of entries) {
    if (typeof key !== 'string' || !/^[a-zA-Z0-9_.:-]{1,200}$/.test(key)) {
      problems.add(at, `has the key ${show(key)}: keys are 1 to 200 letters, digits, "_", ".", ":" or "-".`);
      continue;
    }
    const path = `${at}.${key}`;
    if (typeof tag === 'number' || typeof tag === 'boolean') problems.mended(path, `must be a string, not ${show(tag)}.`);
    else if (typeof tag !== 'string') problems.add(path, `must be a string, not ${show(tag)}.`);
    else if (tag === '') problems.add(path, 'is empty.');
    else if (characters(tag) > 200) problems.add(path, `has ${characters(tag)} characters; at most 200 are kept.`);
    else if (/[\r\n]/.test(tag)) problems.add(path, 'must not hold line breaks.');
  }
};

const breadcrumb = record({
  type: text(),
  category: text(),
  message: text(),
  level,
  timestamp,
  data: object,
  event_id: text(),
  origin: text(),
});

/** Both forms are on the wire: `{values}` by the specification, a bare array by the most used browser SDK. */
const breadcrumbs: Rule = (value, at, problems, event) => {
  const bare = Array.isArray(value);
  const values = bare ? value : isObject(value) ? value.values : undefined;
  if (!Array.isArray(values)) return problems.add(`${at}.values`, `must be an array, not ${show(values)}.`);
  const path = bare ? at : `${at}.values`;
  listOf(breadcrumb)(values, path, problems, event);
  let before = -Infinity;
  values.forEach((crumb, i) => {
    const seconds = isObject(crumb) ? secondsOf(crumb.timestamp) : undefined;
    if (seconds === undefined) return;
    if (seconds < before) problems.add(`${path}[${i}].timestamp`, 'is earlier than the one before: breadcrumbs go oldest first.');
    before = seconds;
  });
};

const headers: Rule = (value, at, problems) => {
  const pairs =
    Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every((p) => typeof p === 'string'));
  if (pairs) return;
  if (!isObject(value)) return problems.add(at, `must be an object of strings, not ${show(value)}.`);
  for (const [name, header] of Object.entries(value)) {
    if (header !== null && typeof header !== 'string') problems.add(`${at}.${name}`, `must be a string, not ${show(header)}.`);
  }
};

const request = record({
  url: text(),
  method: text(),
  headers,
  data: anything,
  query_string: anything,
  cookies: anything,
  env: object,
  fragment: text(),
  protocol: text(),
  body_size: count,
  api_target: text(),
  inferred_content_type: text(),
});

/** Servers read a number as text. */
const userId: Rule = (value, at, problems, event) => {
  if (typeof value === 'number') problems.mended(at, `must be a string, not ${show(value)}.`);
  else text()(value, at, problems, event);
};

const user = record(
  {
    id: userId,
    email: text(),
    username: text(),
    name: text(),
    ip_address: text(),
    segment: text(),
    data: object,
    geo: object,
  },
  false,
);

const contexts = mapOf((value, at, problems) => {
  if (value !== null && !isObject(value)) problems.add(at, `must be an object, not ${show(value)}.`);
});

const message: Rule = (value, at, problems, event) => {
  if (isObject(value)) return logentry(value, at, problems, event);
  text(8192)(value, at, problems, event);
  if (event.logentry != null) problems.add(at, 'and logentry are the same field to a server: send one of them.');
};
const logentry = record({ message: text(8192), formatted: text(8192), params: anything });

const sdk: Rule = (value, at, problems, event) => {
  if (!isObject(value)) return problems.add(at, `must be an object, not ${show(value)}.`);
  for (const key of ['name', 'version']) {
    if (typeof value[key] !== 'string' || value[key] === '')
      problems.add(`${at}.${key}`, `must be a non-empty string, not ${show(value[key])}.`);
  }
  fields(
    value,
    { integrations: listOf(text()), packages: listOf(object), features: listOf(text()), settings: object },
    at,
    problems,
    event,
    false,
  );
};
/** The envelope header carries the same `sdk` object as the event. */
export const checkSdk = (value: Json, at: string, problems: Problems): void => sdk(value, at, problems, {});

const fingerprint: Rule = (value, at, problems, event) => {
  listOf(text())(value, at, problems, event);
  if (Array.isArray(value) && value.length === 0) problems.add(at, 'is empty: leave it out instead.');
};

const FIELDS: Record<string, Rule> = {
  event_id: anything, // against the envelope header, below
  timestamp,
  received: timestamp,
  platform,
  level,
  logger: text(64),
  transaction: text(200),
  server_name: text(),
  release: urlName(200, true),
  dist,
  environment: urlName(64, false),
  tags,
  modules: mapOf(text()),
  extra: object,
  contexts,
  user,
  request,
  breadcrumbs,
  exception: exceptions,
  threads: record({ values: listOf(object) }),
  stacktrace,
  message,
  logentry,
  fingerprint,
  errors: listOf(object),
  debug_meta: record({ images: listOf(image), sdk_info: object }),
  sdk,
  type: anything, // by kind of item, below
  culprit: text(),
  version: text(),
  transaction_info: object,
  time_spent: count,
  project: anything,
  checksum: text(),
  _meta: object,
};

/** Checks that the id is there and is the envelope's. */
export function checkId(event: JsonObject, envelopeId: Json | undefined, problems: Problems): void {
  if (!isEventId(event.event_id)) problems.add('event_id', `must be 32 lowercase hexadecimal digits, not ${show(event.event_id)}.`);
  else if (isEventId(envelopeId) && event.event_id !== envelopeId)
    problems.add('event_id', `is ${event.event_id}, but the envelope header says ${envelopeId}.`);
}

/** Checks an error, message or feedback event. */
export function checkEvent(event: JsonObject, kind: 'event' | 'feedback', envelopeId: Json | undefined, problems: Problems): void {
  checkId(event, envelopeId, problems);
  for (const key of ['timestamp', 'platform']) {
    if (event[key] == null) problems.add(key, 'is missing.');
  }
  const types = kind === 'event' ? ['error', 'default', 'event'] : ['feedback'];
  if (event.type != null && !types.includes(event.type as string))
    problems.add('type', `must be ${types[0]} or left out in an item of type ${kind}, not ${show(event.type)}.`);
  fields(event, FIELDS, '', problems, event, true);
  if (kind === 'feedback') feedback(event, problems);
}

function feedback(event: JsonObject, problems: Problems): void {
  const at = 'contexts.feedback';
  const given = isObject(event.contexts) ? event.contexts.feedback : undefined;
  if (!isObject(given)) return problems.add(at, `must be an object, not ${show(given)}.`);
  const said = given.message;
  if (typeof said !== 'string' || said.trim() === '') problems.add(`${at}.message`, `must be a non-empty string, not ${show(said)}.`);
  else if (characters(said) > 4096) problems.add(`${at}.message`, `has ${characters(said)} characters; at most 4096 are allowed.`);
  for (const key of ['contact_email', 'name', 'url', 'source']) {
    if (given[key] != null && typeof given[key] !== 'string') problems.add(`${at}.${key}`, `must be a string, not ${show(given[key])}.`);
  }
  for (const key of ['associated_event_id', 'replay_id']) {
    if (given[key] != null && !isEventId(given[key]))
      problems.add(`${at}.${key}`, `must be 32 lowercase hexadecimal digits, not ${show(given[key])}.`);
  }
}
