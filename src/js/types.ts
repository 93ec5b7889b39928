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

/** What a scope can carry; also the shape of `initialScope` and of a hint's `captureContext`. */
export interface ScopeData {
  tags: Record<string, Primitive>;
  user: User;
  extra: Record<string, unknown>;
  contexts: Record<string, Record<string, unknown> | null>;
  level: Level;
  fingerprint: string[];
}

/** What may come with one capture: data for its event only, at once or as a `captureContext`. */
export interface Hint extends Partial<ScopeData> {
  mechanism?: Mechanism;
  captureContext?: Partial<ScopeData> | Scope;
}

export interface Options {
  /** `{PROTOCOL}://{PUBLIC_KEY}[:{SECRET_KEY}]@{HOST}[:PORT]{PATH}/{PROJECT_ID}`. None: everything is a quiet no-op. */
  dsn?: string;
  /** At most 200 characters, without `/` or line breaks. */
  release?: string;
  /** At most 64 characters, without `/` or spaces. Default `production`. */
  environment?: string;
  dist?: string;
  serverName?: string;
  /** Default 100, at most 1,000; 0 keeps none. */
  maxBreadcrumbs?: number;
  /** A URL of one's own that passes envelopes on. */
  tunnel?: string;
  /** Whether servers may derive the user's address from the connection (`sdk.settings.infer_ip`). Default `never`.
   * `unsaid` leaves it open, for servers that refuse fields they do not know, as Bugsink does when it validates
   * strictly; Sentry then derives an address. */
  inferIp?: 'never' | 'auto' | 'unsaid';
  /** Prints what the SDK does, one sentence each, to the console. Default false. */
  debug?: boolean;
  /** `false` makes the client a no-op. Default true. */
  enabled?: boolean;
  initialScope?: Partial<ScopeData>;
  /** Listen for uncaught errors and unhandled rejections. Default true. */
  globalHandlers?: boolean;
  /** Where the module is, if not beside the package's `index.js`. */
  wasm?: string | URL;
}

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
  setExtras(extras: Record<string, unknown>): this;
  /** `null` removes the context. */
  setContext(name: string, context: Record<string, unknown> | null): this;
  setFingerprint(fingerprint: string[]): this;
  addBreadcrumb(breadcrumb: Breadcrumb): this;
  clearBreadcrumbs(): this;
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

/** What became of something that was sent. */
export interface SendResult {
  /** `sent`: the server answered 2xx. */
  status: 'sent' | 'failed';
  /** A client-report reason or one sentence, when it failed. */
  reason?: string;
}
