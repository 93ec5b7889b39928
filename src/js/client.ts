// One client: turns what is captured into signals, listens for what nobody catches, and hands both to its delivery.

import { createDelivery, type Delivery } from './delivery.js';
import type { Dsn } from './dsn.js';
import { exceptions, thrownBy } from './error.js';
import { createFallback } from './fallback.js';
import { mint, now } from './id.js';
import { listen } from './listen.js';
import { request } from './request.js';
import { layers, Scope, trail, type Layer } from './scope.js';
import { failed, type Signal } from './signal.js';
import type {
  Client as PublicClient,
  ErrorEvent,
  EventId,
  Feedback,
  Hint,
  Level,
  Mechanism,
  Options,
  ScopeData,
  Scope as PublicScope,
  SendResult,
} from './types.js';
import { copyBag, describe, get, isObject, toText, type Bag } from './values.js';

declare const __TAILCONE_VERSION__: string;

export interface Client extends PublicClient {
  exception_(error: unknown, hint: Hint | undefined): EventId;
  message_(message: string, hint: Level | Hint | undefined): EventId;
  /** An event in the shape of the wire. */
  whole_(event: ErrorEvent, hint: Hint | undefined): EventId;
  feedback_(feedback: Feedback, done?: Done): EventId;
  sendFeedback_(feedback: Feedback): Promise<SendResult>;
  /** For the global listeners. */
  caught_(event: Event): void;
  /** Counts reports that the loader had no room for. */
  lose_(quantity: number): unknown;
  /** Whether it captures. */
  on_(): boolean;
  lastId_(): EventId | undefined;
}

type Done = (result: SendResult) => void;

const enum Max {
  Message = 8192,
  Mechanism = 4096,
  Feedback = 4096,
  Event = 262_144,
  Signal = 524_288,
  FeedbackMs = 30_000,
  IdleMs = 2000,
  SilentMs = 60_000,
}
const UNCAUGHT = ['error', 'unhandledrejection'];
const SDK = { name: 'tailcone.javascript.browser', version: __TAILCONE_VERSION__ };

/** A message in the long form, the only one that strict servers know. */
const logentry = (message: unknown): { formatted: string } => ({ formatted: describe(message, Max.Message) });

