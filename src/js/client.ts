// One client: turns what is captured into signals, listens for what nobody catches, and hands both to its delivery.

import { clock, later, Promise } from './clock.js';
import { createDelivery, type Delivery } from './delivery.js';
import type { Dsn } from './dsn.js';
import { exceptions, stackText, thrownBy, type Exception } from './error.js';
import { createFallback } from './fallback.js';
import { markFrames, stoppedBy } from './filters.js';
import { createFlood } from './flood.js';
import { through } from './hooks.js';
import { mint, now } from './id.js';
import { attempt, instrument, mute } from './instrument/index.js';
import { listen } from './listen.js';
import { Scope, type Layer, type Scopes } from './scope.js';
import { scrubText } from './scrub.js';
import { again, createPost, isOffline } from './send.js';
import type { Signal } from './signal.js';
import { contexts, readCulture, request, sourceMaps } from './surroundings.js';
import type {
  Breadcrumb,
  CaptureContext,
  ErrorEvent,
  EventId,
  EventProcessor,
  Feedback,
  Hint,
  Level,
  Mechanism,
  Options,
  Client as PublicClient,
  ScopeData,
  SendResult,
  Source,
} from './types.js';
import { copyBag, cut, describe, get, isFunction, isObject, REACH, toText, type Bag } from './values.js';
import { here, hold, outcome, remember } from './invocation.js';
import { given, runtime } from './runtime.js';

/** Whether this is the build for servers, where requests have scopes of their own. */
type Above = (...args: never[]) => unknown;

export interface Client extends PublicClient {
  /** `above`: the public function; its caller's is the first frame of a stack that is made here. */
  exception_(error: unknown, hint: Hint | undefined, above: Above): EventId;
  message_(message: string, hint: Level | Hint | undefined, above: Above): EventId;
  /** An event in the shape of the wire. */
  whole_(event: ErrorEvent, hint: Hint | undefined): EventId;
  feedback_(feedback: Feedback, hint?: Hint): EventId;
  sendFeedback_(feedback: Feedback): Promise<SendResult>;
  breadcrumb_(breadcrumb: Breadcrumb, hint?: Record<string, unknown>): void;
  /** Sends the body of a check-in; on servers. */
  checkIn_?(body: Bag): void;
  /** For the global listeners. */
  caught_(event: Event): void;
  /** Counts reports that the loader had no room for. */
  lose_(quantity: number): unknown;
  /** Whether it captures; turns it on or off. */
  on_(on?: boolean): boolean;
  last_(): { id: EventId; source: Source } | undefined;
  explain_(id: EventId): Promise<SendResult>;
}

const enum Max {
  Message = 8192,
  Mechanism = 4096,
  Feedback = 4096,
  Event = 262_144,
  Hooked = 524_288,
  Signal = 524_288,
  Attached = 20_971_520,
  Results = 200,
  FeedbackMs = 30_000,
  IdleMs = 2000,
  SilentMs = 60_000,
}
const UNCAUGHT = ['error', 'unhandledrejection'];
const SDK = { name: 'tailcone.javascript.' + (__EDGE__ ? runtime.name : 'browser'), version: __TAILCONE_VERSION__ };
/** Of an event that is given as a whole. */
const WHOLE = { ...REACH, depth_: 12, ms_: 25 };
const CHUNK = /chunk.* failed|dynamically imported module|module script failed|Unable to preload/i;

