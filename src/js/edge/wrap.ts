// The wrapper round a handler: a scope for each invocation, what it throws captured, and nothing that the response waits
// for unless that is asked for.

import * as api from '../api.js';
import type { Client } from '../client.js';
import { Scope as ScopeData } from '../scope.js';
import { expire } from '../send.js';
import type { ErrorEvent, EventId, Hint, Level, Mechanism, Options, Scope, Source } from '../types.js';
import { get, isFunction, isObject, type Bag } from '../values.js';
import { here, invocations, run, within, type Context, type Invocation } from '../invocation.js';
import { completed, contextOfPlatform, place } from './environment.js';
import { addressOf, cfOf, dataOf, describeRequest, readBody, requestIdOf, scrubbed, type RequestOptions } from './request.js';
import { given as module } from '../runtime.js';

export interface EdgeOptions extends Options, RequestOptions {
  /** Whether the response waits until what was captured is sent. Default false: the invocation is kept alive for that, as
   * long as `timeout` says, and the response leaves at once. */
  waitForDelivery?: boolean;
  /** Whether a schedule's runs are checked in, under a name (a monitor's slug) that is made of the schedule, or that a
   * function gives; none: not this one. A monitor that the server does not know is created with that schedule, for which
   * some servers charge. Default false. On Cloudflare only. */
  monitors?: boolean | ((cron: string) => string | undefined);
  /** How long an invocation is kept alive for what it captured, in ms. Default 2000. */
  timeout?: number;
}

/** Options, or what makes them of the environment that a handler is called with. Called once. What is not given is taken
 * from the variables `SENTRY_DSN`, `SENTRY_ENVIRONMENT` and `SENTRY_RELEASE`, and the release from the binding
 * `CF_VERSION_METADATA`, too. Without a DSN nothing is recorded. */
export type OptionsFor<Env = unknown> = EdgeOptions | ((env: Env) => EdgeOptions | undefined) | undefined;

/** The scope of one invocation. What is captured by it has its data, whoever else is being served. */
export interface RequestScope extends Scope {
  captureException(error: unknown, hint?: Hint): EventId;
  captureMessage(message: string, level?: Level | Hint): EventId;
  captureEvent(event: ErrorEvent, hint?: Hint): EventId;
  lastEventId(): EventId | undefined;
  lastEventIdAndSource(): { id: EventId; source: Source } | undefined;
  /** Says what the request's body was, for `request.data`; in the place of what `sendBody` has read. */
  setRequestBody(body: unknown): void;
}

const TIMEOUT_MS = 2000;
/** Besides those of the shim; what may be a list or a pattern, too, is asked where it is used. */
const TYPES: Partial<Record<keyof EdgeOptions, string>> = {
  waitForDelivery: 'boolean',
  timeout: 'number',
  sendRequest: 'boolean',
  sendBody: 'boolean',
  requestIdHeader: 'string',
  remoteAddressReader: 'function',
  urlScrubber: 'function',
  headerScrubber: 'function',
  cookieScrubber: 'function',
  bodyScrubber: 'function',
};

export let options: EdgeOptions = {};
let started = false;
export let client: Client | undefined;

/** The invocations, by what a handler was given. */
const known = new WeakMap<object, Invocation>();
const scopes = new WeakMap<Invocation, RequestScope>();

/** Starts reporting, with the module of this runtime. The first invocation of a wrapped handler does this by itself. */
export const init = (given: EdgeOptions = {}): ReturnType<typeof api.init> => set(given, undefined);

function set(given: EdgeOptions, env: unknown): Client {
  started = true;
  options = completed(given, env);
  for (const [name, type] of Object.entries(TYPES)) {
    const value = options[name as keyof EdgeOptions];
    if (value === undefined || typeof value === type) continue;
    console.error(`tailcone: ${name} must be a ${type}. Nothing will be reported.`);
    options = {};
  }
  return (client = api.init({ wasm: module.wasm as never, ...options }) as Client);
}

/** Starts with the first invocation: what a client needs may be forbidden before. */
function start<Env>(from: OptionsFor<Env>, env: Env): void {
  if (started) return;
  try {
    set((isFunction(from) ? (from as (env: Env) => EdgeOptions)(env) : from) ?? {}, env);
  } catch (error) {
    started = true;
    console.error('tailcone: the options cannot be made, and nothing will be reported:', error);
  }
}

const begin = (context?: Context): Invocation => invocations.begin(context, options.timeout ?? TIMEOUT_MS);

/** The invocation that was called with this request or context; for one that is not known yet, a new one. */
export function invocationOf(of: object): Invocation {
  let invocation = known.get(of);
  if (!invocation) known.set(of, (invocation = begin()));
  return invocation;
}

/** The scope of the invocation that was called with this request or context; of one that is not known yet, a new one. */
export const getScope = (of: object): RequestScope => scopeOf(invocationOf(of));

