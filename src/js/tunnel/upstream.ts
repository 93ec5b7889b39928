// The server behind the tunnel: how it is asked, and what of its answer goes on.

import type { Dsn } from '../dsn.js';
import type { Envelope } from './body.js';
import { Refusal } from './refusal.js';

export interface Reply {
  status: number;
  /** Those that a client has to know. */
  headers: Record<string, string>;
  text: string;
}

const enum Max {
  UserAgent = 512,
  Reply = 8192,
}

/** What clients obey, and what browsers show them of an answer from elsewhere. */
export const LIMITS = ['retry-after', 'x-sentry-rate-limits'];

/** What of a request goes on: who asks, by which servers tell browsers apart and allow origins. No cookies, nothing else. */
export function forwarded({ headers }: Request, address?: string): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name of ['user-agent', 'origin']) {
    const value = headers.get(name)?.slice(0, Max.UserAgent);
    if (value) out[name] = value;
  }
  // The second is for Relay, which may be behind a proxy that writes the first anew.
  if (address) out['x-forwarded-for'] = out['x-sentry-forwarded-for'] = address;
  return out;
}

/** Sends an envelope. What is no answer of an envelope endpoint is a Refusal. */
export async function ask(dsn: Dsn, envelope: Envelope, headers: Record<string, string>, timeout: number): Promise<Reply> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeout);
  // In Workers a stream that breaks looks to the server as if it were at its end.
  envelope.broken = () => stop.abort();
  try {
    const response = await fetch(dsn.envelopeUrl, {
      method: 'POST',
      redirect: 'manual',
      signal: stop.signal,
      ...bodyOf(envelope, {
        ...headers,
        'content-type': 'application/x-sentry-envelope',
        'x-sentry-auth': `Sentry sentry_version=7, sentry_key=${dsn.publicKey}, sentry_client=tailcone.tunnel/${__TAILCONE_VERSION__}`,
      }),
    });
    return await read(response);
  } catch (error) {
    await envelope.failed;
    if (error instanceof Refusal) throw error;
    throw stop.signal.aborted ? new Refusal(504, 'The server did not answer in time.') : new Refusal(502, 'The server cannot be reached.');
  } finally {
    clearTimeout(timer);
  }
}

declare const FixedLengthStream: (new (length: number) => TransformStream<Uint8Array, Uint8Array>) | undefined;

/** A stream goes with its length, if that is known: not every server takes what has none. */
function bodyOf({ whole, stream, length }: Envelope, headers: Record<string, string>): RequestInit & { duplex?: 'half' } {
  if (whole) return { body: whole, headers };
  if (length === undefined) return { body: stream!, headers, duplex: 'half' };
  if (typeof FixedLengthStream === 'function') return { body: stream!.pipeThrough(new FixedLengthStream(length)), headers };
  return { body: stream!, headers: { ...headers, 'content-length': `${length}` }, duplex: 'half' };
}

async function read(response: Response): Promise<Reply> {
  const { status } = response;
  if (status < 200 || (status > 299 && status < 400) || status > 599) {
    void response.body?.cancel().catch(() => {});
    throw new Refusal(502, 'The server wants to be asked elsewhere, and is not.');
  }
  const headers: Record<string, string> = {};
  for (const name of LIMITS) {
    const value = response.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  const text = await beginning(response);
  // A page that some proxy has made of an error is for nobody.
  return { status, headers, text: /json/.test(response.headers.get('content-type') ?? '') ? text : '{}' };
}

/** The body, if it comes whole and is not large; it is read or let go, for an unread one keeps its connection. Whatever
 * becomes of it, the server has answered. */
async function beginning({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    const reader = body?.getReader();
    for (let part; (part = (await reader?.read())?.value); ) {
      text += decoder.decode(part as Uint8Array, { stream: true });
      if (text.length <= Max.Reply) continue;
      void reader!.cancel().catch(() => {});
      return '{}';
    }
    return text;
  } catch {
    return '{}';
  }
}