/** Without a DSN the client does nothing. */
export function createClient(options: Options, scopes: Scopes, dsn?: Dsn): Client {
  const { release, environment = 'production', dist, serverName, tunnel, debug, integrations } = options;
  const { beforeSend, afterSend, beforeBreadcrumb, sampleRate = 1, includedEnvironments } = options;
  /** What was captured by hand is not reported again when nobody catches it afterwards. */
  const seen = new WeakSet<object>();
  const said = new Map<string, number>();
  const flood = createFlood();
  const included = !includedEnvironments || includedEnvironments.includes(environment);
  const text = Math.min(options.maxValueLength ?? Max.Message, Max.Message);
  /** What became of the last captures; of one under way, who waits for it. */
  const results = new Map<EventId, SendResult | ((result: SendResult) => void)[]>();
  let on = !!dsn;
  let depth = 0;
  let last: ReturnType<Client['last_']>;
  let decide!: (by: 'wasm' | 'fallback' | 'disabled') => void;
  const ready = __EDGE__ ? undefined! : new Promise<'wasm' | 'fallback' | 'disabled'>((resolve) => (decide = resolve));

  const note = (id: EventId, source: Source): void => {
    last = { id, source };
    if (__EDGE__) remember(last);
  };

  /** Prints a sentence; the same warning not more than once a minute. True: it was new. */
  const say = (level: number, text: string): boolean => {
    const at = clock();
    if (level) {
      if (at - said.get(text)! < Max.SilentMs) return false;
      if (said.size > Max.Results) said.clear();
      said.set(text, at);
    }
    const from = { debug: 0, info: 1, warn: 1, error: 2, none: 3 }[options.sdkLogLevel ?? (debug ? 'debug' : 'warn')];
    if (level < from) return true;
    try {
      const how = level > 1 ? 'error' : level ? 'warn' : 'debug';
      mute(() => (options.debugWriter ?? ((how, text) => console[how](text)))(how, 'tailcone: ' + text));
    } catch {
      // The page's own console, or none.
    }
    return true;
  };

  const { text: dsnText, envelopeUrl, publicKey } = dsn ?? ({} as Dsn);
  const url = tunnel || `${envelopeUrl}?sentry_version=7&sentry_key=${publicKey}&sentry_client=${SDK.name}%2F${SDK.version}`;
  /** What is under the scopes. */
  let common: Bag;
  let delivery: Delivery | undefined;
  /** Made when it is first needed: `init` is on the page's critical path. */
  const deliver = (): Delivery => {
    if (delivery) return delivery;
    const { inferIp, sendDefaultPii, dataCollection, reportModules, modules } = options;
    const bundled = get(get(globalThis, 'SENTRY_RELEASE'), 'id');
    const trace = { trace_id: mint(), span_id: mint().slice(16) };
    common = {
      release: release || bundled || undefined,
      environment,
      dist: dist || undefined,
      server_name: serverName || undefined,
      modules: reportModules === false ? undefined : { tailcone: SDK.version, ...modules },
      // Servers must not derive an address from the connection unless they are told to.
      sdk: {
        ...SDK,
        settings:
          inferIp === 'unsaid'
            ? undefined
            : { infer_ip: inferIp || ((dataCollection?.userInfo ?? sendDefaultPii) ? 'auto' : 'never') },
      },
      ...new Scope().setTags(options.tags!).data_,
      contexts: { trace },
    };
    const header = {
      dsn: tunnel ? dsnText : undefined,
      sdk: SDK,
      trace: { trace_id: trace.trace_id, public_key: publicKey, release: common.release, environment },
    };
    const members = toText(header).slice(1, -1);
    const post = createPost(url, options);
    return (delivery = createDelivery(members, post, options, createFallback(post, header), decide, say));
  };

  /** Nothing that goes wrong in a capture reaches the page. What captures while it is looked at (a getter, a Proxy) is
   * captured too, but not what that captures. */
  const guard = (id: EventId, capture: (id: EventId) => void): EventId => {
    if (on) {
      depth++;
      try {
        if (depth > 2) throw depth;
        mute(() => capture(id));
        if (__EDGE__)
          hold((tell) => {
            const known = results.get(id);
            if (Array.isArray(known)) known.push(tell);
            else tell();
          });
      } catch (error) {
        deliver().lose_('internal_sdk_error', 'error');
        say(1, 'a capture failed: ' + describe(error));
        done('event', id, 'internal_sdk_error');
      }
      depth--;
    }
    return id;
  };

  /** The end of a capture, and its one sentence. */
  const done = (
    kind: string,
    id: EventId,
    reason: string | undefined,
    until?: number,
    status: string | undefined = !reason
      ? 'sent'
      : {
          ratelimit_backoff: 'rate_limited',
          network_error: isOffline() ? 'offline' : 'blocked',
          invalid: 'too_large',
          stored: 'offline',
        }[reason],
  ): SendResult => {
    const result = { status: status ?? 'failed' } as SendResult;
    if (reason) result.reason = reason;
    if (until) result.until = until;
    say(0, `${kind} ${id} ${result.status}${reason ? ': ' + reason : ''}`);
    const waiting = results.get(id);
    results.delete(id);
    if (options.sendResult !== 'none') results.set(id, result);
    if (Array.isArray(waiting)) for (const tell of waiting) tell(result);
    for (const [old, known] of results) {
      if (results.size <= Max.Results) break;
      if (!Array.isArray(known)) results.delete(old);
    }
    return result;
  };

  /** Not sent, and counted under `reason`. */
  const lose = (id: EventId, status: string, reason: string, detail?: string): void => {
    deliver().lose_(reason, 'error');
    done('event', id, detail, 0, status);
  };

  const signal = (kind: Signal['kind_'], event: Bag, layers: Layer[]): string => toText({ kind, event, layers });

  const take = (
    kind: Signal['kind_'],
    id: EventId,
    event: Bag,
    scopes: Scope[],
    crumbs: string,
    hook?: Signal['hook_'],
    settled?: (result: SendResult) => void,
    ts = now(),
  ): void => {
    const way = deliver();
    let over = [
      { ...common, level: event.exception ? 'error' : 'info' } as Layer,
      { contexts: contexts() } as Layer,
      ...scopes.map((scope) => scope.data_),
    ];
    const files: Blob[] = [];
    let attached = 0;
    for (const { blob_, bytes_ } of scopes.flatMap((scope) => scope.files_)) {
      if (attached + bytes_ > Max.Attached) way.lose_('invalid', 'attachment', bytes_);
      else {
        files.push(blob_);
        attached += bytes_;
      }
    }
    const write = (): string => signal(kind, { event_id: id, timestamp: ts / 1000, platform: 'javascript', ...event }, over);
    let made = write();
    if (made.length > Max.Signal) {
      // Each part is bounded, but not how many there are.
      over = over.map(({ extra, contexts, ...rest }) => rest);
      event.extra = { tailcone: 'extra and contexts were too large' };
      made = write();
    }
    way.take_({
      kind_: kind,
      text_: made,
      crumbs_: crumbs,
      files_: files,
      attached_: attached,
      hook_: hook,
      done_(reason, until) {
        const result = done(kind, id, reason, until);
        settled?.(result);
      },
    });
  };

  const scrubbed = (bag: Bag): Bag => {
    try {
      return JSON.parse(scrubText(toText(bag))) as Bag;
    } catch {
      // What stood in the place of a secret was no text.
      return {};
    }
  };

  const takeEvent = (
    id: EventId,
    event: ErrorEvent & Bag,
    source: Source,
    hint: Hint | undefined,
    original?: Hint,
    own?: unknown,
    ts?: number,
    bare?: boolean,
  ): void => {
    note(id, source);
    results.set(id, []);
    if (!included) return lose(id, 'ignored', 'ignored', 'environment');
    const stop = stoppedBy(event, options);
    if (stop) return lose(id, 'ignored', 'ignored', stop);

    const over = scopes.all_();
    if (__EDGE__) over.unshift(...(attempt(() => here()?.about?.()) ?? []));
    const mine = new Scope(scopes.rules_);
    if (hint) mine.update_(hint).update_(get(hint, 'captureContext') as CaptureContext);
    over.push(mine);
    const thrown = (event.exception?.values ?? []) as unknown as Partial<Exception>[];
    const { type, value, stack = '' } = thrown.at(-1) ?? {};
    const parts = event.fingerprint ?? over.flatMap(({ data_ }) => (data_.fingerprint ? [data_.fingerprint] : [])).pop();
    /** What a server groups by: the fingerprint, or type and place, or a message. */
    const place = type ? type + (/^ +at .*/m.exec(stack) ?? /^.*@.*/m.exec(stack) ?? value) : event.logentry?.formatted;
    const what = '' + (parts ? [parts, /{{/.test('' + parts) && place] : place);
    const exact = [what, value, stack, event.level ?? mine.data_.level].join('\n');
    const verdict = flood.check_(options.dedupe === false ? id : exact, what, now());
    if (verdict === 1) return lose(id, 'deduped', 'ignored');
    if (verdict && options.floodControl !== false) return lose(id, 'flood', 'backpressure');
    const suppressed = flood.suppressed_(what);
    if (suppressed) event.contexts = { ...event.contexts, flood: { suppressed } };

    // What was collected without being asked for may hold what must not leave: files, and what nobody caught.
    if (original)
      for (const exception of thrown as Exception[]) {
        const { mechanism } = exception;
        if (exception.stack) exception.stack = scrubText(exception.stack);
        if (mechanism.handled === false) {
          exception.value = scrubText(exception.value);
          mechanism.data &&= scrubbed(mechanism.data);
          event.extra &&= scrubbed(event.extra);
        }
      }
    const images = sourceMaps(thrown.map((exception) => exception.stack).join('\n'));
    if (images[0]) event.debug_meta ??= { images };
    event.request ??= request(options) as never;

    const sampled = (): boolean => Math.random() < sampleRate || (lose(id, 'unsampled', 'sample_rate', 'sample_rate'), false);
    const steps = over.flatMap((scope) => scope.steps_);
    if (options.inAppInclude || options.inAppExclude) steps.unshift((event) => markFrames(event, options));
    for (const integration of integrations ?? []) {
      if (isFunction(integration.processEvent)) steps.push((event, hint) => integration.processEvent!(event, hint, client));
    }
    const processors = steps.length;
    if (beforeSend) steps.push(beforeSend);
    let final: ErrorEvent | undefined;
    let hook: Signal['hook_'];
    if (bare) steps.length = 0;
    else if (steps[0] || afterSend)
      hook = (prepared, next) => {
        let begun = 0;
        const counted = steps.map((step): EventProcessor => (event, hint) => (begun++, step(event, hint)));
        guardHooks(() =>
          through(counted, prepared, { __proto__: hint, ...original } as Hint, (kept, failure) => {
            const drop = (reason: string): void => lose(id, 'before_send', reason, reason);
            if (failure) {
              hookFailed(failure);
              drop('internal_sdk_error');
            } else if (!kept) drop(begun > processors ? 'before_send' : 'event_processor');
            else if (sampled()) final = kept;
            // A hook may have put anything into it.
            const made = final && { ...copyBag(final, Max.Hooked, WHOLE), event_id: id };
            if (made) Object.assign(made, new Scope().setTags(get(made, 'tags') as never).data_);
            next(made && signal('event', made, []));
          }),
        );
      };
    else if (!sampled()) return;
    const settled = (result: SendResult): void => {
      if (final) guardHooks(() => afterSend?.(final!, result));
    };
    take('event', id, event, over, scopes.trail_(own), hook, settled, ts);
  };

  /** Tells of a hook that fails, without calling it again. */
  const hookFailed = (error: unknown): void => {
    if (!on || !say(1, 'a hook failed: ' + describe(error))) return;
    // It is no capture of the hook's.
    depth--;
    guard(mint(), (id) => takeError(id, error, { type: 'auto.tailcone.hook', handled: false }, 'manual', undefined, undefined, true));
    depth++;
  };

  /** Hooks of the application may capture and print: neither may come round to them again. */
  const guardHooks = (run: () => void): void => {
    depth++;
    try {
      mute(run);
    } catch (error) {
      say(1, 'callback failed: ' + describe(error));
    }
    depth--;
  };

  const takeError = (
    id: EventId,
    error: unknown,
    mechanism: Mechanism,
    source: Source,
    hint?: Hint,
    above?: Above,
    bare?: boolean,
  ): void => {
    const thrown = thrownBy(error);
    results.set(id, []);
    if (included && options.floodControl !== false && flood.full_(now())) {
      note(id, source);
      return lose(id, 'flood', 'backpressure');
    }
    if (!bare && options.excludeException?.(thrown, source)) {
      return lose(id, 'excluded', 'ignored');
    }
    const { values, serialized } = exceptions(error, mechanism, text);
    const first = values[0]!;
    for (const integration of integrations ?? []) {
      if (isFunction(integration.processError) && integration.processError(thrown, first as never) && mechanism.handled === false)
        return lose(id, 'ignored', 'ignored', integration.name);
    }
    first.stack = stackText(get(hint, 'stacktrace')) ?? first.stack;
    if (options.attachStacktrace && above) first.stack ??= stackOf(above);
    const event: ErrorEvent = { exception: { values: values.reverse() as never } };
    if (serialized) event.extra = { __serialized__: serialized };
    if (CHUNK.test(`${first.type} ${first.value}`) || first.type === 'ChunkLoadError') event.tags = { 'error.kind': 'chunk_load' };
    takeEvent(id, event, source, hint, { originalException: thrown }, undefined, undefined, bare);
  };

  const stackOf = (above: Above): string | undefined => {
    const holder: { stack?: string } = {};
    const { captureStackTrace } = Error as { captureStackTrace?: (on: object, above: Above) => void };
    captureStackTrace?.(holder, above);
    // In JavaScriptCore what is called in tail position takes the place of its caller, who then is not to be found.
    if (!holder.stack) captureStackTrace?.(holder, attempt as Above);
    return holder.stack || new Error().stack;
  };

  const caughtBefore = (caught: unknown): boolean => {
    const error = thrownBy(caught);
    if (!isObject(error)) return false;
    const before = seen.has(error);
    seen.add(error);
    return before;
  };

  const caught = (event: Event): void => {
    guard(mint(), (id) => {
      if (!caughtBefore(event)) {
        const type = (__EDGE__ ? `auto.${runtime.name}.on` : 'auto.browser.global_handlers.on') + event.type;
        takeError(id, event, { type, handled: false }, 'global');
      }
    });
  };

  /** On servers. */
  const lastWords = (event: Event, dying: boolean): void => {
    if (!dying) return caught(event);
    const way = deliver();
    way.hide_(true, true);
    caught(event);
    again();
    way.hide_(false, false);
  };

  const feedback = (from: Feedback, hint?: Hint, settled?: (result: SendResult) => void): EventId =>
    guard(mint(), (id) => {
      const given = copyBag(from, Max.Feedback * 4) as Feedback | undefined;
      const { message, name, email, associatedEventId, source = 'api', url = request(options)?.url } = given ?? {};
      results.set(id, []);
      if (!message) {
        say(1, 'feedback without a message is not sent');
        const result = done('feedback', id, 'no message');
        return settled?.(result);
      }
      const contexts = {
        feedback: {
          message: describe(message, Max.Feedback),
          name,
          contact_email: email,
          associated_event_id: associatedEventId,
          source,
          url,
        },
      };
      const own = new Scope(scopes.rules_).update_(hint as CaptureContext).update_({ tags: given!.tags! });
      take('feedback', id, { contexts, request: request(options) }, [...scopes.all_(), own], '[]', undefined, settled);
    });

  /** Before anything was captured there is nothing to wait for; without a DSN nothing is ever sent. */
  const flush = (timeout?: number): Promise<boolean> => delivery?.flush_(timeout) ?? Promise.resolve(!!dsn);

  /** What `close` does at once, and what it does when all is sent. */
  const undo: (() => void)[] = [];
  const after: (() => void)[] = [];
  const client: Client = {
    ready,
    caught_: caught,
    feedback_: feedback,
    on_: (to) => (to === undefined ? on : (on = to && !!dsn)),
    last_: () => (__EDGE__ ? (here()?.last ?? last) : last),
    lose_: (quantity) => on && quantity && deliver().lose_('queue_overflow', 'error', quantity),
    explain_: (id) =>
      new Promise((resolve) => {
        const known = results.get(id);
        if (Array.isArray(known)) known.push(resolve);
        else resolve(known ?? { status: on ? 'unknown' : 'disabled' });
      }),
    breadcrumb_(breadcrumb, hint) {
      if (!on) return;
      try {
        const kept = beforeBreadcrumb ? mute(() => beforeBreadcrumb(breadcrumb, hint)) : breadcrumb;
        if (kept) scopes.isolation_.addBreadcrumb(kept);
      } catch (error) {
        say(1, 'beforeBreadcrumb failed: ' + describe(error));
      }
    },
    exception_: (error, hint, above) =>
      guard(mint(), (id) => {
        const mechanism = get(hint, 'mechanism') as Mechanism | undefined;
        const uncaught = __EDGE__ && mechanism?.handled === false;
        // What was captured by hand and thrown on, or what a wrapper within has seen.
        if (caughtBefore(error) && uncaught) return;
        takeError(
          id,
          error,
          { type: 'generic', handled: true, ...(mechanism ? copyBag(mechanism, Max.Mechanism) : {}) },
          uncaught ? 'middleware' : 'manual',
          hint,
          above,
        );
      }),
    message_: (message, hint, above) =>
      guard(mint(), (id) => {
        const params = get(hint, 'params') as unknown[];
        let formatted = describe(message, text);
        const event: ErrorEvent = { logentry: { formatted } };
        if (Array.isArray(params)) {
          let at = 0;
          const texts = params.slice(0, 100).map((param) => describe(param));
          const filled = formatted.replace(/%s/g, (it) => texts[at++] ?? it);
          event.logentry = { message: formatted, params: texts, formatted: cut(filled, text) };
        }
        if (options.attachStacktrace) {
          const mechanism = { type: 'generic', handled: true, synthetic: true };
          event.exception = { values: [{ value: event.logentry!.formatted!, stack: stackOf(above), mechanism } as never] };
        }
        takeEvent(id, event, 'manual', typeof hint === 'string' ? { level: hint } : hint);
      }),
    whole_(from, hint) {
      const given = describe(get(from, 'event_id')).replace(/-/g, '').toLowerCase();
      return guard(/^[0-9a-f]{32}$/.test(given) ? given : mint(), (id) => {
        const event = (copyBag(from, Max.Event, WHOLE) ?? {}) as ErrorEvent;
        const { event_id, timestamp, breadcrumbs, message, ...rest } = event;
        if (message) rest.logentry ??= { formatted: describe(message, text) };
        const ms = typeof timestamp === 'number' ? timestamp * 1000 : Date.parse(describe(timestamp));
        takeEvent(
          id,
          // Contexts that are none are not to be added to.
          { ...rest, contexts: undefined, ...(new Scope().update_(event as Partial<ScopeData>).data_ as object) },
          'manual',
          hint,
          undefined,
          Array.isArray(breadcrumbs) ? breadcrumbs : breadcrumbs?.values,
          ms > 0 ? Math.round(ms) : undefined,
        );
      });
    },
    sendFeedback_: (from) =>
      new Promise((resolve) => {
        feedback(from, undefined, resolve);
        later(() => resolve({ status: 'failed', reason: 'timeout' }), Max.FeedbackMs);
      }),
    flush,
    async close(timeout) {
      on = false;
      for (const fn of undo.splice(0)) fn();
      const flushed = await flush(timeout);
      for (const fn of after.splice(0)) fn();
      delivery?.stop_();
      decide('disabled');
      return flushed;
    },
  };

  if (__EDGE__) {
    decide = outcome(client as never);
    client.checkIn_ = (body) => {
      guard(mint(), (id) => {
        const way = deliver();
        const { release, contexts } = common;
        results.set(id, []);
        way.take_({
          kind_: 'check_in',
          text_: toText({ kind: 'check_in', event: { ...body, release, environment, contexts }, layers: [] }),
          crumbs_: '[]',
          files_: [],
          attached_: 0,
          done_: (reason, until) => void done('check-in', id, reason, until),
        });
      });
    };
  }
  if (on) {
    if (options.globalHandlers !== false) undo.push(__EDGE__ && given.listen ? given.listen(lastWords) : listen(UNCAUGHT, caught));
    const { breadcrumbs = true } = options;
    if (breadcrumbs)
      undo.push(
        instrument(
          { console: environment !== 'development', ...(breadcrumbs === true ? {} : copyBag(breadcrumbs, Max.Message)) },
          {
            add_: client.breadcrumb_,
            dropQuery_: options.dataCollection?.queryParams === false,
          },
        ),
      );
    for (const integration of integrations ?? []) {
      guardHooks(() => {
        const fn = isFunction(integration.setup) && integration.setup(client);
        if (isFunction(fn)) after.push(() => guardHooks(fn));
      });
    }
    // Nothing is ever hidden on a server, and the module has time until there is something to send.
    if (__EDGE__) return client;
    after.push(
      listen(['pagehide', 'pageshow', 'visibilitychange', 'online', 'freeze', 'resume'], ({ type }) => {
        const going = /pagehide|freeze/.test(type);
        deliver().hide_(going || (type !== 'pageshow' && globalThis.document?.visibilityState === 'hidden'), going);
      }),
    );
    const load = (): void => {
      if (!on) return;
      readCulture();
      deliver().load_();
    };
    if (typeof requestIdleCallback === 'function') requestIdleCallback(load, { timeout: Max.IdleMs });
    // Nothing tells a worker that it ends, and none has a first picture to wait for.
    else later(load, globalThis.document ? Max.IdleMs / 10 : 0);
  } else decide('disabled');
  return client;
}