/** Without a DSN the client does nothing. */
export function createClient(options: Options, dsn?: Dsn): Client {
  const { release, environment, dist, serverName, tunnel, inferIp, debug, globalHandlers, wasm } = options;
  /** What was captured by hand is not reported again when nobody catches it afterwards. */
  const seen = new WeakSet<object>();
  const said: Record<string, number> = {};
  let on = !!dsn;
  let depth = 0;
  let lastId: EventId | undefined;
  let decide!: (by: 'wasm' | 'fallback' | 'disabled') => void;
  const ready = new Promise<'wasm' | 'fallback' | 'disabled'>((resolve) => (decide = resolve));

  /** Prints a sentence; the same warning not more than once a minute. */
  const say = (level: number, text: string): void => {
    const at = Date.now();
    if ((!debug && level < 2) || (level && at - said[text]! < Max.SilentMs)) return;
    said[text] = at;
    try {
      console[level > 1 ? 'error' : level ? 'warn' : 'debug']('tailcone: ' + text);
    } catch {
      // The page's own console, or none.
    }
  };

  let delivery: Delivery | undefined;
  /** Made when it is first needed: `init` is on the page's critical path. */
  const deliver = (): Delivery => {
    if (delivery) return delivery;
    const { text, envelopeUrl, publicKey } = dsn!;
    const endpoint =
      tunnel || `${envelopeUrl}?sentry_version=7&sentry_key=${publicKey}&sentry_client=${SDK.name}%2F${SDK.version}`;
    const header = { dsn: tunnel && text, sdk: SDK };
    const defaults = {
      platform: 'javascript',
      release: release || undefined,
      environment: environment || 'production',
      dist: dist || undefined,
      server_name: serverName || undefined,
      // Servers must not derive an address from the connection unless they are told to.
      sdk: { ...SDK, settings: inferIp === 'unsaid' ? undefined : { infer_ip: inferIp || 'never' } },
    };
    return (delivery = createDelivery(
      toText({ endpoint, header, defaults }),
      wasm,
      createFallback(endpoint, header, defaults),
      decide,
      (link) => {
        if (!deafen) return;
        // The module's listeners take the place of the early ones in one turn.
        const late = (event: Event): void => caught(event);
        if (!link.listen(globalThis as unknown as EventTarget, late, late)) return;
        deafen();
        deafen = () => {
          link.unlisten();
          // Should the module be dead by then, its listeners are still there.
          listen(UNCAUGHT, late, 'remove');
        };
      },
      say,
    ));
  };

  /** Nothing that goes wrong in a capture reaches the page. What captures while it is looked at (a getter, a Proxy) is
   * captured too, but not what that captures. */
  const guard = (id: EventId, capture: (id: EventId) => void): EventId => {
    if (on) {
      depth++;
      try {
        if (depth > 2) throw depth;
        capture(id);
      } catch (error) {
        deliver().lose_('internal_sdk_error', 'error');
        say(1, 'a capture failed: ' + describe(error));
      }
      depth--;
    }
    return id;
  };

  const take = (
    kind: Signal['kind_'],
    id: EventId,
    event: Bag,
    over: Layer[],
    crumbs: string,
    done?: Done,
    ts = now(),
  ): void => {
    const write = (): string => toText({ kind, id, ts, event, layers: over });
    let made = write();
    if (made.length > Max.Signal) {
      // Each part is bounded, but not how many there are.
      over = over.map(({ extra, contexts, ...rest }) => rest);
      event.extra = { tailcone: 'extra and contexts were too large' };
      made = write();
    }
    deliver().take_({
      kind_: kind,
      text_: made,
      crumbs_: crumbs,
      done_(result) {
        say(0, `${kind} ${id} ${result.status} ${result.reason ?? ''}`);
        done?.(result);
      },
    });
  };

  const takeEvent = (id: EventId, event: Bag, hint: Hint | undefined, own?: unknown, ts?: number): void => {
    lastId = id;
    event.request ??= request();
    const over = layers();
    if (hint) over.push(new Scope().update_(hint).update_(get(hint, 'captureContext') as PublicScope).data_);
    take('event', id, event, over, trail(own), undefined, ts);
  };

  const takeError = (id: EventId, error: unknown, mechanism: Mechanism, hint?: Hint): void => {
    const { values, serialized } = exceptions(error, mechanism);
    takeEvent(id, { exception: { values: values.reverse() }, extra: serialized && { __serialized__: serialized } }, hint);
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
        takeError(id, event, { type: 'auto.browser.global_handlers.on' + event.type, handled: false });
      }
    });
  };

  const feedback: Client['feedback_'] = (from, done) =>
    guard(mint(), (id) => {
      const given = copyBag(from, Max.Feedback * 4) as Feedback | undefined;
      const { message, name, email, associatedEventId, source = 'api', url = globalThis.location?.href } = given ?? {};
      if (!message) {
        say(1, 'a feedback without a message is not sent');
        return done?.(failed('invalid'));
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
      const { data_: own } = new Scope().update_({ tags: given!.tags! });
      take('feedback', id, { contexts, ...own, request: request() }, layers(), '[]', done);
    });

  /** Before anything was captured there is nothing to wait for; without a DSN nothing is ever sent. */
  const flush = (timeout?: number): Promise<boolean> => delivery?.flush_(timeout) ?? Promise.resolve(!!dsn);

  let deafen: (() => void) | undefined;
  let blind: (() => void) | undefined;
  if (on) {
    if (globalHandlers !== false) deafen = listen(UNCAUGHT, (event) => caught(event));
    blind = listen(['pagehide', 'pageshow', 'visibilitychange'], ({ type }) => {
      const going = type === 'pagehide';
      deliver().hide_(going || (type !== 'pageshow' && document.visibilityState === 'hidden'), going);
    });
    const load = (): unknown => on && deliver().load_();
    if (typeof requestIdleCallback === 'function') requestIdleCallback(load, { timeout: Max.IdleMs });
    else setTimeout(load, Max.IdleMs / 10);
  } else decide('disabled');

  return {
    ready,
    caught_: caught,
    feedback_: feedback,
    on_: () => on,
    lastId_: () => lastId,
    lose_: (quantity) => on && quantity && deliver().lose_('queue_overflow', 'error', quantity),
    exception_: (error, hint) =>
      guard(mint(), (id) => {
        caughtBefore(error);
        const mechanism = get(hint, 'mechanism') as Mechanism | undefined;
        takeError(
          id,
          error,
          { type: 'generic', handled: true, ...(mechanism ? copyBag(mechanism, Max.Mechanism) : {}) },
          hint,
        );
      }),
    message_: (message, hint) =>
      guard(mint(), (id) =>
        takeEvent(id, { logentry: logentry(message) }, typeof hint === 'string' ? { level: hint } : hint),
      ),
    whole_(from, hint) {
      const given = describe(get(from, 'event_id')).replace(/-/g, '').toLowerCase();
      return guard(/^[0-9a-f]{32}$/.test(given) ? given : mint(), (id) => {
        const event = (copyBag(from, Max.Event, 12) ?? {}) as ErrorEvent;
        const { event_id, timestamp, breadcrumbs, message, ...rest } = event;
        if (message) rest.logentry ??= logentry(message);
        const ms = typeof timestamp === 'number' ? timestamp * 1000 : Date.parse(describe(timestamp));
        takeEvent(
          id,
          { ...rest, ...new Scope().update_(event as ScopeData).data_ },
          hint,
          Array.isArray(breadcrumbs) ? breadcrumbs : breadcrumbs?.values,
          ms > 0 ? Math.round(ms) : undefined,
        );
      });
    },
    sendFeedback_: (from) =>
      new Promise((resolve) => {
        feedback(from, resolve);
        setTimeout(resolve, Max.FeedbackMs, failed('timeout'));
      }),
    flush,
    async close(timeout) {
      on = false;
      deafen?.();
      deafen = undefined;
      const flushed = await flush(timeout);
      blind?.();
      delivery?.stop_();
      decide('disabled');
      return flushed;
    },
  };
}
