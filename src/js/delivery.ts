// The way out of one client: keeps what was captured until the module is in, hands it over, and sends by the fallback
// where the module does not run or the page goes first.

import { forget, later, Promise } from './clock.js';
import { connect as connectModule, REFUSED } from './core.js';
import type { Fallback, Reason } from './fallback.js';
import type { Link } from './link.js';
import { isDelivered, page, stored, type Post } from './send.js';
import { categoryOf, type Signal } from './signal.js';
import type { Options } from './types.js';
import { describe, type Bag } from './values.js';
import { onBehalf } from './invocation.js';

export interface Delivery {
  take_(signal: Signal): void;
  /** Counts what is not sent. */
  lose_(reason: string, category: string, quantity?: number): void;
  load_(): void;
  /** The page is being hidden, for good perhaps (`going`), or is back. */
  hide_(hidden: boolean, going: boolean): void;
  flush_(timeout?: number): Promise<boolean>;
  stop_(): void;
}

const enum Max {
  Queued = 100,
  QueuedText = 1_048_576,
  InFlight = 4,
  LoadMs = 5000,
  FlushMs = 2000,
  Attempts = 4,
  /** So many trapped instances are replaced at once, later ones after this time. */
  Restarts = 10,
  RestartsMs = 60_000,
}

const GOING = __EDGE__ ? 'process_exit' : 'page_hidden';

const sizeOf = (signal: Signal): number => signal.text_.length + signal.crumbs_.length;

