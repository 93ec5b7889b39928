// The public types of the npm package: names follow @sentry/browser, so that its users already know them.

/** Severity, most severe first. */
export type Level = 'fatal' | 'error' | 'warning' | 'log' | 'info' | 'debug';

/** 32 lowercase hexadecimal digits. */
export type EventId = string;

export type Primitive = string | number | boolean | bigint | symbol | null | undefined;

export interface User {
  id?: string | number;
  email?: string;
  username?: string;
  ip_address?: string;
  name?: string;
  [key: string]: unknown;
}

export interface Breadcrumb {
  /** `default`, `http`, `navigation`, `user`, `error`, … */
  type?: string;
  /** Dotted, e.g. `ui.click`. */
  category?: string;
  message?: string;
  level?: Level;
  data?: Record<string, unknown>;
  /** Seconds since the epoch. Default: now. */
  timestamp?: number;
}

export interface Mechanism {
  /** Default `generic`. */
  type?: string;
  handled?: boolean;
  synthetic?: boolean;
  data?: Record<string, unknown>;
}

export interface StackFrame {
  filename?: string;
  function?: string;
  module?: string;
  lineno?: number;
  colno?: number;
  abs_path?: string;
  in_app?: boolean;
  instruction_addr?: string;
  addr_mode?: string;
  platform?: string;
}

export interface Exception {
  type?: string;
  value?: string;
  module?: string;
  mechanism?: Mechanism & { exception_id?: number; parent_id?: number; source?: string };
  stacktrace?: { frames?: StackFrame[] };
}

/** An event in the shape of the wire, as `captureEvent` takes it. Fields left out are filled from scope and options. */
export interface ErrorEvent {
  event_id?: EventId;
  /** Seconds since the epoch, or RFC 3339. Default: now. */
  timestamp?: number | string;
  level?: Level;
  platform?: string;
  logger?: string;
  message?: string;
  logentry?: { message?: string; params?: unknown[]; formatted?: string };
  transaction?: string;
  server_name?: string;
  release?: string;
  dist?: string;
  environment?: string;
  fingerprint?: string[];
  exception?: { values?: Exception[] };
  breadcrumbs?: { values?: Breadcrumb[] } | Breadcrumb[];
  tags?: Record<string, Primitive>;
  extra?: Record<string, unknown>;
  contexts?: Record<string, Record<string, unknown> | null | undefined>;
  user?: User;
  request?: { url?: string; method?: string; headers?: Record<string, string>; [key: string]: unknown };
  modules?: Record<string, string>;
  [key: string]: unknown;
}

/** A file that is sent with an event or a feedback. Of one event 20 MiB are sent at most; and while the page goes away,
 * what fits into 60 KiB together with the event. */
export interface Attachment {
  /** An empty one becomes `attachment`. */
  filename: string;
  /** Taken as it is at the time of the call; without it there is no attachment. */
  data: string | Blob | BufferSource;
  /** Media type. */
  contentType?: string;
  /** Default `event.attachment`. */
  attachmentType?: string;
}

/** What a scope can carry; also the shape of `initialScope` and of a hint's `captureContext`. */
export interface ScopeData {
  tags: Record<string, Primitive>;
  user: User;
  extra: Record<string, unknown>;
  contexts: Record<string, Record<string, unknown> | null>;
  level: Level;
  fingerprint: string[];
  attachments: Attachment[];
}

/** Data for one event: as an object, as a scope, or as a function that is given a scope to fill. */
export type CaptureContext = Partial<ScopeData> | Scope | ((scope: Scope) => unknown);

/** What may come with one capture: data for its event only, at once or as a `captureContext`. */
export interface Hint extends Partial<ScopeData> {
  mechanism?: Mechanism;
  captureContext?: CaptureContext;
  /** A stack in the form of the engine's, in the place of the error's own. */
  stacktrace?: string;
  /** Of a message: what stands in the place of each `%s`. */
  params?: unknown[];
  /** Set for the hooks: what was captured. */
  originalException?: unknown;
}

