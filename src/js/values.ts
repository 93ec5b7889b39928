// Bounded copies of any JavaScript value: nothing of the host is kept, changed or (but for an Error's own fields) run.

import { clock } from './clock.js';

const { keys, getOwnPropertyDescriptor, getPrototypeOf, prototype } = Object;
const { isArray } = Array;
const { stringify } = JSON;

export type Bag = Record<string, unknown>;

/** Makes objects without Object.prototype: no polluted setter runs, `__proto__` is a key like any other. Unlike
 * `Object.create(null)` it leaves the engine its fast properties. */
export const Bag = function () {} as unknown as new () => Bag;
Bag.prototype = Object.create(null);

const enum Max {
  Word = 200,
  /** Entries that are copied however long it takes, or a pause of the engine's would cost data. */
  Free = 4000,
  Parents = 100,
  Message = 16_384,
}

/** How far a copy goes, how many entries of one object it takes, and how long a large one may take. */
export interface Reach {
  depth_: number;
  breadth_: number;
  ms_: number;
}

export const REACH: Reach = { depth_: 3, breadth_: 1000, ms_: 10 };

interface Walk {
  /** Bytes that may still be written. */
  room_: number;
  until_: number;
  /** Entries until the time counts. */
  free_: number;
  path_: object[];
  breadth_: number;
}

export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** To be asked before calling what the host gave: of what is no function Firefox may write all that is in it into its
 * error's text, however often one object is in it. */
export const isFunction = (value: unknown): value is (...args: never[]) => unknown => typeof value === 'function';

/** Shortens a text. The detour makes a copy, for a slice would keep all of the long text alive. */
export const cut = (text: string, max: number = Max.Word): string =>
  text.length > max ? (' ' + text.slice(0, Math.max(max - 1, 0))).slice(1) + '…' : text;

/** The most bytes that a value takes as it is; what has to be copied or rewritten takes endlessly many. */
function bytesOf(value: unknown): number {
  return typeof value === 'string'
    ? value.length * 3
    : value === null || typeof value === 'boolean' || (Number.isFinite(value) && !Object.is(value, -0))
      ? 8
      : Infinity;
}

/** The class of a value as the engine names it. */
export function tagOf(value: unknown): string {
  try {
    return prototype.toString.call(value).slice(8, -1);
  } catch {
    return 'Proxy';
  }
}

/** A field of an Error or of an argument: the one place where a getter is run. */
export function get(object: unknown, key: string): unknown {
  try {
    return (object as Bag | undefined)?.[key];
  } catch (error) {
    return `<getter threw: ${tagOf(error)}>`;
  }
}

/** A field without running a getter. */
const own = (object: unknown, key: string): unknown => getOwnPropertyDescriptor(object, key)?.value;

/** A text for what is not an object; of an object its class. */
const plain = (value: unknown): string =>
  Object(value) === value
    ? `[${tagOf(value)}]`
    : // To write one that is no number takes seconds, perhaps.
      typeof value === 'bigint' && !isFinite(Number(value))
      ? 'too large'
      : String(value);

/** Errors of all realms, and what has the data of one. */
export function isError(value: unknown): boolean {
  try {
    if (!isObject(value)) return false;
    if (/(^Error|Exception)$/.test(tagOf(value))) return true;
    // By hand, for a Proxy may have prototypes without end.
    let parent: unknown = value;
    for (let i = 0; i < Max.Parents && (parent = getPrototypeOf(parent)); i++) if (parent === Error.prototype) return true;
    return typeof own(value, 'stack') === 'string' && typeof own(value, 'message') === 'string';
  } catch {
    return false;
  }
}

/** The name of an object's class. */
export function className(value: object): string {
  try {
    const tag = tagOf(value);
    return cut(plain((tag === 'Object' && own(own(getPrototypeOf(value), 'constructor'), 'name')) || tag));
  } catch {
    return 'Object';
  }
}

/** What the platform's getter says of an object, whatever the object's own would say. */
const ask = (value: object, of: object, key: string): unknown => getOwnPropertyDescriptor(of, key)!.get!.call(value);

/** A word for an object that is more than its data; nothing for one that is not. */
function wordFor(value: Bag): string | undefined {
  const parent = getPrototypeOf(value);
  if (parent === prototype || isArray(value)) return;
  // A long text in a longer one would be copied as a whole.
  if (isError(value)) return `${cut(plain(get(value, 'name')))}: ${cut(plain(get(value, 'message')), Max.Message)}`;
  // Of a window of another origin hardly more can be seen.
  if (!parent && getOwnPropertyDescriptor(value, 'window')?.get) return '[Window]';
  const tag = tagOf(value);
  if (tag === 'Object') return;
  if (tag === 'Date') {
    const at = Date.prototype.getTime.call(value);
    return isNaN(at) ? '[Invalid Date]' : new Date(at).toISOString();
  }
  const more = /Element$/.test(tag)
    ? '#' + Element.prototype.getAttribute.call(value, 'id')
    : /Event$/.test(tag)
      ? ask(value, Event.prototype, 'type')
      : /Array$/.test(tag)
        ? ask(value, getPrototypeOf(Int8Array.prototype), 'length')
        : tag === 'Map' || tag === 'Set'
          ? ask(value, globalThis[tag].prototype, 'size')
          : '';
  return `[${tag} ${more}]`;
}

