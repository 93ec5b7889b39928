// What the module imports: plain functions that outlive its instance, so that a dead instance is never called.

import type { Owner } from './link.js';

/** Calls back into the module; each goes through the guard of core.ts. */
export interface Calls {
  replied(client: number, id: number, status: number, limits: string, retryAfter: string, now: number): void;
  tick(client: number, now: number): void;
}

/** A server that does not answer within this time does not answer. */
const PATIENCE_MS = 30_000;

const owners = new Map<number, Owner>();
const timers = new Map<number, ReturnType<typeof setTimeout>>();
let calls: Calls;
let panic = '';
let going = false;

export function attach(to: Calls): void {
  calls = to;
}

export function adopt(client: number, owner: Owner): void {
  owners.set(client, owner);
}

export function forget(client: number): void {
  owners.delete(client);
  clearTimeout(timers.get(client));
  timers.delete(client);
}

/** The page is being left, or is back. */
export function leave(now: boolean): void {
  going = now;
}

/** The module has trapped. */
export function bury(): void {
  for (const owner of owners.values()) owner.dead(panic);
}

export function watch(client: number, id: number, promise: Promise<Response>): void {
  const owner = owners.get(client);
  let done = false;
  const reply = (status: number, limits: string, retryAfter: string): void => {
    clearTimeout(timer);
    // A handle that was given back may belong to another client by now.
    if (done || owners.get(client) !== owner) return;
    done = true;
    calls.replied(client, id, status, limits, retryAfter, Date.now());
  };
  const none = (): void => reply(0, '', '');
  const timer = setTimeout(none, PATIENCE_MS);
  // A page may have put anything in the place of fetch, so what it gives may be anything.
  Promise.resolve(promise)
    .then(async (response) => {
      const header = (name: string): string => response.headers.get(name) ?? '';
      const answer = [response.status | 0, header('x-sentry-rate-limits'), header('retry-after')] as const;
      // An unread body holds its share of the keepalive quota.
      await response.arrayBuffer().catch(() => {});
      reply(...answer);
    })
    // A page that goes is told that its requests have failed while they go on.
    .catch(() => going || none());
}

export function wake(client: number, delay: number): void {
  clearTimeout(timers.get(client));
  timers.set(
    client,
    setTimeout(() => calls.tick(client, Date.now()), delay),
  );
}

export function settled(client: number, ticket: number, sent: boolean, reason: string): void {
  owners.get(client)?.settled(ticket, sent, reason);
}

export function flushed(client: number, ticket: number, ok: boolean): void {
  owners.get(client)?.flushed(ticket, ok);
}

/** The trap follows at once. */
export function panicked(message: string, file: string, line: number): void {
  panic = `at ${file}:${line}: ${message}`;
  try {
    console.error('tailcone: the wasm module panicked ' + panic, new Error().stack);
  } catch {
    // The page's own console, or none.
  }
}
