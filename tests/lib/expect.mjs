// What the fixture page's failures must look like in an event, and short ways to a payload's parts.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tests } from './env.mjs';

export const fixture = (name) => readFileSync(join(tests, 'browser/pages', name), 'utf8');

/** The thrown exception: the last of the list, as the protocol wants it. */
export const thrown = (event) => event.exception.values.at(-1);

/** What a message says, in the long form that strict servers know, `logentry`. */
export const messageOf = (event) => event.logentry?.formatted ?? event.logentry?.message;

/** The senders: how a title ends, and where the module is that it takes. */
export const senders = [
  ['', undefined],
  [', without the module', 'nowhere.wasm'],
];

/** The messages of all events, sorted. */
export const messages = async (w) => (await w.inbox.items({ type: 'event' })).map(({ payload }) => messageOf(payload)).sort();

/** The losses that were reported, as {'category: reason': quantity}. */
export const losses = (w) => sums(w, ({ category, reason }) => `${category}: ${reason}`);

/** The same, as {reason: quantity}. */
export const reasons = (w) => sums(w, ({ reason }) => reason);

async function sums(w, nameOf) {
  const sums = {};
  for (const { payload } of await w.inbox.items({ type: 'client_report' }))
    for (const loss of payload.discarded_events) sums[nameOf(loss)] = (sums[nameOf(loss)] ?? 0) + loss.quantity;
  return sums;
}

export const breadcrumbs = (event) => event.breadcrumbs?.values ?? event.breadcrumbs ?? [];

const marks = { outer: 'outer', middle: 'middle', inner: 'inner', typeError: 'type-error' };

/**
 * Line and column (both from 1) of a mark in a fixture script's text: where the code after the comment that consists of
 * an @ and the mark's name begins. That is a call; WebKit says where its parenthesis is.
 */
export function place(text, mark, engine) {
  const comment = `/*@${mark}*/`;
  const index = text.indexOf(comment);
  assert.notEqual(index, -1, `the fixture has no mark ${comment}`);
  const begin = index + comment.length;
  const before = text.slice(0, engine === 'webkit' ? text.indexOf('(', begin) : begin);
  return { lineno: before.split('\n').length, colno: before.length - before.lastIndexOf('\n') };
}

/** The innermost frames of pages/failing.js, oldest first, are those of its calls, at their lines and columns. */
export function expectFailingFrames(exception, site, engine) {
  const names = ['outer', 'middle', 'inner', 'typeError'];
  const text = fixture('failing.js');
  const seen = exception.stacktrace.frames.slice(-names.length).map((frame) => ({
    filename: frame.abs_path ?? frame.filename,
    function: frame.function,
    lineno: frame.lineno,
    colno: frame.colno,
  }));
  const expected = names.map((name) => ({
    filename: `${site.url}/pages/failing.js`,
    function: name,
    ...place(text, marks[name], engine),
  }));
  assert.deepEqual(seen, expected);
}

/** All of `expected` is in `seen`, which may hold more. */
export function expectContains(seen, expected, what = 'the value') {
  assert.deepEqual(pick(seen, expected), expected, what);
}

function pick(seen, like) {
  if (Array.isArray(like)) return Array.isArray(seen) ? seen.map((item, i) => (i in like ? pick(item, like[i]) : item)) : seen;
  if (like === null || typeof like !== 'object' || seen === null || typeof seen !== 'object') return seen;
  return Object.fromEntries(Object.keys(like).flatMap((key) => (key in seen ? [[key, pick(seen[key], like[key])]] : [])));
}
