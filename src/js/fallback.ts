// Sends without the wasm module: where the page forbids it, where it is late or broken, and when the page goes first.

import type { Exception } from './error.js';
import type { Layer } from './scope.js';
import { categoryOf, failed, type Signal } from './signal.js';
import type { SendResult } from './types.js';
import type { Bag } from './values.js';

/** Why the module did not do it; stands in the event's `contexts.sdk.fallback`. */
export type Reason = 'wasm_unavailable' | 'wasm_timeout' | 'wasm_trap' | 'page_hidden';

interface Loss {
  reason: string;
  category: string;
  quantity: number;
}

export interface Fallback {
  /** Whether the page is being left. */
  going_: boolean;
  send_(signal: Signal, reason: Reason): Promise<SendResult>;
  /** Counts what is lost, to be reported with the next envelope. */
  lose_(reason: string, category: string, quantity?: number): void;
  /** Gives away the losses that are not reported yet. */
  handOver_(): Loss[];
  /** Reports losses by themselves, where no event may follow to carry them. */
  report_(): void;
}

const enum Max {
  /** Browsers refuse keepalive requests with more than 64 KiB under way; others on the page may have a part of that. */
  KeepaliveBytes = 61_440,
  AnswerMs = 30_000,
  /** Where the server does not say for how long. */
  LimitS = 60,
  Frames = 50,
  /** A pattern may go through a line once for every character. */
  Line = 512,
}

/** `header` is that of every envelope, `common` has the fields of every event. */
export function createFallback(url: string, header: Bag, common: Bag): Fallback {
  let lost: Record<string, Loss> = {};
  let silentUntil = 0;
  let keepaliveBytes = 0;

  const lose: Fallback['lose_'] = (reason, category, quantity = 1) => {
    (lost[reason + category] ??= { reason, category, quantity: 0 }).quantity += quantity;
  };

  const handOver = (): Loss[] => {
    const losses = Object.values(lost);
    lost = {};
    return losses;
  };

  /** The server's status; 0 when there was no answer. */
  const deliver = async (id: unknown, lines: unknown[]): Promise<number> => {
    const discarded_events = handOver();
    if (discarded_events[0]) lines.push({ type: 'client_report' }, { timestamp: Date.now() / 1000, discarded_events });
    lines.unshift({ event_id: id, sent_at: new Date().toISOString(), ...header });
    // A string is sent as text/plain, which needs no preflight.
    const body = lines.map((line) => JSON.stringify(line)).join('\n');
    const size = new TextEncoder().encode(body).length;
    let asked = false;

    const post = async (keepalive: boolean): Promise<number> => {
      if (keepalive) keepaliveBytes += size;
      try {
        const answer = fetch(url, {
          method: 'POST',
          body,
          keepalive,
          credentials: 'omit',
          referrerPolicy: 'strict-origin',
          redirect: 'manual',
          signal: AbortSignal.timeout?.(Max.AnswerMs),
        });
        asked = true;
        const response = await answer;
        const { status, headers } = response;
        if (status === 429) {
          const limit = headers.get('retry-after') ?? headers.get('x-sentry-rate-limits') ?? '';
          silentUntil = Date.now() + (parseInt(limit) || Max.LimitS) * 1000;
        }
        // An unread body holds its share of the quota.
        await response.text().catch(() => {});
        return status;
      } finally {
        if (keepalive) keepaliveBytes -= size;
      }
    };

    try {
      return await post(keepaliveBytes + size <= Max.KeepaliveBytes);
    } catch {
      // A page that goes is told that its requests have failed while they go on.
      if (asked && fallback.going_) return 200;
      try {
        // A beacon that was taken is out of our hands: nobody tells what became of it.
        if (!asked && navigator.sendBeacon(url, body)) return 200;
        // The quota may have been used up by others.
        return await post(false);
      } catch {
        for (const { reason, category, quantity } of discarded_events) lose(reason, category, quantity);
        return 0;
      }
    }
  };

  const fallback: Fallback = {
    going_: false,
    lose_: lose,
    handOver_: handOver,
    report_() {
      if (Object.keys(lost)[0]) void deliver(undefined, []);
    },
    async send_(signal, why) {
      let reason = 'ratelimit_backoff';
      if (Date.now() >= silentUntil) {
        const event = payload(signal, why, common);
        const status = await deliver(event.event_id, [{ type: signal.kind_ }, event]);
        if (status > 199 && status < 300) return { status: 'sent' };
        // The server itself counts what it answers with 429.
        if (status === 429) return failed(reason);
        reason = status ? 'send_error' : 'network_error';
      }
      lose(reason, categoryOf(signal));
      return failed(reason);
    },
  };
  return fallback;
}

/** The event as the server reads it: what the core does otherwise, in its plainest form. */
function payload(signal: Signal, reason: Reason, common: Bag): Bag {
  const { id, ts, event, layers } = JSON.parse(signal.text_) as {
    id: string;
    ts: number;
    event: Layer & { exception?: { values: Exception[] } };
    layers: Layer[];
  };
  const values = event.exception?.values;
  const out: Record<string, any> = { level: values ? 'error' : 'info', ...common };
  for (const layer of [...layers, event] as Bag[]) {
    for (const key in layer) {
      const value = layer[key] as Bag | null;
      out[key] = value && /^(tags|extra|contexts|user)$/.test(key) ? { ...out[key], ...value } : value;
    }
  }
  // `null` hides what is below it, and does not show itself.
  for (const group of [out.tags, out.extra, out.contexts, out.user, out]) {
    for (const key in group) if (group[key] === null) delete group[key];
  }
  for (const value of values ?? []) {
    const frames = framesOf(value.stack ?? '');
    delete value.stack;
    if (frames[0]) value.stacktrace = { frames };
  }
  const crumbs = JSON.parse(signal.crumbs_) as unknown[];
  if (crumbs[0]) out.breadcrumbs = { values: crumbs };
  out.contexts = { ...out.contexts, sdk: { fallback: reason } };
  return { ...out, event_id: id, timestamp: ts / 1000 };
}

/** Frames of `    at name (file:line:column)` and of `name@file:line:column`, outermost first. */
function framesOf(stack: string): object[] {
  const frames: object[] = [];
  for (const line of stack.split('\n')) {
    const found = line.length <= Max.Line && /^(?: +at (?:(.*?) \()?|(.*?)@)(\S+?):(\d+):(\d+)\)?$/.exec(line);
    if (found && frames.length < Max.Frames) {
      const [, v8, gecko, filename, lineno, colno] = found;
      frames.unshift({ function: v8 || gecko || undefined, filename, lineno: +lineno!, colno: +colno!, in_app: true });
    }
  }
  return frames;
}