/** Looks at an event; may change it, or drop it with `null`. It may take five seconds. One that throws, or answers
 * with anything else, drops the event, too, which is then counted as `internal_sdk_error`. */
export type EventProcessor = (event: ErrorEvent, hint: Hint) => ErrorEvent | null | PromiseLike<ErrorEvent | null>;

/** Something that is set up with a client and goes with it. */
export interface Integration {
  name: string;
  /** Called by `init`. What it gives back is called by `close`. */
  setup?(client: Client): void | (() => void);
  /** Called with what was thrown and with the exception that is made of it, which it may change. True: if nobody caught
   * it, it is not sent, and counted as `ignored`. */
  processError?(error: unknown, exception: Exception): boolean | void;
  /** An event processor, called after those of the scopes. */
  processEvent?(event: ErrorEvent, hint: Hint, client: Client): ReturnType<EventProcessor>;
}

/** By what an event came: a call, the global listeners, or what wraps a handler. */
export type Source = 'manual' | 'global' | 'middleware';

/** A text that contains it, or one that it matches. */
export type Pattern = string | RegExp;

/** Which of what is collected without being asked for is sent (SDK specification, data collection). Values whose names
 * speak of secrets are never sent. */
export interface DataCollection {
  /** Lets servers derive the user's address from the connection (`sdk.settings.infer_ip`). Default false. */
  userInfo?: boolean;
  /** Queries and fragments of the URLs in `request` and in automatic breadcrumbs. Default true. */
  queryParams?: boolean;
  /** `User-Agent` and `Referer`. Default true. */
  httpHeaders?: boolean;
}

/** Which automatic breadcrumbs there are; each is on by default, `console` only outside `environment: 'development'`. */
export interface BreadcrumbOptions {
  console?: boolean;
  /** Clicks and key presses: the path of selectors, never a text or a value. `serializeAttribute` adds attributes. */
  dom?: boolean | { serializeAttribute?: string | string[]; maxStringLength?: number };
  fetch?: boolean;
  history?: boolean;
  xhr?: boolean;
}

/** Called as `fetch` is. What it gives back must have a status; no answer is a rejection. `X-Sentry-Rate-Limits` and
 * `Retry-After` are asked for by `headers.get`. A status of 3 says that it keeps the envelope and sends it later, and
 * counts what is lost of it: what is in it then counts as `offline`, with the reason `stored`. */
export type Transport = (
  url: string,
  init: RequestInit,
) => PromiseLike<{ status: number; headers?: Pick<Headers, 'get'>; arrayBuffer?: Response['arrayBuffer'] }>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'none';

