// What an event says of the request in which it was captured: nothing unless it is asked for, and no secrets.

import { attempt } from '../instrument/index.js';
import { scrubBag, scrubText, scrubUrl } from '../scrub.js';
import type { ErrorEvent } from '../types.js';
import { copyBag, cut, get, isObject, toText, type Bag } from '../values.js';

/** Which of a request's headers, cookies or parameters are sent, by name; `true`: all. */
export type Allowed = boolean | string[] | RegExp;

export interface RequestOptions extends Scrubbers {
  /** Send the request's method, URL, query and headers, without secrets. Default false. */
  sendRequest?: boolean;
  /** Send the first 8 kB of the request's body, if it is text, without secrets: as much of it as came before the handler
   * ended, which reads it as it would otherwise; on Node's `http` only what a parser has put into `request.body`. Default
   * false. */
  sendBody?: boolean;
  /** Default: all, of which secrets are masked. Cookies are none of them. */
  allowedHeaders?: Allowed;
  /** Default: none. */
  allowedCookies?: Allowed;
  /** Default: all, of which secrets are masked. */
  allowedSearchParams?: Allowed;
  /** Whether the address of the client is sent, or which are, as texts or by a pattern. Default: none. */
  allowedIps?: Allowed;
  /** What Cloudflare knows of the request (`request.cf`: `country`, `asn`, `tlsVersion`, …), for the context `cloudflare`.
   * Default: none. */
  allowedCf?: Allowed;
  /** The header with the request's id, for the tag `request_id`. Default `cf-ray`, or else `x-request-id`. */
  requestIdHeader?: string;
  /** The address of the client. Default: the header `cf-connecting-ip`, or else the first of `x-forwarded-for`, or
   * else what Express or a server of Node's knows. */
  remoteAddressReader?: (request: Request) => string | null | undefined;
}

/** Looks last at what is to be sent of a request, after secrets were masked; what it gives back is sent in its place. What
 * it gives nothing back for, or fails at, is left out. */
export interface Scrubbers {
  /** The address, without the query. */
  urlScrubber?: (url: string) => string | undefined;
  headerScrubber?: (headers: Record<string, unknown>) => Record<string, unknown> | undefined;
  cookieScrubber?: (cookies: Record<string, unknown>) => Record<string, unknown> | undefined;
  /** What `sendBody` sends. */
  bodyScrubber?: (body: string) => unknown;
}

const enum Max {
  Url = 8192,
  Value = 2048,
  Body = 8192,
}

const fits = (allowed: Allowed, text: string): boolean =>
  typeof allowed === 'boolean'
    ? allowed
    : Array.isArray(allowed)
      ? allowed.some((name) => name.toLowerCase() === text.toLowerCase())
      : text.search(allowed) >= 0;

/** Those of the pairs whose names are allowed; secrets are masked. */
function kept(pairs: Iterable<[string, string]>, allowed: Allowed, pii?: boolean): Bag | undefined {
  const bag: Bag = {};
  for (const [name, value] of pairs) if (fits(allowed, name)) bag[name] = cut(value, Max.Value);
  return Object.keys(bag)[0] === undefined ? undefined : scrubBag(bag, pii);
}

const listed = (bag: Bag | undefined): [string, unknown][] | undefined => bag && Object.entries(bag);

/** What a scrubber of the application's leaves of a part. */
export const scrubbed = <T, R>(part: T | undefined, scrubber: ((part: T) => R) | undefined): T | R | undefined =>
  part === undefined || !scrubber ? part : attempt(() => scrubber(part));

function cookiesOf(header: string): [string, string][] {
  return header.split(/; */).map((pair) => {
    const at = pair.indexOf('=');
    return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  });
}

/** What the options allow of a request. */
export function describeRequest(request: Request, options: RequestOptions, pii?: boolean): ErrorEvent['request'] {
  if (!options.sendRequest) return undefined;
  const { allowedHeaders = true, allowedCookies = false, allowedSearchParams = true } = options;
  const { urlScrubber, headerScrubber, cookieScrubber } = options;
  const [address = '', query] = request.url.split('?');
  const headers: [string, string][] = [];
  // Written as servers write them.
  for (const [name, value] of request.headers)
    if (!/^(set-)?cookie$/i.test(name)) headers.push([name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()), value]);
  return {
    method: request.method,
    url: scrubbed(scrubUrl(cut(address.split('#')[0]!, Max.Url)), urlScrubber),
    query_string: query && listed(kept(new URLSearchParams(query), allowedSearchParams)),
    headers: scrubbed(kept(headers, allowedHeaders, pii), headerScrubber),
    cookies: listed(scrubbed(kept(cookiesOf(request.headers.get('cookie') ?? ''), allowedCookies), cookieScrubber)),
  } as ErrorEvent['request'];
}

/** What Cloudflare knows of the request, as far as it is allowed. */
export function cfOf(request: Request, { allowedCf = false }: RequestOptions): Bag | undefined {
  const cf = get(request, 'cf');
  const told = isObject(cf) ? Object.entries(cf).filter(([name, value]) => !isObject(value) && fits(allowedCf, name)) : [];
  return told[0] && Object.fromEntries(told);
}

/** The address of the client, if it may be sent. */
export function addressOf(request: Request, { allowedIps = false, remoteAddressReader }: RequestOptions): string | undefined {
  const { headers } = request;
  const address = remoteAddressReader
    ? remoteAddressReader(request)
    : (headers.get('cf-connecting-ip') ?? headers.get('x-forwarded-for')?.split(',')[0]?.trim() ?? (request as { ip?: string }).ip);
  return address && fits(allowedIps, address) ? address : undefined;
}

export const requestIdOf = (request: Request, { requestIdHeader: name }: RequestOptions): string | null =>
  name ? request.headers.get(name) : (request.headers.get('cf-ray') ?? request.headers.get('x-request-id'));

const isText = (request: Request): boolean => /text|json|xml|urlencoded/.test(request.headers.get('content-type') ?? 'text');
const masked = (text: string): string => cut(scrubText(text.slice(0, Max.Body)), Max.Body);

/** As servers keep a body: one that is whole JSON as its value. */
export function dataOf(body: unknown): unknown {
  try {
    return typeof body === 'string' && /^\s*[[{]/.test(body) ? (JSON.parse(body) as unknown) : body;
  } catch {
    return body;
  }
}

/** The beginning of a body that a parser has read already. */
export function parsedBody(body: unknown, request: Request): string | undefined {
  if (body == null || !isText(request)) return undefined;
  if (typeof body === 'string') return masked(body);
  if (ArrayBuffer.isView(body)) return masked(new TextDecoder().decode(new Uint8Array(body.buffer, body.byteOffset, Math.min(body.byteLength, Max.Body))));
  // What has no fields is a parser's word for none.
  const copied = copyBag(body, Max.Body);
  return copied && Object.keys(copied)[0] !== undefined ? masked(toText(copied)) : undefined;
}

/** Reads the beginning of a body, beside whoever else reads it. Text of another kind than text is none. */
export async function readBody(request: Request): Promise<string | undefined> {
  if (!request.body || request.bodyUsed || !isText(request)) return undefined;
  const reader = request.clone().body!.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    while (text.length < Max.Body) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value as Uint8Array, { stream: true });
    }
    // What is not read waits in memory for this reader.
    void reader.cancel().catch(() => {});
  } catch {
    // The client has gone.
  }
  return masked(text);
}
