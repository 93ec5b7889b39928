// Rules for fields of JSON: small ones, and what puts them together.

import { characters, isCount, isObject, type Json, type JsonObject, show, utcTime } from './json.js';
import type { Problems } from './problems.js';

const LEVELS = ['fatal', 'error', 'warning', 'info', 'debug'];
const PLATFORMS =
  'as3 c cfml cocoa csharp dart elixir go groovy haskell java javascript native node objc other perl php powershell python ruby rust';

/** A rule looks at one field that is there; `at` is its path, `event` the whole for rules across fields. */
export type Rule = (value: Json, at: string, problems: Problems, event: JsonObject) => void;

export const text =
  (most?: number): Rule =>
  (value, at, problems) => {
    if (typeof value !== 'string') problems.add(at, `must be a string, not ${show(value)}.`);
    else if (most !== undefined && characters(value) > most)
      problems.add(at, `has ${characters(value)} characters; at most ${most} are kept.`);
  };
export const flag: Rule = (value, at, problems) => {
  if (typeof value !== 'boolean') problems.add(at, `must be true or false, not ${show(value)}.`);
};
export const count: Rule = (value, at, problems) => {
  if (!isCount(value)) problems.add(at, `must be a non-negative integer, not ${show(value)}.`);
};
export const object: Rule = (value, at, problems) => {
  if (!isObject(value)) problems.add(at, `must be an object, not ${show(value)}.`);
};
export const address: Rule = (value, at, problems) => {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]+$/.test(value))
    problems.add(at, `must be a hexadecimal address such as "0x1a2b", not ${show(value)}.`);
};
export const level: Rule = (value, at, problems) => {
  const known = typeof value === 'string' && LEVELS.includes(value);
  if (value === 'log') problems.mended(at, `must be one of ${LEVELS.join(', ')}, not "log".`);
  else if (!known) problems.add(at, `must be one of ${LEVELS.join(', ')}, not ${show(value)}.`);
};
export const anything: Rule = () => undefined;
export const listOf =
  (each: Rule): Rule =>
  (value, at, problems, event) => {
    if (!Array.isArray(value)) problems.add(at, `must be an array, not ${show(value)}.`);
    else value.forEach((entry, i) => each(entry, `${at}[${i}]`, problems, event));
  };
export const mapOf =
  (each: Rule): Rule =>
  (value, at, problems, event) => {
    if (!isObject(value)) problems.add(at, `must be an object, not ${show(value)}.`);
    else for (const [key, entry] of Object.entries(value)) each(entry, `${at}.${key}`, problems, event);
  };

/** Runs a rule per known key. Null counts as absent, as for servers; unknown keys are faults when `closed`. */
export function fields(
  value: JsonObject,
  rules: Record<string, Rule>,
  at: string,
  problems: Problems,
  event: JsonObject,
  closed: boolean,
): void {
  for (const [key, entry] of Object.entries(value)) {
    const path = at ? `${at}.${key}` : key;
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule) {
      if (entry !== null) rule(entry, path, problems, event);
    } else if (closed) {
      problems.mended(path, at ? 'is not a known field there.' : 'is not a known field of an event.');
    }
  }
}

export const record =
  (rules: Record<string, Rule>, closed = true): Rule =>
  (value, at, problems, event) => {
    if (!isObject(value)) problems.add(at, `must be an object, not ${show(value)}.`);
    else fields(value, rules, at, problems, event, closed);
  };

/** The protocol allows seconds or RFC 3339. Milliseconds taken for seconds are the usual slip. */
export const timestamp: Rule = (value, at, problems) => {
  const seconds = secondsOf(value);
  if (seconds === undefined) {
    problems.add(at, `must be seconds since 1970 or RFC 3339 in UTC, not ${show(value)}.`);
  } else if (seconds > Date.now() / 1000 + 86_400) {
    const milliseconds = typeof value === 'number' && seconds > 1e11;
    problems.add(at, `is more than a day in the future${milliseconds ? ': it looks like milliseconds, not seconds' : ''}.`);
  } else if (seconds < 946_684_800) {
    problems.add(at, 'is before the year 2000.');
  }
};

export function secondsOf(value: Json | undefined): number | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const ms = typeof value === 'string' ? utcTime(value) : undefined;
  return ms === undefined ? undefined : ms / 1000;
}

export const platform: Rule = (value, at, problems) => {
  if (typeof value !== 'string' || !PLATFORMS.split(' ').includes(value)) problems.add(at, `is not a known platform: ${show(value)}.`);
};