export interface Options {
  /** `{PROTOCOL}://{PUBLIC_KEY}[:{SECRET_KEY}]@{HOST}[:PORT]{PATH}/{PROJECT_ID}`. None: everything is a quiet no-op. */
  dsn?: string;
  /** `false` makes the client a no-op. Default true. */
  enabled?: boolean;
  /** At most 200 characters, without `/` or line breaks. Default: the bundler's `SENTRY_RELEASE.id`, if there is one. */
  release?: string;
  /** At most 64 characters, without `/` or spaces. Default `production`. */
  environment?: string;
  /** The environments that report; in others everything is `ignored`. Default: all. */
  includedEnvironments?: string[];
  dist?: string;
  serverName?: string;
  tags?: Record<string, Primitive>;
  initialScope?: CaptureContext;
  /** Share of the events that is sent, 0 to 1. Default 1. */
  sampleRate?: number;
  /** Default 100, at most 1,000; 0 keeps none. */
  maxBreadcrumbs?: number;
  /** Characters of a message and of an error's value. Default and maximum 8,192. */
  maxValueLength?: number;
  /** How deep extra, contexts and breadcrumb data are copied. Default 3. */
  normalizeDepth?: number;
  /** How many entries of one object or array are copied. Default 1,000. */
  normalizeMaxBreadth?: number;
  /** Gives messages, and what was thrown without being an Error, the stack of the call. Default false. */
  attachStacktrace?: boolean;
  /** Errors and messages that are not sent: by `message`, or by `value` and `type: value` of what was thrown. */
  ignoreErrors?: Pattern[];
  /** Only errors whose innermost script matches are sent; those without a stack always are. Default: all. */
  allowUrls?: Pattern[];
  /** Errors whose innermost script matches are not sent. */
  denyUrls?: Pattern[];
  /**
   * Which known noise of pages is left out: `true` all, `{ name: false }` all but that of the filter, `false` none; see
   * `defaultFilters()`. Default: true, on servers false.
   */
  defaultFilters?: boolean | Record<string, boolean>;
  /** Frames whose file or function fits one of these are `in_app`, whatever else is known of them. */
  inAppInclude?: Pattern[];
  /** Frames whose file or function fits one of these are not `in_app`. */
  inAppExclude?: Pattern[];
  /** The same error is not sent again within 30 s, but counted. Default true. */
  dedupe?: boolean;
  /** Bounds how many events of one kind, and in all, go out in a time. Default true. */
  floodControl?: boolean;
  /** Says whether an error is not to be sent, before anything is done about it. */
  excludeException?(error: unknown, source: Source): boolean;
  /** Last look at an event (not at feedback). */
  beforeSend?: EventProcessor;
  /** Told what became of an event. */
  afterSend?(event: ErrorEvent, result: SendResult): void;
  /** May change a breadcrumb, or drop it with `null`. The hint has the objects that an automatic one is about. */
  beforeBreadcrumb?(breadcrumb: Breadcrumb, hint?: Record<string, unknown>): Breadcrumb | null;
  /** `none` keeps no results: `explain` then knows only of captures under way. Default `async`; `sync` is the same here,
   * where nothing can wait. */
  sendResult?: 'none' | 'sync' | 'async';
  /** Send `modules`, the versions of what the application is made of. Default true. */
  reportModules?: boolean;
  modules?: Record<string, string>;
  integrations?: Integration[];
  /** Listen for uncaught errors and unhandled rejections. Default true. */
  globalHandlers?: boolean;
  breadcrumbs?: boolean | BreadcrumbOptions;
  /** The same as `dataCollection: { userInfo: true }`. Default false. */
  sendDefaultPii?: boolean;
  dataCollection?: DataCollection;
  /** Whether servers may derive the user's address from the connection (`sdk.settings.infer_ip`), in so many words.
   * `unsaid` leaves it open, for servers that refuse fields they do not know, as Bugsink does when it validates
   * strictly; Sentry then derives an address. */
  inferIp?: 'never' | 'auto' | 'unsaid';
  /** A URL of one's own that passes envelopes on. */
  tunnel?: string;
  /** How often an item is sent at most while no answer comes; in between are pauses of 1, 5, 25 s and so on, up to an
   * hour, each up to half longer by chance. Default 4. */
  sendMaxAttempts?: number;
  /** Whether an answer of 500 to 599 counts as none. Default false. */
  retryOn5xx?: boolean;
  /** Milliseconds after which a request counts as not answered. Default 30,000. */
  requestTimeout?: number;
  /** Laid over the options that requests are made with, but for `method`, `body`, `keepalive`, `redirect` and `signal`. */
  fetchOptions?: RequestInit;
  /** Sends in the place of `fetch`. */
  transport?: Transport;
  /** Prints what the SDK does, one sentence each. Default false. */
  debug?: boolean;
  /** From which severity on the SDK prints of itself. Default `warn`, with `debug` `debug`. */
  sdkLogLevel?: LogLevel;
  /** Prints in the place of the console. */
  debugWriter?(level: 'debug' | 'warn' | 'error', text: string): void;
  /** Where the module is, if not beside the package's `index.js`; or the module itself. */
  wasm?: WasmSource;
}

export type WasmSource = WebAssembly.Module | BufferSource | Response | URL | string;

