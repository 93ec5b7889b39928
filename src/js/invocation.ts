// One invocation of a handler, a request as a rule: its scopes, and its context, which keeps it alive.

import { forget, later, Promise } from './clock.js';
import type { Scope, Scopes } from './scope.js';
import type { EventId, Source } from './types.js';
import { turns } from './runtime.js';

/** What runtimes hand to a handler beside the request. */
export interface Context {
  waitUntil?(promise: Promise<unknown>): void;
}

export interface Invocation {
  isolation_: Scope;
  current_: Scope;
  context: Context | undefined;
  last?: { id: EventId; source: Source } | undefined;
  request?: Request;
  /** What its events say of the request, below what its scopes say. */
  about?: () => Scope[];
  /** What its handler threw, and the id of that event. */
  thrown?: unknown[];
  /** How long it is kept alive for a capture, in ms. */
  timeout: number;
  /** Its captures. */
  waiting: Promise<void>[];
  /** What is under way in it: its handler, its captures, requests. */
  busy: number;
}

/** Whose turn it is, where this is said and not found out. */
let named: Invocation | undefined;
/** Those in which something is under way. */
const running = new Set<Invocation>();

/** The invocation whose turn it is; nothing outside of all, and nothing where it cannot be told. */
export const here = (): Invocation | undefined => named ?? (turns?.getStore() as Invocation | undefined);

/** Whether something runs in some invocation, and nobody can tell in which. */
export const blind = (): boolean => !turns && running.size > 0 && !named;

/** Runs `fn` on behalf of an invocation, as long as it does not wait. */
export function within<T>(invocation: Invocation | undefined, fn: () => T): T {
  const before = named;
  named = invocation;
  try {
    return fn();
  } finally {
    named = before;
  }
}

/** Counts what is under way in an invocation. What is given back ends it. */
function occupy(invocation: Invocation): () => void {
  invocation.busy++;
  running.add(invocation);
  return () => {
    if (!--invocation.busy) running.delete(invocation);
  };
}

/** Runs a handler as an invocation, to its end. */
export async function run<T>(invocation: Invocation, fn: () => T | PromiseLike<T>): Promise<T> {
  const end = occupy(invocation);
  try {
    return await (turns ? turns.run(invocation, fn) : fn());
  } finally {
    end();
  }
}

/** Has an instance's scopes be those of the invocation whose turn it is. Where nobody can tell whose it is, what is set
 * goes nowhere: it must not come into another request's events. */
export function perInvocation(scopes: Scopes): (context: Context | undefined, timeout: number) => Invocation {
  const outside = { isolation_: scopes.isolation_, current_: scopes.current_ };
  const nobody = (): Scope => outside.current_.fork_().clear();
  const at = (): Pick<Invocation, 'isolation_' | 'current_'> =>
    here() ?? (blind() ? { isolation_: nobody(), current_: nobody() } : outside);
  Object.defineProperties(scopes, {
    isolation_: { get: () => at().isolation_, set: (scope: Scope) => (at().isolation_ = scope) },
    current_: { get: () => at().current_, set: (scope: Scope) => (at().current_ = scope) },
  });
  return (context, timeout) => ({
    // What was logged outside of all requests may be of another one, as when the runtime prints what that has thrown.
    isolation_: outside.isolation_.fork_().clearBreadcrumbs(),
    current_: outside.current_.fork_(),
    context,
    timeout,
    waiting: [],
    busy: 0,
  });
}

/** What was captured last, in the invocation in which that was. */
export function remember(last: Invocation['last']): void {
  const invocation = here();
  if (invocation) invocation.last = last;
}

function keep(invocation: Invocation, until: Promise<unknown>): void {
  void until.then(occupy(invocation));
  try {
    invocation.context?.waitUntil?.(until);
  } catch {
    // It has ended.
  }
}

/** Keeps the invocation alive until a capture in it is settled, which `listen` has told, or patience is at its end. */
export function hold(listen: (tell: () => void) => void): void {
  const invocation = here();
  if (!invocation) return;
  const waited = new Promise<void>((resolve) => {
    const timer = later(resolve, invocation.timeout);
    listen(() => {
      forget(timer);
      resolve();
    });
  });
  invocation.waiting.push(waited);
  keep(invocation, waited);
}

/** Keeps the invocation alive that makes a request, whoever captured what is in it: it ends with that. Where nobody can
 * tell which one makes it, it is one of those that run. */
export function holdRequest(answered: Promise<unknown>): void {
  const invocation = here();
  for (const one of invocation ? [invocation] : running) keep(one, answered);
}

/** Runs `fn` later on behalf of whose turn it is now: where nothing tells that, it is lost with every wait. */
export function onBehalf<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
  const invocation = here();
  return (...args) => within(invocation, () => fn(...args));
}

/** Begins an invocation of the package's own instance. */
export const invocations: { begin: ReturnType<typeof perInvocation> } = { begin: undefined! };

/** Gives a client its `ready`, as a promise of whoever asks: one that is made in a request is not to be kept for others,
 * as Cloudflare ends it with that request. What is given back says how it was decided. */
export function outcome(client: { ready: Promise<string> }): (by: string) => void {
  let decided = '';
  const waiting: ((by: string) => void)[] = [];
  const get = (): Promise<string> =>
    new Promise((resolve) => (decided ? resolve(decided) : waiting.push(resolve)));
  Object.defineProperty(client, 'ready', { get });
  return (by) => {
    decided ||= by;
    for (const tell of waiting.splice(0)) tell(decided);
  };
}

let refused = false;

/** Says once why what is set in a request goes nowhere. */
export function refuse(what: string): void {
  if (refused || !blind()) return;
  refused = true;
  try {
    console.warn(
      `tailcone: ${what} has no effect here, as nothing tells which request is meant. Call it on getScope(request), or ` +
        'turn AsyncLocalStorage on (on Cloudflare by the flag nodejs_compat).',
    );
  } catch {
    // No console.
  }
}
