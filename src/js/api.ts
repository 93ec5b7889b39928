// The public functions: thin wrappers over an instance's client and scopes.

import { createClient, type Client } from './client.js';
import { announce, takeOver } from './early.js';
import { defaultFilters } from './filters.js';
import { attempt, originalOf } from './instrument/index.js';
import { read } from './options.js';
import { Scopes, SETTERS, type Setter } from './scope.js';
import type {
  Breadcrumb,
  ErrorEvent,
  EventId,
  Feedback,
  Hint,
  Level,
  Options,
  Client as PublicClient,
  ReportDialogOptions,
  Scope,
  SendResult,
  Source,
  User,
} from './types.js';
import { invocations, perInvocation, refuse } from './invocation.js';

/** Each writes to the isolation scope. */
type ScopeFunctions = { [Name in Setter]: (...args: Parameters<Scope[Name]>) => void };

/** All that is public, with a client and scopes of its own: for a page that several applications share. The package's
 * functions are those of one instance. */
export interface Instance extends ScopeFunctions {
  /** Starts reporting. Called again, it replaces the former client; scopes and breadcrumbs stay. */
  init(options?: Options): PublicClient;
  /** Reports an error, or whatever else was thrown. */
  captureException(error: unknown, hint?: Hint): EventId;
  /** Reports a text; with `hint.params`, each `%s` in it stands for one of them. */
  captureMessage(message: string, level?: Level | Hint): EventId;
  /** Reports an event in the shape of the wire. */
  captureEvent(event: ErrorEvent, hint?: Hint): EventId;
  /** Sends what a user has to say. */
  captureFeedback(feedback: Feedback, hint?: Hint): EventId;
  addBreadcrumb(breadcrumb: Breadcrumb, hint?: Record<string, unknown>): void;
  /** Runs `fn` with a scope of its own, a fork of the current one. It is current until `fn` returns: a promise that
   * `fn` gives back is not waited for, because nothing tells whose turn it is meanwhile. What is captured after an
   * `await` names its scope: `captureException(error, { captureContext: scope })`. */
  withScope<T>(fn: (scope: Scope) => T): T;
  /** The same with a fork of the isolation scope, to which `setTag` and the like then write. */
  withIsolationScope<T>(fn: (scope: Scope) => T): T;
  getCurrentScope(): Scope;
  getIsolationScope(): Scope;
  getGlobalScope(): Scope;
  /** Of the last error, message or event that was captured. */
  lastEventId(): EventId | undefined;
  lastEventIdAndSource(): { id: EventId; source: Source } | undefined;
  /** Says what became of a capture, as soon as that is known. */
  explain(id: EventId): Promise<SendResult>;
  /** The filters for known noise, by name; see `Options.defaultFilters`. */
  defaultFilters(): Record<string, RegExp>;
  /** Turns capturing off, or on again. */
  setEnabled(enabled: boolean): void;
  flush(timeout?: number): Promise<boolean>;
  close(timeout?: number): Promise<boolean>;
  /** Asks the person in front of the page what happened. Resolves when the dialog has closed. */
  showReportDialog(options?: ReportDialogOptions): Promise<void>;
  createInstance(): Instance;
}

const make = (main?: boolean): Instance => {
  const scopes = new Scopes();
  if (__EDGE__ && main) invocations.begin = perInvocation(scopes);
  /** Until `init`, one that does nothing. */
  let client: Client = createClient({}, scopes);

  const api: Omit<Instance, Setter> = {
    init(options) {
      const [given, dsn, wrong] = read(options);
      if (wrong) {
        try {
          console.error(`tailcone: ${wrong}. Nothing will be reported.`);
        } catch {
          // The page's own console, or none.
        }
      }
      const { maxBreadcrumbs: max = 100, initialScope, normalizeDepth, normalizeMaxBreadth } = given;
      const former = client;
      const { rules_: rules, isolation_: isolation } = scopes;
      rules.crumbs_ = max > 0 ? Math.min(Math.floor(max), 1000) : 0;
      rules.depth_ = normalizeDepth ?? 3;
      rules.breadth_ = normalizeMaxBreadth ?? 1000;
      client = createClient(given, scopes, dsn);
      void former.close();
      for (const scope of scopes.all_()) scope.refit_();
      if (initialScope) isolation.update_(initialScope);
      if (main) takeOver(api as never, client, scopes);
      return client;
    },
    captureException: (error, hint) => client.exception_(error, hint, api.captureException),
    captureMessage: (message, level) => client.message_(message, level, api.captureMessage),
    captureEvent: (event, hint) => client.whole_(event, hint),
    captureFeedback: (feedback, hint) => client.feedback_(feedback, hint),
    addBreadcrumb: (breadcrumb, hint) => (__EDGE__ && refuse('addBreadcrumb'), client.breadcrumb_(breadcrumb, hint)),
    withScope: (fn) => scopes.with_(fn),
    withIsolationScope: (fn) => scopes.with_(fn, true),
    getCurrentScope: () => scopes.current_,
    getIsolationScope: () => scopes.isolation_,
    getGlobalScope: () => scopes.global_,
    lastEventId: () => client.last_()?.id,
    lastEventIdAndSource: () => client.last_(),
    explain: (id) => client.explain_(id),
    defaultFilters,
    setEnabled: (enabled) => void client.on_(enabled),
    flush: (timeout) => client.flush(timeout),
    close: (timeout) => client.close(timeout),
    async showReportDialog(options) {
      const { on_: on, last_: last, sendFeedback_: send } = client;
      if (__EDGE__ || !on()) return;
      const { name, username, email } = scopes
        .all_()
        .reduce((below: User, { data_: { user } }) => (user === null ? {} : { ...below, ...user }), {});
      try {
        const { open } = await import('./dialog.js');
        const known = { eventId: last()?.id, user: { name: name ?? username, email } };
        await open(options ?? {}, send, known as ReportDialogOptions);
      } catch {
        // The dialog's part of the package is not there.
      }
    },
    createInstance: () => make(),
  };
  // Whatever a page has done to its language, no call fails; what `withScope` throws is its function's.
  for (const name of Object.keys(api) as (keyof typeof api)[]) {
    const fn = api[name] as (...args: unknown[]) => never;
    if (!/^with/.test(name)) api[name] = (...args: unknown[]): never => attempt(() => fn(...args))!;
  }
  for (const name of SETTERS) {
    (api as Record<string, unknown>)[name] = (...args: never[]): void => {
      if (__EDGE__) refuse(name);
      void (scopes.isolation_[name] as (...args: never[]) => unknown)(...args);
    };
  }
  return api as Instance;
};

const page = make(true);
export const {
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
  addEventProcessor,
  addAttachment,
  withScope,
  withIsolationScope,
  getCurrentScope,
  getIsolationScope,
  getGlobalScope,
  lastEventId,
  lastEventIdAndSource,
  explain,
  setEnabled,
  flush,
  close,
  showReportDialog,
  createInstance,
} = page;
export { defaultFilters, originalOf };

announce(page as never);