export interface Client {
  /** Says who sends: the module, or the fallback sender where the module cannot run. Never rejects. */
  readonly ready: Promise<'wasm' | 'fallback' | 'disabled'>;
  /** Waits until all that was captured has been answered for: true; or until `timeout` ms (default 2,000) have passed:
   * false, and what was still queued is dropped and counted. False, too, for a client that sends nothing. */
  flush(timeout?: number): Promise<boolean>;
  /** Flushes, then removes every listener. The client is a no-op afterwards. */
  close(timeout?: number): Promise<boolean>;
}

export interface Scope {
  setTag(key: string, value: Primitive): this;
  setTags(tags: Record<string, Primitive>): this;
  setUser(user: User | null): this;
  setLevel(level: Level | undefined): this;
  setExtra(key: string, value: unknown): this;
  /** At most 1,000 keys and about 128 KiB of one call are kept; so of `setTags`, and of `contexts`. */
  setExtras(extras: Record<string, unknown>): this;
  /** `null` removes the context. */
  setContext(name: string, context: Record<string, unknown> | null): this;
  setFingerprint(fingerprint: string[]): this;
  addBreadcrumb(breadcrumb: Breadcrumb): this;
  clearBreadcrumbs(): this;
  addEventProcessor(processor: EventProcessor): this;
  /** For every event and feedback of this scope. */
  addAttachment(attachment: Attachment): this;
  clear(): this;
}

export interface Feedback {
  /** Required, at most 4,096 characters. */
  message: string;
  name?: string;
  email?: string;
  url?: string;
  /** The event that the feedback is about. */
  associatedEventId?: EventId;
  /** `widget`, `api`, … Default `api`. */
  source?: string;
  tags?: Record<string, Primitive>;
}

/** Texts and settings of the report dialog: the names and defaults of the well-known report dialog. */
export interface ReportDialogOptions {
  /** Default: the last event's id. Without any, the report is sent without an event. */
  eventId?: EventId;
  /** Fills the form. Default: the scope's user (`name` or `username`, `email`). */
  user?: { name?: string; email?: string };
  /** BCP 47 language tag of the texts given here; sets the dialog's `lang` and, for right-to-left scripts, `dir`. */
  lang?: string;
  title?: string;
  subtitle?: string;
  subtitle2?: string;
  labelName?: string;
  labelEmail?: string;
  labelComments?: string;
  labelClose?: string;
  labelSubmit?: string;
  errorGeneric?: string;
  errorFormEntry?: string;
  successMessage?: string;
  /** Called when the dialog is open. */
  onLoad?: () => void;
  /** Called when the dialog has closed. */
  onClose?: () => void;
}

/** What became of something that was captured. */
export interface SendResult {
  /**
   * - `sent`: the server answered 2xx
   * - `disabled`: there is no client that sends, or it is closed
   * - `ignored`: by the environment, `ignoreErrors`, `allowUrls`, `denyUrls` or a default filter
   * - `excluded`: by `excludeException`
   * - `deduped`: the same was sent within 30 s
   * - `flood`: too many of its kind, or too many in all
   * - `unsampled`: by `sampleRate`
   * - `before_send`: dropped by a hook or an event processor, or by its failure
   * - `rate_limited`: the server has asked for silence `until` then
   * - `too_large`: larger than servers take
   * - `offline`, `blocked`: no answer came; without a network, or with one (a content security policy, a blocker). With
   *   the reason `stored` it is not lost: the transport keeps it, and sends it later
   * - `failed`: another reason
   * - `unknown`: no capture of this id is known (any more)
   */
  status:
    | 'sent'
    | 'disabled'
    | 'ignored'
    | 'excluded'
    | 'deduped'
    | 'flood'
    | 'unsampled'
    | 'before_send'
    | 'rate_limited'
    | 'too_large'
    | 'offline'
    | 'blocked'
    | 'failed'
    | 'unknown';
  /** What did it: a client-report reason, a filter's name, or one sentence. */
  reason?: string | undefined;
  /** Milliseconds since the epoch. */
  until?: number;
}