function scopeOf(invocation: Invocation): RequestScope {
  let scope = scopes.get(invocation);
  if (!scope) {
    const own = <A extends unknown[], R>(fn: (...args: A) => R) => (...args: A): R => within(invocation, () => fn(...args));
    const more: Omit<RequestScope, keyof Scope> = {
      captureException: own(api.captureException),
      captureMessage: own(api.captureMessage),
      captureEvent: own(api.captureEvent),
      lastEventId: () => invocation.last?.id,
      lastEventIdAndSource: () => invocation.last,
      setRequestBody: (body) => invocation.isolation_.addEventProcessor(withBody(() => body)),
    };
    scopes.set(invocation, (scope = Object.assign(invocation.isolation_, more) as RequestScope));
  }
  return scope;
}

const withBody =
  (body: () => unknown) =>
  async (event: ErrorEvent): Promise<ErrorEvent> => {
    const data = await body();
    return data === undefined ? event : { ...event, request: { ...event.request, data } };
  };

/** What the events of a request are to say of it, which is asked for with the first of them; its body is read before. */
function describe(invocation: Invocation, request: Request, body?: () => unknown): void {
  let about: ScopeData[];
  invocation.request = request;
  invocation.about = () => (about ??= [aboutOf(request)]);
  if (!options.sendBody) return;
  const read = body ? undefined : readBody(request);
  const told = async (): Promise<unknown> =>
    dataOf(scrubbed((await (body ? body() : read)) as string | undefined, options.bodyScrubber));
  invocation.isolation_.addEventProcessor(withBody(told));
}

function aboutOf(request: Request): ScopeData {
  const scope = new ScopeData();
  scope.data_.request = describeRequest(request, options, options.sendDefaultPii) as Bag | undefined;
  const id = requestIdOf(request, options);
  if (id) scope.setTag('request_id', id);
  const ip_address = addressOf(request, options);
  if (ip_address) scope.setUser({ ip_address });
  for (const [name, context] of Object.entries({ cloud_resource: place(request), cloudflare: cfOf(request, options) }))
    if (context) scope.setContext(name, context);
  return scope;
}

/** What a handler is called with, and how. */
export interface Call<Env, T> {
  options: OptionsFor<Env>;
  env: Env;
  /** What the invocation's scope is found by. */
  keys: unknown[];
  context?: Context | undefined;
  request?: Request | undefined;
  /** What its body is when an event is captured, where the request cannot be asked. */
  body?: () => unknown;
  mechanism: string;
  /** What is to be said in the invocation's scope. */
  tell?: (scope: Scope) => void;
  run: (invocation: Invocation) => T | PromiseLike<T>;
}

/** Calls a handler. What it throws is captured, and thrown on. */
export async function invoke<Env, T>({ options: from, env, keys, context, request, body, mechanism, tell, run: call }: Call<Env, T>): Promise<T> {
  start(from, env);
  expire();
  const objects = keys.filter(isObject);
  const before = objects.find((key) => known.has(key));
  const invocation = here() ?? (before ? known.get(before)! : begin(context));
  invocation.context ??= context ?? contextOfPlatform();
  for (const key of objects) known.set(key, invocation);
  try {
    // Not again by a wrapper within a wrapper, nor where nothing is recorded.
    if (request && !invocation.request && client?.on_()) describe(invocation, request, body);
    tell?.(invocation.isolation_);
  } catch {
    // A request of somebody's own making.
  }
  try {
    return await run(invocation, () => call(invocation));
  } catch (error) {
    if (!isControl(error)) captureIn(invocation, error, mechanism);
    throw error;
  } finally {
    if (options.waitForDelivery) await Promise.all(invocation.waiting);
  }
}

/** Next.js throws what is no failure: that the answer is elsewhere, that there is none, that this is not the time. */
const isControl = (error: unknown): boolean => {
  const digest = get(error, 'digest');
  return typeof digest === 'string' && /^(NEXT_|DYNAMIC_SERVER|BAILOUT_|HANGING_)/.test(digest);
};

/** Captures what a handler has thrown. */
export function captureIn(invocation: Invocation, error: unknown, type: string): EventId {
  const mechanism: Mechanism = { type, handled: false };
  // What was captured by hand before is not captured again, and of what is no object only this tells.
  if (!invocation.thrown || invocation.thrown[0] !== error) {
    invocation.thrown = [error];
    const id = within(invocation, () => api.captureException(error, { mechanism }));
    invocation.thrown.push(invocation.last?.id ?? id);
  }
  return invocation.thrown[1] as EventId;
}

/** Wraps a fetch handler: what Deno, Bun and servers for Node that are like them call with a request. */
export function wrapHandler<A extends unknown[]>(
  options: EdgeOptions | undefined,
  fn: (request: Request, ...rest: A) => Response | Promise<Response>,
): (request: Request, ...rest: A) => Promise<Response> {
  return function (this: unknown, request, ...rest) {
    const context = rest.find((given): given is A[number] & Context => isObject(given) && isFunction((given as Context).waitUntil));
    return invoke({
      options,
      env: undefined,
      keys: [request, context],
      context,
      request,
      mechanism: 'auto.http.tailcone',
      run: () => fn.call(this, request, ...rest),
    });
  };
}