export function createDelivery(
  header: string,
  post: Post,
  { wasm, sendMaxAttempts, retryOn5xx, transport }: Options,
  fallback: Fallback,
  decide: (by: 'wasm' | 'fallback') => void,
  say: (level: number, text: string) => void,
): Delivery {
  let link: Link | undefined;
  let loading = false;
  let stopped = false;
  /** Set while the fallback sends in the module's place. */
  let reason: Reason | undefined;
  let queue: Signal[] = [];
  let queued = 0;
  let inFlight = 0;
  /** How many are with the hooks. */
  let hooked = 0;
  let tickets = 0;
  /** Handed to the module and not settled yet, by ticket. */
  const given = new Map<number, Signal>();
  /** Handed to a module that has trapped since, and on their way. */
  const orphans = new Map<number, Signal>();
  const flying = new Set<number>();
  /** How many instances have trapped. */
  let restarts = 0;
  const flushes = new Map<number, (ok: boolean) => void>();

  const { lose_: lose } = fallback;

  /** The module while it runs, which knows what was counted here: that is its to tell. */
  const told = (): Link | undefined => {
    if (link)
      for (const { reason, category, quantity } of fallback.handOver_()) {
        link?.discard_(reason, category, quantity);
        // It has trapped at that.
        if (!link) lose(reason, category, quantity);
      }
    return link;
  };

  /** Counts one that was taken and is not sent. */
  const drop = (signal: Signal, why = 'queue_overflow'): void => {
    lose(why, categoryOf(signal));
    lose(why, 'attachment', signal.attached_);
    signal.done_(why);
  };

  /** Empties the queue. */
  const each = (fn: (signal: Signal) => void, goOn: () => unknown = () => true): void => {
    for (let signal; goOn() && (signal = queue.shift()); fn(signal)) queued -= sizeOf(signal);
  };

  const settled = (ticket: number, why: string, until?: number): void => {
    const signal = given.get(ticket);
    given.delete(ticket);
    signal?.done_(why || signal.out_ || '', until);
  };

  const hook = (signal: Signal, event: Bag): void => {
    const run = signal.hook_!;
    signal.hook_ = undefined;
    hooked++;
    run(event, (text) => {
      hooked--;
      if (text) {
        signal.text_ = text;
        signal.crumbs_ = '';
        take(signal);
      }
      rest();
    });
  };

  const give = (signal: Signal): void => {
    const ticket = ++tickets;
    given.set(ticket, signal);
    // When it traps, the fallback has the signal.
    const to = told();
    if (signal.hook_) {
      const event = to?.prepare_(signal.text_, signal.crumbs_);
      if (event && given.delete(ticket)) hook(signal, JSON.parse(event) as Bag);
    } else if (to && to.capture_(ticket, signal.text_, signal.crumbs_, signal.attached_) > 0 && given.delete(ticket)) {
      // What it refuses for a reason of its own it has counted and settled.
      drop(signal, 'invalid');
    }
  };

  const busy = (): unknown => inFlight || hooked || orphans.size;

  /** A flush is over when nothing is left here, nor in the module. */
  const rest = (): void => {
    if (busy() || queue[0]) return;
    for (const [ticket, done] of flushes) link ? told()?.flush_(ticket, Max.FlushMs) : done(true);
  };

  /** Sends what waits by the fallback: some at a time, or all at once when the page goes. */
  const pump = (why: Reason, all?: boolean): void => {
    each(
      (signal) => {
        if (signal.hook_) return hook(signal, fallback.payload_(signal, why));
        inFlight++;
        fallback
          .send_(signal, why)
          .then(() => {
            inFlight--;
            reason ? pump(reason) : rest();
          })
          // The page has broken what this is made of.
          .catch(() => {});
      },
      () => all || inFlight < Max.InFlight,
    );
    rest();
  };

  const fall = (why: Reason, text: string): void => {
    if (link || stopped) return;
    reason = why;
    say(1, 'no wasm module, a plain sender does its work: ' + text);
    decide('fallback');
    pump(why);
  };

  const connect = (to: Link): void => {
    if (stopped) return to.stop_();
    link = to;
    reason = undefined;
    decide('wasm');
    each(give, () => link);
    rest();
  };

  const restart = (error: unknown): void => {
    later(
      () => {
        loading = false;
        load();
      },
      error && restarts++ >= Max.Restarts ? Max.RestartsMs : 0,
    );
  };

  const load = (): void => {
    if (loading || stopped) return;
    loading = true;
    const late = later(() => fall('wasm_timeout', 'not here after 5 s'), Max.LoadMs);
    connectModule(
      header,
      {
        async post_(ticket, body, attached, keepalive, hidden) {
          flying.add(ticket);
          const answer = await post(body, (attached && given.get(ticket)?.files_) || [], keepalive, hidden);
          flying.delete(ticket);
          fallback.learn_(answer);
          const kept = stored(answer);
          const signal = given.get(ticket);
          if (signal && isDelivered(answer)) signal.out_ = kept;
          const orphan = orphans.get(ticket);
          if (orphan) {
            orphans.delete(ticket);
            if (isDelivered(answer)) orphan.done_(kept);
            // The server counts what it answers 429 to.
            else if (answer[0] === 429) orphan.done_('ratelimit_backoff');
            else if (answer[0] > 2) drop(orphan, 'send_error');
            else take(orphan);
            rest();
          }
          return answer;
        },
        limits_: () => [fallback.limited_('error'), fallback.limited_('feedback'), fallback.limited_('attachment')],
        attempts_: sendMaxAttempts ?? Max.Attempts,
        retry_: !!retryOn5xx,
        settled_: settled,
        flushed_: (ticket, ok) => busy() || flushes.get(ticket)?.(ok),
        dead_(error) {
          link = undefined;
          // Whatever it had not settled goes out without it.
          for (const [ticket, signal] of given) {
            // It may have trapped at the news.
            if (signal.out_ !== undefined) signal.done_(signal.out_);
            else if (flying.has(ticket)) orphans.set(ticket, signal);
            else enqueue(signal);
          }
          given.clear();
          if (error) fall('wasm_trap', 'it trapped: ' + describe(error));
          restart(error);
        },
      },
      wasm,
    )
      .then(__EDGE__ ? onBehalf(connect) : connect)
      .catch((error) => {
        fall('wasm_unavailable', describe(error));
        if (error === REFUSED) restart(error);
      })
      .finally(() => forget(late));
  };

  const enqueue = (signal: Signal): void => {
    queue.push(signal);
    queued += sizeOf(signal);
  };

  const take: Delivery['take_'] = (signal) => {
    // The module does not know of this limit.
    if (__EDGE__ && signal.kind_ === 'check_in' && fallback.limited_('monitor')) return drop(signal, 'ratelimit_backoff');
    if (link) return give(signal);
    if (queue.length >= Max.Queued || queued + sizeOf(signal) > Max.QueuedText) return drop(signal);
    enqueue(signal);
    if (page.going_) pump(GOING, true);
    else if (reason) pump(reason);
    load();
  };

  return {
    lose_: lose,
    load_: load,
    take_: take,
    hide_(hidden, going) {
      page.going_ = going;
      // A transport of the application's may have ways of its own to keep what is under way.
      if (link) told()?.hide_(hidden, going && !transport);
      else if (hidden) {
        pump(GOING, true);
        void fallback.report_();
      }
    },
    flush_: (given) =>
      new Promise<boolean>((resolve) => {
        const timeout = typeof given === 'number' ? given : Max.FlushMs;
        const ticket = ++tickets;
        const done = (ok: boolean): void => {
          forget(timer);
          flushes.delete(ticket);
          resolve(ok);
        };
        const timer = later(() => {
          each((signal) => drop(signal));
          done(false);
        }, timeout);
        flushes.set(ticket, done);
        if (link) return told()?.flush_(ticket, timeout);
        if (queue[0]) return load();
        inFlight++;
        void fallback.report_().then(() => {
          inFlight--;
          rest();
        });
      }).catch(() => false),
    stop_() {
      stopped = true;
      link?.stop_();
      link = undefined;
    },
  };
}