/** `listed`: the names of its fields, if they are known. */
function walk(value: unknown, depth: number, to: Walk, listed?: string[]): unknown {
  const type = typeof value;
  if (type === 'string') {
    let text = cut(value as string, to.room_);
    // What JSON escapes takes more room than it seems; a character beyond ASCII has at most three bytes.
    const bytes = (/[^\0-\x7f]/.test(text) ? 3 : 1) * (stringify(text).length / (text.length + 2));
    text = cut(text, to.room_ / bytes);
    to.room_ -= text.length * bytes;
    return text;
  }
  if (value === undefined || bytesOf(value) < 9) return value;
  try {
    if (isObject(value)) return walkObject(value as Bag, depth, to, listed);
    if (type === 'function') return cut(`[Function: ${plain(own(value, 'name') || 'anonymous')}]`);
    if (type === 'bigint') return cut(`[BigInt: ${plain(value)}]`);
    return cut(Object.is(value, -0) ? '[-0]' : `[${String(value)}]`);
  } catch {
    return '[Proxy]';
  }
}

function walkObject(value: Bag, depth: number, to: Walk, listed?: string[]): unknown {
  if (to.path_.includes(value)) return '[Circular ~]';
  const word = wordFor(value);
  if (word !== undefined) return walk(word, 0, to);
  if (depth < 1) return `[${tagOf(value)}]`;
  const list = isArray(value);
  const names: unknown[] = list ? value : (listed ?? keys(value));
  const out: Bag = list ? ([] as unknown as Bag) : new Bag();
  to.path_.push(value);
  // To be told the names of many entries takes its time, too.
  if (!list) to.free_ -= names.length;
  for (let i = 0; i < names.length; i++) {
    if (i >= to.breadth_ || to.room_ <= 0 || (--to.free_ < 0 && clock() > to.until_)) {
      out[list ? i : '…'] = `… ${names.length - i} more`;
      break;
    }
    const name = list ? '' + i : (names[i] as string);
    const field = getOwnPropertyDescriptor(value, name);
    to.room_ -= name.length + 4;
    out[cut(name)] = !field ? null : field.get || field.set ? '[Getter]' : walk(field.value, depth - 1, to);
  }
  to.path_.pop();
  return out;
}

/** A copy of any value that JSON can say in about so many bytes. */
export function copy(value: unknown, bytes: number, { depth_: depth, breadth_, ms_ } = REACH, listed?: string[]): unknown {
  return bytesOf(value) <= bytes
    ? value
    : walk(value, depth, { room_: bytes, until_: clock() + ms_, free_: Max.Free, path_: [], breadth_ }, listed);
}

/** A copy of an object's own fields; nothing if it has none to show. Flat ones, the usual case, go without the walk. */
export function copyBag(from: unknown, bytes: number, reach = REACH): Bag | undefined {
  if (!isObject(from)) return;
  let listed;
  try {
    if (getPrototypeOf(from) === prototype) {
      const out = new Bag();
      let room = bytes;
      listed = keys(from);
      for (const key of listed) {
        const { value } = getOwnPropertyDescriptor(from, key)!;
        room -= key.length * 3 + bytesOf(value);
        if (room < 0) break;
        out[key] = value;
      }
      if (room >= 0) return out;
    }
  } catch {
    // A Proxy; the walk names it.
  }
  const out = copy(from, bytes, reach, listed);
  return isObject(out) ? (isArray(out) ? { ...out } : (out as Bag)) : undefined;
}

/** Any value in one short line. */
export function describe(value: unknown, max: number = Max.Word): string {
  if (isObject(value) || typeof value === 'function') value = copy(value, max, { ...REACH, depth_: 2 });
  return isObject(value) ? cut(toText(value), max) : cut(plain(value), max);
}

/** JSON of what this module made. Lone surrogates, which JSON writes as escapes, become U+FFFD. */
export function toText(value: unknown): string {
  const text = stringify(value);
  return text.includes('\\ud') ? text.replace(/\\\\|\\ud[89a-f]../g, (it) => (it[1] === 'u' ? '\\ufffd' : it)) : text;
}
