// What was thrown, as the exception values of an event: the error itself first, then what caused it.

import { scrubUrl } from './scrub.js';
import type { Mechanism, StackFrame } from './types.js';
import { className, copy, cut, describe, get, isError, isObject, tagOf, type Bag } from './values.js';

/** As the core reads it: the engine's stack goes as text. */
export interface Exception {
  type: string;
  value: string;
  stack?: string | undefined;
  stacktrace?: { frames: StackFrame[] } | undefined;
  mechanism: Mechanism & { exception_id: number; parent_id?: number; source?: string; is_exception_group?: boolean };
}

export interface Thrown {
  values: Exception[];
  /** What was thrown, if it was an object that is not an Error. */
  serialized?: unknown;
}

const enum Max {
  Linked = 5,
  Looked = 100,
  Value = 8192,
  Stack = 65_536,
  Serialized = 16_384,
  Url = 1024,
}

/** What an `error` or `unhandledrejection` event carries; other values are what was thrown already. */
export function thrownBy(value: unknown): unknown {
  const tag = tagOf(value);
  return tag === 'ErrorEvent' ? get(value, 'error') : tag === 'PromiseRejectionEvent' ? get(value, 'reason') : value;
}

/** A stack of bounded length, if it is a text. */
export const stackText = (stack: unknown): string | undefined =>
  typeof stack === 'string' ? cut(stack, Max.Stack) : undefined;

/** `max`: characters of a value. */
export function exceptions(caught: unknown, mechanism: Mechanism, max: number): Thrown {
  const thrown = thrownBy(caught);
  const values: Exception[] = [];
  const seen: unknown[] = [];
  const result: Thrown = { values };

  const add = (error: unknown, parent: number, source: string): void => {
    if (seen.includes(error)) return;
    seen.push(error);
    const id = values.length;
    const link: Exception['mechanism'] =
      parent < 0
        ? { ...mechanism, exception_id: 0 }
        : {
            type: 'chained',
            handled: mechanism.handled!,
            exception_id: id,
            parent_id: parent,
            source,
          };
    const note = (data: Bag): void => void (link.data = { ...link.data, ...data });
    const name = get(error, 'name');
    const message = get(error, 'message');
    values.push({
      type: cut((typeof name === 'string' && name) || className(error as object)),
      value: describe(message ?? '', max),
      stack: stackText(get(error, 'stack')),
      mechanism: link,
    });

    const cause = get(error, 'cause');
    if (isError(cause)) {
      if (id < Max.Linked) add(cause, id, 'cause');
    } else if (cause != null) note({ cause: describe(cause) });

    const errors = get(error, 'errors') as unknown[];
    try {
      if (!Array.isArray(errors)) return;
      link.is_exception_group = true;
      const { length } = errors;
      let i = 0;
      // It may be long, and have no errors in it.
      for (; i < length && i < Max.Looked && values.length <= Max.Linked; i++) {
        if (isError(errors[i])) add(errors[i], id, `errors[${i}]`);
      }
      if (i < length) note({ errors_dropped: length - i });
    } catch {
      // A Proxy in the place of the list.
    }
  };

  if (isError(thrown)) add(thrown, -1, '');
  else {
    if (isObject(thrown)) result.serialized = copy(thrown, Max.Serialized);
    const [type, value] = other(thrown, result.serialized, caught);
    values.push({ type, value: cut(value, max), mechanism: { ...mechanism, synthetic: true, exception_id: 0 } });
  }

  const first = values[0]!;
  if (!first.stack && tagOf(caught) === 'ErrorEvent') {
    const { filename, lineno, colno } = caught as ErrorEvent;
    if (filename) first.stacktrace = { frames: [{ filename: scrubUrl(cut(filename, Max.Url)), lineno, colno, in_app: true }] };
  }
  return result;
}

/** Type and value of what is not an Error. */
function other(thrown: unknown, copied: unknown, caught: unknown): [type: string, value: string] {
  if (thrown == null && tagOf(caught) === 'ErrorEvent') {
    // The error itself is withheld (a script of another origin); browsers say `Uncaught TypeError: text`.
    const [, type, value] = /^(?:uncaught )?(?:(\w*Error): )?([^]*)$/i.exec(
      describe(get(caught, 'message'), Max.Value),
    )!;
    return [type || 'Error', value!];
  }
  if (!isObject(thrown)) return [thrown === null ? 'null' : typeof thrown, describe(thrown, Max.Value)];
  const names = isObject(copied) ? Object.keys(copied) : [];
  const message = get(copied, 'message');
  return [
    className(thrown),
    // Keys rather than values: servers group by this text.
    message ? describe(message, Max.Value) : names[0] ? 'Object with the fields ' + cut(names.join(', ')) : describe(copied),
  ];
}
