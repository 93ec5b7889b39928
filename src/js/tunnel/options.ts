// What a tunnel is told: checked when it is made, so that a mistake is seen at once and by whoever made it.

import { parseDsn, type Dsn } from '../dsn.js';
import { isFunction, isObject } from '../values.js';
import { identity, type Allowed } from './header.js';
import type { Drop, TunnelQueue } from './queue.js';
import type { RateLimit } from './rate.js';

export type { RateLimit } from './rate.js';

export interface TunnelOptions<Env = any> {
  /** Where envelopes may go. A request has to name one of these: scheme, host, port, path, project and key. */
  dsns: string | readonly string[];
  /** The largest envelope, after decompression. Default 20 MiB. */
  maxBytes?: number;
  /** How long a client may take to send, and then the server to answer, in ms. Default 25000. */
  timeout?: number;
  /** What one address may ask for; or who says so, for Cloudflare's rate limiting binding. Default 300 requests in 60 s.
   * Addresses of IPv6 count by /64. Where no address is known nothing is limited. */
  rateLimit?: RateLimit | false | ((address: string, env: Env) => boolean | Promise<boolean>);
  /** The address of the client; called with what `fetch` is called with. Default: in Workers the header
   * `cf-connecting-ip`, which the platform writes there; elsewhere none, for anybody could write that. */
  clientAddress?: (request: Request, ...rest: any[]) => string | null | undefined;
  /** Whether the server is told the address of the client. Default false. */
  forwardAddress?: boolean;
  /** The origins whose pages may ask this tunnel; `true`: all. Default false: pages of its own origin need nothing. */
  cors?: boolean | string | readonly string[];
  /** Where envelopes wait for the consumer, so that an outage of the server loses none. Without it they are sent on at once. */
  queue?: TunnelQueue | ((env: Env) => TunnelQueue | undefined);
  /** How many seconds the consumer waits before it tries again, doubled with each try, 900 at most. Default 10. */
  retryDelay?: number;
  /** Told what the consumer could not deliver. Default: a line in the console. */
  onDrop?: (drop: Drop) => void;
}

export interface Settings {
  allowed: Allowed;
  maxBytes: number;
  timeout: number;
  rateLimit: NonNullable<TunnelOptions['rateLimit']>;
  clientAddress: TunnelOptions['clientAddress'];
  forwardAddress: boolean;
  cors: '*' | readonly string[];
  queue: TunnelOptions['queue'];
  retryDelay: number;
  onDrop: (drop: Drop) => void;
}

const isPositive = (value: unknown): boolean => typeof value === 'number' && value > 0 && value < Infinity;
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTexts = (value: unknown): boolean => isText(value) || (Array.isArray(value) && value[0] !== undefined && value.every(isText));
const isQueue = (value: unknown): boolean => isObject(value) && isFunction((value as TunnelQueue).send);
const isRate = (value: unknown): boolean => isObject(value) && isPositive((value as RateLimit).requests) && isPositive((value as RateLimit).seconds);

const RULES: Record<keyof TunnelOptions, [good: (value: unknown) => boolean, expected: string]> = {
  dsns: [isTexts, 'a DSN, or a list of at least one'],
  maxBytes: [isPositive, 'a positive number'],
  timeout: [isPositive, 'a positive number of milliseconds'],
  rateLimit: [(value) => value === false || isFunction(value) || isRate(value), '{ requests, seconds }, a function or false'],
  clientAddress: [isFunction, 'a function'],
  forwardAddress: [isBoolean, 'true or false'],
  cors: [(value) => isBoolean(value) || isTexts(value), 'true, false, an origin or a list of origins'],
  queue: [(value) => isFunction(value) || isQueue(value), 'a queue, or a function that gives one'],
  retryDelay: [isPositive, 'a positive number of seconds'],
  onDrop: [isFunction, 'a function'],
};

const list = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value);

/** Throws a TypeError that says what is wrong. */
export function readOptions<Env>(options: TunnelOptions<Env>): Settings {
  if (!isObject(options)) throw wrong('the options must be an object.');
  for (const name of Object.keys(options)) if (!Object.hasOwn(RULES, name)) throw wrong(`there is no option ${name}.`);
  for (const [name, [good, expected]] of Object.entries(RULES)) {
    const value = options[name as keyof TunnelOptions];
    if ((value !== undefined || name === 'dsns') && !good(value)) throw wrong(`${name} must be ${expected}.`);
  }
  const { maxBytes = 20 * 2 ** 20, timeout = 25_000, rateLimit = { requests: 300, seconds: 60 }, cors = false } = options;
  const { forwardAddress = false, retryDelay = 10, clientAddress, queue, onDrop = warn } = options;
  const allowed = new Map(list(options.dsns).map(readDsn).map((dsn) => [identity(dsn), dsn]));
  const origins = cors === true || cors === '*' ? '*' : cors ? list(cors) : [];
  return { allowed, maxBytes, timeout, rateLimit, clientAddress, forwardAddress, cors: origins, queue, retryDelay, onDrop };
}

function readDsn(text: string, at: number): Dsn {
  const dsn = parseDsn(text);
  if (typeof dsn === 'string') throw wrong(`the ${dsn} of DSN ${at + 1} is wrong.`);
  return dsn;
}

const wrong = (what: string): TypeError => new TypeError(`tailcone/tunnel: ${what}`);

function warn({ reason, status, header }: Drop): void {
  console.warn(`tailcone/tunnel: an envelope could not be delivered (${status ?? reason}): ${header.slice(0, 200)}`);
}
