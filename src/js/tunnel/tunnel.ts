// The tunnel: a handler of one's own site that takes envelopes and forwards them to the servers of known DSNs, so that
// pages need ask nobody else. It shares nothing with the recorder and needs no module.

import { runtime } from '../runtime.js';
import { isFunction } from '../values.js';
import { readEnvelope } from './body.js';
import { destination } from './header.js';
import { readOptions, type Settings, type TunnelOptions } from './options.js';
import { createConsumer, put, type TunnelBatch } from './queue.js';
import { createRate } from './rate.js';
import { Refusal } from './refusal.js';
import { ask, forwarded, LIMITS, type Reply } from './upstream.js';

/** What Cloudflare hands to a handler beside the request. */
export interface TunnelContext {
  waitUntil(promise: Promise<unknown>): void;
}

/** A module worker; `fetch` alone is what other servers call with a request. */
export interface Tunnel<Env = any> {
  fetch(request: Request, env?: Env, context?: any): Promise<Response>;
  queue(batch: TunnelBatch, env?: Env, context?: any): Promise<void>;
}

type Args = [request: Request, env: any, ...rest: any[]];
type Admit = (address: string, env: unknown) => Promise<void>;

/** Throws a TypeError when an option is wrong. */
export function createTunnel<Env = any>(options: TunnelOptions<Env>): Tunnel<Env> {
  const settings = readOptions(options);
  const admit = createAdmission(settings);
  return {
    fetch(...args) {
      const [request, , context] = args;
      const answer = handle(settings, admit, args as unknown as Args).catch(refused).then((reply) => respond(settings, request, reply));
      // A page that goes takes its request with it, but not what it has sent.
      if (isFunction(context?.waitUntil)) context.waitUntil(answer);
      return answer;
    },
    queue: createConsumer(settings),
  };
}

/** What the server answers, or who puts envelopes into the queue. */
async function handle(settings: Settings, admit: Admit, args: Args): Promise<Reply> {
  const [request, env] = args;
  const { allowed, maxBytes, timeout, forwardAddress } = settings;
  if (request.method === 'OPTIONS' && settings.cors.length) return { status: 204, headers: preflight, text: '' };
  if (request.method !== 'POST')
    throw new Refusal(405, 'Envelopes are sent with POST.', { allow: settings.cors.length ? 'POST, OPTIONS' : 'POST' });
  const address = (settings.clientAddress ?? addressOf)(...args) || undefined;
  if (address) await admit(address, env);
  const envelope = await readEnvelope(request, maxBytes, timeout);
  const dsn = destination(envelope.header, allowed);
  const headers = forwarded(request, forwardAddress ? address : undefined);
  if (envelope.whole && (await put(settings.queue, env, envelope.whole, headers))) return { status: 200, headers: {}, text: '{}' };
  return ask(dsn, envelope, headers, timeout);
}

const addressOf = ({ headers }: Request): string | null => (runtime.name === 'cloudflare' ? headers.get('cf-connecting-ip') : null);

function createAdmission({ rateLimit }: Settings): Admit {
  if (!rateLimit) return async () => {};
  const rate = typeof rateLimit === 'function' ? asked(rateLimit) : createRate(rateLimit);
  return async (address, env) => {
    const wait = await rate(address, env);
    if (wait) throw new Refusal(429, 'There are too many requests from this address.', { 'retry-after': `${wait}` });
  };
}

/** A limiter that fails limits nobody: what is reported is worth more. */
function asked(limiter: (address: string, env: unknown) => unknown): (address: string, env: unknown) => Promise<number> {
  return async (address, env) => {
    try {
      return (await limiter(address, env)) ? 0 : 60;
    } catch (error) {
      console.error('tailcone/tunnel: rateLimit failed:', error);
      return 0;
    }
  };
}

const preflight = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'content-type, content-encoding, x-sentry-auth',
  'access-control-max-age': '3600',
};

function refused(error: unknown): Reply {
  if (!(error instanceof Refusal)) {
    console.error('tailcone/tunnel:', error);
    error = new Refusal(500, 'The tunnel has failed.');
  }
  const { status, message, headers } = error as Refusal;
  return { status, headers, text: JSON.stringify({ detail: message }) };
}

function respond({ cors }: Settings, request: Request, { status, headers, text }: Reply): Response {
  const bare = status === 204 || status === 205;
  return new Response(bare ? null : text, {
    status,
    headers: {
      ...(bare ? {} : { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' }),
      'cache-control': 'no-store',
      ...(cors.length ? allowance(cors, request.headers.get('origin')) : {}),
      ...headers,
    },
  });
}

function allowance(cors: '*' | readonly string[], origin: string | null): Record<string, string> {
  const exposed = { 'access-control-expose-headers': LIMITS.join(', ') };
  if (cors === '*') return { 'access-control-allow-origin': '*', ...exposed };
  const vary = { vary: 'origin' };
  return origin !== null && cors.includes(origin) ? { 'access-control-allow-origin': origin, ...exposed, ...vary } : vary;
}
