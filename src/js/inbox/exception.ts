// Checks of exceptions, their mechanisms, stacks and frames, and of the images that wasm frames point to.

import { isCount, isObject, type Json, show } from './json.js';
import type { Problems } from './problems.js';
import { address, anything, count, fields, flag, listOf, object, platform, record, type Rule, text } from './rules.js';

const addrMode: Rule = (value, at, problems, event) => {
  const relative = typeof value === 'string' ? /^rel:(.+)$/.exec(value)?.[1] : undefined;
  if (value === 'abs') return;
  if (relative === undefined) return problems.add(at, `must be "abs", "rel:N" or "rel:<debug_id>", not ${show(value)}.`);
  const meta = event.debug_meta;
  const images = isObject(meta) && Array.isArray(meta.images) ? meta.images : [];
  const found = /^\d{1,9}$/.test(relative)
    ? images[Number(relative)] != null
    : images.some((image) => isObject(image) && image.debug_id === relative);
  if (!found) problems.add(at, `names image ${relative}, but debug_meta.images has ${images.length} and not that one.`);
};

const frame = record({
  filename: text(),
  abs_path: text(),
  function: text(),
  raw_function: text(),
  module: text(),
  package: text(),
  platform,
  lineno: count,
  colno: count,
  in_app: flag,
  stack_start: flag,
  instruction_addr: address,
  addr_mode: addrMode,
  function_id: address,
  image_addr: address,
  symbol: text(),
  symbol_addr: address,
  context_line: text(),
  pre_context: listOf(text()),
  post_context: listOf(text()),
  vars: object,
  lock: object,
});

export const stacktrace: Rule = (value, at, problems, event) => {
  if (!isObject(value)) return problems.add(at, `must be an object, not ${show(value)}.`);
  if (!Array.isArray(value.frames)) problems.add(`${at}.frames`, `must be an array, not ${show(value.frames)}.`);
  else if (value.frames.length === 0) problems.add(`${at}.frames`, 'is empty: leave stacktrace out instead.');
  fields(
    value,
    { frames: listOf(frame), lang: text(), registers: object, snapshot: flag, instruction_addr_adjustment: text() },
    at,
    problems,
    event,
    true,
  );
};

const mechanism: Rule = (value, at, problems, event) => {
  if (!isObject(value)) return problems.add(at, `must be an object, not ${show(value)}.`);
  if (typeof value.type !== 'string' || value.type === '')
    problems.add(`${at}.type`, `must be a non-empty string, not ${show(value.type)}.`);
  const { type: _, ...rest } = value;
  fields(
    rest,
    {
      handled: flag,
      synthetic: flag,
      description: text(),
      help_link: text(),
      data: object,
      meta: object,
      source: text(),
      is_exception_group: flag,
      exception_id: count,
      parent_id: count,
    },
    at,
    problems,
    event,
    true,
  );
};

const exception: Rule = (value, at, problems, event) => {
  if (!isObject(value)) return problems.add(at, `must be an object, not ${show(value)}.`);
  if (value.type == null && value.value == null) problems.add(at, 'needs a type or a value.');
  fields(
    value,
    { type: text(), value: text(8192), module: text(), stacktrace, mechanism, thread_id: anything, raw_stacktrace: stacktrace },
    at,
    problems,
    event,
    true,
  );
};

export const exceptions: Rule = (value, at, problems, event) => {
  const values = isObject(value) ? value.values : undefined;
  if (!isObject(value) || !Array.isArray(values)) return problems.add(`${at}.values`, `must be an array, not ${show(values)}.`);
  if (values.length === 0) problems.add(`${at}.values`, 'is empty: leave exception out instead.');
  fields(value, { values: listOf(exception) }, at, problems, event, true);
  chain(values, at, problems);
};

/** exception_id and parent_id make a tree whose root, the thrown error, is 0 and stands last. */
function chain(values: Json[], at: string, problems: Problems): void {
  const mechanisms = values.map((value) => (isObject(value) && isObject(value.mechanism) ? value.mechanism : {}));
  const ids = mechanisms.map((m) => m.exception_id).filter(isCount);
  mechanisms.forEach((m, i) => {
    const path = `${at}.values[${i}].mechanism`;
    if (isCount(m.exception_id) && ids.indexOf(m.exception_id) !== ids.lastIndexOf(m.exception_id))
      problems.add(`${path}.exception_id`, `${m.exception_id} is given to more than one exception.`);
    if (m.exception_id === 0 && i !== values.length - 1)
      problems.add(`${path}.exception_id`, 'is 0, the thrown error, which must be the last of values.');
    if (!isCount(m.parent_id)) return;
    if (!isCount(m.exception_id)) problems.add(`${path}.parent_id`, 'is given without exception_id.');
    else if (m.parent_id >= m.exception_id)
      problems.add(`${path}.parent_id`, `must be smaller than exception_id ${m.exception_id}, not ${m.parent_id}.`);
    else if (!ids.includes(m.parent_id)) problems.add(`${path}.parent_id`, `${m.parent_id} is no exception's exception_id.`);
  });
}

export const image = (value: Json, at: string, problems: Problems): void => {
  if (!isObject(value)) return problems.add(at, `must be an object, not ${show(value)}.`);
  if (typeof value.type !== 'string') problems.add(`${at}.type`, `must be a string, not ${show(value.type)}.`);
  if (value.type !== 'wasm' && value.type !== 'sourcemap') return;
  for (const key of ['code_file', 'debug_id']) {
    if (typeof value[key] !== 'string' || value[key] === '')
      problems.add(`${at}.${key}`, `must be a non-empty string for a ${value.type} image, not ${show(value[key])}.`);
  }
  if (typeof value.debug_id === 'string' && !/^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?:-?[0-9a-f]{1,8})?$/i.test(value.debug_id))
    problems.add(`${at}.debug_id`, `must be a UUID, with or without an age, not ${show(value.debug_id)}.`);
};
