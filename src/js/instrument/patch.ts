// What the instrumentations share: who watches, wrappers round functions of the page, and the guard round all of it.

import type { Breadcrumb, BreadcrumbOptions } from '../types.js';
import { Bag } from '../values.js';

/** Which instrumentations are on; what is not said is. */
export type Kinds = BreadcrumbOptions;
export type Kind = keyof Kinds;

export interface Watch {
  /** What is in a breadcrumb is plain and bounded. `hint` has the host objects it is about; nothing may keep them. */
  add_(crumb: Breadcrumb, hint: Record<string, unknown>): void;
  /** Whether URLs go without query and fragment. */
  dropQuery_?: boolean | undefined;
}

type Fn = () => unknown;
type Before = (args: unknown[], self: unknown) => ((result: unknown) => unknown) | void;

const { defineProperty, getOwnPropertyDescriptor, assign } = Object;
const { apply } = Reflect;

const originals = new WeakMap<object, unknown>();
let watchers: { kinds_: Kinds; watch_: Watch }[] = [];
let busy = false;
/** What undoes the instrumentation that is being installed. */
let undo: Fn[];

export function join(kinds: Kinds, watch: Watch): Fn {
  const watcher = { kinds_: kinds, watch_: watch };
  watchers.push(watcher);
  return () => (watchers = watchers.filter((other) => other !== watcher));
}

export const wanted = (kind: Kind): boolean => watchers.some(({ kinds_ }) => kinds_[kind] !== false);

/** Runs code of the SDK or of its user: nothing that it does makes a breadcrumb. */
export function mute<T>(fn: () => T): T {
  const before = busy;
  busy = true;
  try {
    return fn();
  } finally {
    busy = before;
  }
}

/** Muted, and nothing that goes wrong reaches the page. */
export function attempt<T>(fn: () => T): T | undefined {
  try {
    return mute(fn);
  } catch {
    // The page has broken what it is made with, or does not let itself be watched.
  }
}

/** Makes a breadcrumb, unless this happens while the SDK is at work. */
export const quietly = <T>(fn: () => T): T | undefined => (busy ? undefined : attempt(fn));

/** Gives a breadcrumb, made anew for each, to those who want its kind. For use inside `quietly`, as `patch` and `hear`
 * do it. */
export function tell(
  kind: Kind,
  make: (watch: Watch, options: unknown) => Breadcrumb,
  hint: Record<string, unknown>,
): void {
  for (const { kinds_, watch_ } of watchers) if (kinds_[kind] !== false) watch_.add_(make(watch_, kinds_[kind]), hint);
}

/** The function that a wrapper stands in the place of; any other value as it is. */
export const originalOf = <T>(fn: T): T => (originals.get(fn as object) as T | undefined) ?? fn;

/** Installs an instrumentation; gives back what undoes it. */
export function collect(install: Fn): Fn[] {
  const list = (undo = []);
  attempt(install);
  return list;
}

/** Listens ahead of all others. */
export function hear(target: EventTarget, type: string, listener: (event: Event) => unknown): void {
  const heard = (event: Event): unknown => quietly(() => listener(event));
  target.addEventListener(type, heard, true);
  undo.push(() => target.removeEventListener(type, heard, true));
}

/** Puts a wrapper in the place of a function. `before` sees each call, and may give back what sees the result and says
 * what is returned in its place. A Proxy has the name, the length, the properties and the native text of the original,
 * and is as good a constructor. */
export function patch(owner: object | undefined, name: string, before: Before): void {
  attempt(() => {
    const own = getOwnPropertyDescriptor(owner, name);
    const original = (owner as Bag)[name] as Fn;
    // Without Object.prototype, where the page may have anything: these are read by the engine.
    const handler = new Bag();
    handler.apply = (target: Fn, self: unknown, args: unknown[]) => {
      const after = quietly(() => before(args, self));
      const result: unknown = apply(target, self, args);
      return after ? after(result) : result;
    };
    const wrapper = new Proxy(original, handler);
    const put = (value: unknown): unknown =>
      own ? defineProperty(owner, name, assign(new Bag(), own, { value })) : ((owner as Bag)[name] = value);
    originals.set(wrapper, original);
    put(wrapper);
    undo.push(() => {
      // Somebody may have wrapped the wrapper, which then stays; without this it only passes on.
      delete handler.apply;
      if (getOwnPropertyDescriptor(owner, name)?.value !== wrapper) return;
      if (own) put(original);
      else delete (owner as Bag)[name];
    });
  });
}
