// The durable path: envelopes wait in a queue of the platform's, and its consumer delivers them, again and again until
// the server has answered.

import { clock } from '../clock.js';
import { attempt } from '../instrument/patch.js';
import { createLimits, type Limits } from '../limits.js';
import { isObject } from '../values.js';
import { firstLine, join } from './body.js';
import { destination, type Allowed } from './header.js';
import { Refusal } from './refusal.js';
import { ask, type Reply } from './upstream.js';

/** The producer of a queue, as Cloudflare binds it. */
export interface TunnelQueue {
  send(body: unknown, options?: { contentType?: 'v8' }): Promise<unknown>;
}

export interface TunnelMessage {
  readonly body: unknown;
  /** How many times it was tried, this time included. */
  readonly attempts: number;
  ack(): void;
  retry(options?: { delaySeconds?: number }): void;
}

export interface TunnelBatch {
  readonly messages: readonly TunnelMessage[];
}

/** An envelope that was taken out of the queue and is not delivered. */
export interface Drop {
  /** The server has refused it; its DSN is not allowed (any more); it is none of this tunnel's. */
  reason: 'refused' | 'not_allowed' | 'malformed';
  /** What the server answered. */
  status?: number;
  /** Its first line, which tells its event and its DSN. */
  header: string;
}

export interface Consumer {
  allowed: Allowed;
  timeout: number;
  maxBytes: number;
  /** Seconds before the second try. */
  retryDelay: number;
  onDrop: (drop: Drop) => void;
}

interface Letter {
  envelope: Uint8Array<ArrayBuffer>;
  gzip: boolean;
  headers: Record<string, string>;
}

const enum Max {
  /** A message may have 128,000 bytes, and it has headers. */
  Message = 120_000,
  DelayS = 900,
  /** What the platform takes. */
  LimitS = 43_200,
  /** As many connections as a Worker may have. */
  AtOnce = 6,
}

/** Puts an envelope into the queue. False: there is none, it takes nothing, or the envelope is too large for it. */
export async function put(
  queue: TunnelQueue | ((env: any) => TunnelQueue | undefined) | undefined,
  env: unknown,
  whole: Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
): Promise<boolean> {
  try {
    const to = typeof queue === 'function' ? queue(env) : queue;
    const letter = to && (await packed(whole, headers));
    if (letter) await to.send(letter, { contentType: 'v8' });
    return Boolean(letter);
  } catch (error) {
    console.warn('tailcone/tunnel: the queue takes nothing, and the envelope goes on at once:', error);
    return false;
  }
}

async function packed(whole: Uint8Array<ArrayBuffer>, headers: Record<string, string>): Promise<Letter | undefined> {
  if (whole.length <= Max.Message) return { envelope: whole, gzip: false, headers };
  const envelope = await through(new CompressionStream('gzip'), whole, Max.Message);
  return envelope && { envelope, gzip: true, headers };
}

/** What comes out of a stream, if that is not more than so much. */
async function through(stream: GenericTransformStream, bytes: Uint8Array<ArrayBuffer>, most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const reader = (new Blob([bytes]).stream().pipeThrough(stream) as ReadableStream<Uint8Array>).getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let part; (part = (await reader.read()).value); size += part.length) {
    if (size + part.length > most) {
      void reader.cancel().catch(() => {});
      return undefined;
    }
    parts.push(part);
  }
  return join(parts, size);
}

/** Makes what consumes batches. No message keeps another from being delivered. */
export function createConsumer(consumer: Consumer): (batch: TunnelBatch) => Promise<void> {
  const limits = new Map<string, Limits>();
  const limitsOf = (url: string): Limits => {
    if (!limits.has(url)) limits.set(url, createLimits());
    return limits.get(url)!;
  };
  return async ({ messages }) => {
    const waiting = messages.values();
    const work = async (): Promise<void> => {
      for (const message of waiting) await deliver(message, consumer, limitsOf).catch(() => later(message, consumer));
    };
    await Promise.all(Array.from({ length: Max.AtOnce }, work));
  };
}

async function deliver(message: TunnelMessage, consumer: Consumer, limitsOf: (url: string) => Limits): Promise<void> {
  const { allowed, timeout } = consumer;
  const drop = (reason: Drop['reason'], header: Uint8Array, status?: number): void => {
    message.ack();
    attempt(() => consumer.onDrop({ reason, header: new TextDecoder().decode(header), ...(status && { status }) }));
  };
  const letter = letterOf(message.body);
  const whole = letter && (await unpacked(letter, consumer.maxBytes));
  if (!whole) return drop('malformed', new Uint8Array());
  const header = firstLine(whole);
  let dsn;
  try {
    dsn = destination(header, allowed);
  } catch (error) {
    return drop((error as Refusal).status === 403 ? 'not_allowed' : 'malformed', header);
  }
  const { learn_: learn, limited_: limited } = limitsOf(dsn.envelopeUrl);
  const category = categoryOf(whole, header.length);
  if (limited(category)) return later(message, consumer, limited(category));
  const { status, headers }: Reply = await ask(dsn, { header, whole }, letter.headers, timeout);
  learn([status, headers['x-sentry-rate-limits'] ?? '', headers['retry-after'] ?? '']);
  if (status < 300) message.ack();
  // Of those who refuse, these two do not mean the envelope.
  else if (status >= 500 || status === 429 || status === 408) later(message, consumer, limited(category));
  else drop('refused', header, status);
}

/** Asks for a message to come again: when a limit ends, or after a pause that grows. */
function later(message: TunnelMessage, { retryDelay }: Consumer, until = 0): void {
  const pause = Math.min(retryDelay * 2 ** (message.attempts - 1), Max.DelayS);
  const limit = Math.min((until - clock()) / 1000, Max.LimitS);
  message.retry({ delaySeconds: Math.ceil(Math.max(pause, limit)) });
}

/** What was put into the queue by `put`. Anything else may have been put there, too. */
function letterOf(body: unknown): Letter | undefined {
  const { envelope, headers, gzip } = (isObject(body) ? body : {}) as Partial<Letter>;
  if (!(envelope instanceof Uint8Array) || !isObject(headers)) return undefined;
  return { envelope: envelope as Letter['envelope'], gzip: gzip === true, headers };
}

const unpacked = ({ gzip, envelope }: Letter, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> =>
  gzip ? through(new DecompressionStream('gzip'), envelope, maxBytes).catch(() => undefined) : Promise.resolve(envelope);

/** Those whose items have another name. */
const CATEGORIES: Record<string, string> = {
  event: 'error',
  sessions: 'session',
  log: 'log_item',
  check_in: 'monitor',
  user_report: 'feedback',
  client_report: 'internal',
};

/** What limits an envelope: the category of its first item, which the others go with. */
function categoryOf(whole: Uint8Array, headerEnd: number): string {
  try {
    const { type } = JSON.parse(new TextDecoder().decode(firstLine(whole.subarray(headerEnd + 1)))) as { type: string };
    return CATEGORIES[type] ?? type;
  } catch {
    return '';
  }
}
