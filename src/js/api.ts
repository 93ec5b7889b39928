// The public functions: thin wrappers over the page's client and scopes.

import { createClient } from './client.js';
import { announce, takeOver } from './early.js';
import { read } from './options.js';
import { currentScope, enter, globalScope, isolationScope, layers, setMaxBreadcrumbs } from './scope.js';
import type {
  Breadcrumb,
  ErrorEvent,
  EventId,
  Feedback,
  Hint,
  Level,
  Options,
  Primitive,
  Client as PublicClient,
  ReportDialogOptions,
  Scope,
  User,
} from './types.js';

/** Until `init`, one that does nothing. */
let client = createClient({});

/** Starts reporting. Called again, it replaces the former client; scopes and breadcrumbs stay. */
export function init(options?: Options): PublicClient {
  const [given, dsn, wrong] = read(options);
  if (wrong) {
    try {
      console.error(`tailcone: ${wrong}. Nothing will be reported.`);
    } catch {
      // The page's own console, or none.
    }
  }
  const { maxBreadcrumbs: max = 100, initialScope } = given;
  const former = client;
  client = createClient(given, dsn);
  void former.close();
  setMaxBreadcrumbs(max > 0 ? Math.min(Math.floor(max), 1000) : 0);
  if (initialScope) isolationScope.update_(initialScope);
  takeOver(api as never, client);
  return client;
}

/** Reports an error, or whatever else was thrown. */
export function captureException(error: unknown, hint?: Hint): EventId {
  return client.exception_(error, hint);
}

export function captureMessage(message: string, level?: Level | Hint): EventId {
  return client.message_(message, level);
}

/** Reports an event in the shape of the wire. */
export function captureEvent(event: ErrorEvent, hint?: Hint): EventId {
  return client.whole_(event, hint);
}

/** Sends what a user has to say. */
export function captureFeedback(feedback: Feedback): EventId {
  return client.feedback_(feedback);
}

export function addBreadcrumb(breadcrumb: Breadcrumb): void {
  isolationScope.addBreadcrumb(breadcrumb);
}

export function setTag(key: string, value: Primitive): void {
  isolationScope.setTag(key, value);
}

export function setTags(tags: Record<string, Primitive>): void {
  isolationScope.setTags(tags);
}

export function setUser(user: User | null): void {
  isolationScope.setUser(user);
}

export function setExtra(key: string, value: unknown): void {
  isolationScope.setExtra(key, value);
}

export function setExtras(extras: Record<string, unknown>): void {
  isolationScope.setExtras(extras);
}

export function setContext(name: string, context: Record<string, unknown> | null): void {
  isolationScope.setContext(name, context);
}

export function setLevel(level: Level | undefined): void {
  isolationScope.setLevel(level);
}

export function setFingerprint(fingerprint: string[]): void {
  isolationScope.setFingerprint(fingerprint);
}

/** Runs `fn` with a scope of its own, a fork of the current one. It is current until `fn` returns: a promise that `fn`
 * gives back is not waited for, because nothing tells whose turn it is meanwhile. What is captured after an `await`
 * names its scope: `captureException(error, { captureContext: scope })`. */
export function withScope<T>(fn: (scope: Scope) => T): T {
  const fork = currentScope().fork_();
  const former = enter(fork);
  try {
    return fn(fork);
  } finally {
    enter(former);
  }
}

export const getCurrentScope = (): Scope => currentScope();

export const getGlobalScope = (): Scope => globalScope;

/** Of the last error, message or event that was captured. */
export const lastEventId = (): EventId | undefined => client.lastId_();

export const flush = (timeout?: number): Promise<boolean> => client.flush(timeout);

export const close = (timeout?: number): Promise<boolean> => client.close(timeout);

/** Asks the person in front of the page what happened. Resolves when the dialog has closed. */
export async function showReportDialog(options?: ReportDialogOptions): Promise<void> {
  const { on_: on, lastId_: lastId, sendFeedback_: send } = client;
  if (!on()) return;
  const { name, username, email } = layers().reduce(
    (below: User, { user }) => (user === null ? {} : { ...below, ...user }),
    {},
  );
  try {
    const { open } = await import('./dialog.js');
    await open({ eventId: lastId(), user: { name: name ?? username, email }, ...options } as ReportDialogOptions, send);
  } catch {
    // The dialog's part of the package is not there.
  }
}

/** What the loader's object gets. */
const api = {
  init,
  captureException,
  captureMessage,
  captureEvent,
  captureFeedback,
  addBreadcrumb,
  setTag,
  setTags,
  setUser,
  setExtra,
  setExtras,
  setContext,
  setLevel,
  setFingerprint,
  withScope,
  getCurrentScope,
  getGlobalScope,
  lastEventId,
  flush,
  close,
  showReportDialog,
};

announce(api as never);
