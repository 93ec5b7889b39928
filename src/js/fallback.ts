// Sends without the wasm module: where the page forbids it, where it is late or broken, and when the page goes first.

import { clock } from './clock.js';
import type { Exception } from './error.js';
import { framesOf } from './frames.js';
import { createLimits, type Limits } from './limits.js';
import type { Layer } from './scope.js';
import { isDelivered, page, stored, type Answer, type Post } from './send.js';
import { categoryOf, type Signal } from './signal.js';
import type { Bag } from './values.js';

/** Why the module did not do it; stands in the event's `contexts.sdk.fallback`. */
export type Reason = 'wasm_unavailable' | 'wasm_timeout' | 'wasm_trap' | 'page_hidden' | 'process_exit';

interface Loss {
  reason: string;
  category: string;
  quantity: number;
}

export interface Fallback extends Limits {
  /** The event as the server reads it: what the core does otherwise, in its plainest form. */
  payload_(signal: Signal, reason: Reason): Bag;
  /** Resolves when it is settled. */
  send_(signal: Signal, reason: Reason): Promise<void>;
  /** Counts what is lost, to be reported with the next envelope. */
  lose_(reason: string, category: string, quantity?: number): void;
  /** Gives away the losses that are not reported yet. */
  handOver_(): Loss[];
  /** Reports losses by themselves, where no event may follow to carry them. */
  report_(): Promise<unknown>;
}

const enum Max {
  /** Browsers refuse keepalive requests with more than 64 KiB under way; others on the page may have a part of that. */
  KeepaliveBytes = 61_440,
}

/** `header` is that of every envelope. */
export function createFallback(post: Post, header: Bag): Fallback {
  let lost: Record<string, Loss> = {};
  const limits = createLimits();
  const { limited_: limited } = limits;
  let keepaliveBytes = 0;

  const lose: Fallback['lose_'] = (reason, category, quantity = 1) => {
    if (quantity) (lost[reason + category] ??= { reason, category, quantity: 0 }).quantity += quantity;
  };

  const handOver = (): Loss[] => {
    const losses = Object.values(lost);
    lost = {};
    return losses;
  };

  /** What was wrong, if anything was. */
  const deliver = async (id: unknown, lines: unknown[], files: Blob[] = []): Promise<string> => {
    const discarded_events = handOver();
    if (discarded_events[0]) lines.push({ type: 'client_report' }, { timestamp: clock() / 1000, discarded_events });
    lines.unshift({ event_id: id, ...header });
    const text = lines.map((line) => JSON.stringify(line) + '\n').join('');
    const { size } = new Blob([text, ...files]);
    const keepalive = keepaliveBytes + size <= Max.KeepaliveBytes;
    let answer: Answer = [0, '', ''];
    if (keepalive) {
      keepaliveBytes += size;
      answer = await post(text, files, true, page.going_);
      keepaliveBytes -= size;
    }
    // The quota may have been used up by others.
    if (!answer[0]) answer = await post(text, files, false, page.going_);
    const [status] = answer;
    limits.learn_(answer);
    if (isDelivered(answer)) return stored(answer);
    for (const { reason, category, quantity } of discarded_events) lose(reason, category, quantity);
    return status === 429 ? 'ratelimit_backoff' : status > 2 ? 'send_error' : 'network_error';
  };

  const payload: Fallback['payload_'] = (signal, reason) => {
    const { event, layers } = JSON.parse(signal.text_) as {
      event: Layer & { exception?: { values: Exception[] } };
      layers: Layer[];
    };
    const values = event.exception?.values;
    const out: Record<string, any> = {};
    for (const layer of [...layers, event] as Bag[]) {
      for (const [key, value] of Object.entries(layer) as [string, Bag | null][]) {
        out[key] = value && /^(tags|extra|contexts|user)$/.test(key) ? { ...out[key], ...value } : value;
      }
    }
    // `null` hides what is below it, and does not show itself.
    for (const group of [out.tags, out.extra, out.contexts, out.user, out]) {
      for (const key of Object.keys(group ?? {})) if (group[key] === null) delete group[key];
    }
    for (const value of values ?? []) {
      const frames = framesOf(value.stack ?? '');
      delete value.stack;
      if (frames[0]) value.stacktrace = { frames };
    }
    if (signal.crumbs_ > '[]') out.breadcrumbs = { values: JSON.parse(signal.crumbs_) };
    out.contexts = { ...out.contexts, sdk: { fallback: reason } };
    return out;
  };

  return {
    ...limits,
    payload_: payload,
    lose_: lose,
    handOver_: handOver,
    report_: async () => Object.keys(lost)[0] && deliver(undefined, []),
    async send_(signal, why) {
      let reason = 'ratelimit_backoff';
      let counted = false;
      const category = categoryOf(signal);
      if (!limited(category)) {
        const event = payload(signal, why);
        let { files_: files } = signal;
        // Attachments may be limited where their event is not, and what outlives the page is small.
        const silent = limited('attachment');
        if (silent || (page.going_ && signal.text_.length + signal.attached_ > Max.KeepaliveBytes)) {
          lose(silent ? reason : 'invalid', 'attachment', signal.attached_);
          signal.attached_ = 0;
          files = [];
        }
        reason = await deliver(event.event_id, [{ type: signal.kind_ }, event], files);
        // The server itself counts what it answers with 429.
        counted = !/error/.test(reason);
      }
      if (!counted) {
        lose(reason, category);
        lose(reason, 'attachment', signal.attached_);
      }
      signal.done_(reason, limited(category));
    },
  };
}
