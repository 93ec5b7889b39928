// The inbox over HTTP: the ingestion endpoint as SDKs know it, the API for tests, the live stream and the page.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { constants, brotliDecompress, gunzip, inflate } from 'node:zlib';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { AuthFault, authenticate } from './auth.js';
import { type Behaviour, Control, readBehaviour } from './behaviour.js';
import { type Envelope, readEnvelope } from './envelope.js';
import { readJson } from './json.js';
import { page, pageScript } from './page.js';
import { Problems } from './problems.js';
import { type KeptItem, type Query, type RequestRecord, Store } from './store.js';

export interface InboxOptions {
  host: string;
  port: number;
  /** The largest envelope after decompression, in bytes. */
  mostEnvelopeBytes: number;
  version: string;
  /** Lets pass what servers mend by themselves. */
  lenient: boolean;
  /** Called with each accepted envelope. */
  accepted?: (envelope: Envelope, raw: Buffer, project: string, receivedAt: string) => void;
  refused?: (errors: string[], project: string) => void;
}

export interface Inbox {
  url: string;
  dsn: string;
  port: number;
  close(): Promise<void>;
}

const LONGEST_WAIT = 60_000;
const HEARTBEAT = 15_000;
/** A reader of the stream that falls this far behind is cut off; it comes back and catches up. */
const MOST_BUFFERED = 16 * 1024 * 1024;
const CONTENT_TYPES = ['application/x-sentry-envelope', 'text/plain', 'multipart/form-data', 'application/x-www-form-urlencoded'];

/** As Relay answers preflights. */
const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'x-sentry-error, x-sentry-rate-limits, retry-after',
};
const PREFLIGHT = {
  ...CORS,
  'Access-Control-Allow-Methods': 'POST',
  'Access-Control-Allow-Headers':
    'x-sentry-auth, x-requested-with, x-forwarded-for, origin, referer, accept, content-type, authentication, authorization, content-encoding, transfer-encoding',
  'Access-Control-Max-Age': '3600',
};

export function startInbox(options: InboxOptions): Promise<Inbox> {
  const store = new Store();
  const control = new Control();
  const run = randomBytes(8).toString('hex');
  let dsn = '';

  const server: Server = createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      if (error instanceof BodyFault && !response.headersSent) return refuse(response, error.status, [error.message]);
      // Else it is a fault of the inbox itself; the sender is told, and the inbox goes on.
      if (!response.headersSent)
        json(response, 500, { detail: `The inbox failed: ${error instanceof Error ? error.message : String(error)}` });
      else response.destroy();
    });
  });

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // "//x" would be read as a host.
    const url = new URL((request.url ?? '/').replace(/^\/+/, '/'), 'http://inbox');
    const path = url.pathname;
    if (path === '/') return only(request, response, ['GET', 'HEAD']) ? page(request, response) : undefined;
    if (path.startsWith('/page/') && request.method === 'GET' && pageScript(path, response)) return;
    if (path === '/favicon.ico') return empty(response, 204);
    if (path.startsWith('/api/inbox/') && !/^\/api\/inbox\/envelope\/?$/.test(path)) return api(request, response, url);

    const record: RequestRecord = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      status: 0,
      at: new Date().toISOString(),
    };
    store.record(record);
    response.once('finish', () => (record.status = response.statusCode));
    // A DSN may hold a path before the project; it comes before /api/ here.
    const project = /\/api\/([^/]+)\/envelope\/?$/.exec(path)?.[1];
    if (project === undefined) return refuse(response, 404, ['Envelopes go to POST /api/PROJECT/envelope/.']);
    if (request.method === 'OPTIONS') return empty(response, 200, PREFLIGHT);
    if (request.method !== 'POST') return refuse(response, 405, ['Envelopes are sent with POST.'], { Allow: 'POST, OPTIONS' });
    return ingest(request, response, url, decodeURIComponentSafely(project));
  }

  async function ingest(request: IncomingMessage, response: ServerResponse, url: URL, project: string): Promise<void> {
    const behaviour = control.next();
    let body: Buffer | undefined;
    let verdict: { status: number; errors: string[] } | undefined;
    try {
      body = await readBody(request, options.mostEnvelopeBytes);
    } catch (error) {
      if (!(error instanceof BodyFault)) return; // the sender went away
      body = error.received;
      verdict = { status: error.status, errors: [error.message] };
    }
    if (behaviour.destroy) return void request.socket.destroy();
    if (behaviour.hang) return;
    if (behaviour.delayMs) await pause(behaviour.delayMs, response);
    if (response.destroyed) return;
    if (behaviour.status !== undefined && (behaviour.status < 200 || behaviour.status > 299))
      return told(response, behaviour, behaviour.status);

    const problems = new Problems('', options.lenient);
    let envelope: Envelope | undefined;
    if (!verdict) {
      envelope = readEnvelope(body, problems);
      const auth = authenticate(url.searchParams, request.headers, envelope.header.dsn, project);
      if (auth instanceof AuthFault) verdict = { status: auth.status, errors: [auth.sentence, ...problems.list()] };
      else if (problems.any) verdict = { status: problems.onlySizes ? 413 : 400, errors: problems.list() };
    }
    if (verdict || !envelope) {
      const { status, errors } = verdict ?? { status: 400, errors: [] };
      store.reject(body, project, status, errors);
      options.refused?.(errors, project);
      return refuse(response, status, errors, behaviour.headers);
    }

    const receivedAt = new Date().toISOString();
    store.add(envelope, body, project, receivedAt);
    options.accepted?.(envelope, body, project, receivedAt);
    const id = envelope.header.event_id;
    if (behaviour.status !== undefined && (behaviour.body !== undefined || behaviour.status !== 200))
      return told(response, behaviour, behaviour.status);
    json(response, 200, id === undefined ? {} : { id }, { ...CORS, ...behaviour.headers }, behaviour.body);
  }

  async function api(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const path = url.pathname.slice('/api/inbox/'.length);
    const raw = /^envelopes\/(\d+)\/raw$/.exec(path)?.[1];
    if (raw !== undefined) {
      if (!only(request, response, ['GET'])) return;
      const bytes = store.raw(Number(raw));
      if (!bytes) return json(response, 404, { detail: `There is no envelope ${raw}, or no more.` });
      // Never a type that a browser would render: the bytes are a stranger's.
      response.writeHead(200, {
        'Content-Type': 'text/plain; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
        'Content-Security-Policy': "default-src 'none'; sandbox",
      });
      return void response.end(bytes);
    }
    switch (path) {
      case 'items':
        if (!only(request, response, ['GET', 'DELETE'])) return;
        if (request.method === 'DELETE') {
          store.forget();
          return empty(response, 204);
        }
        return items(response, url.searchParams);
      case 'rejected':
        return only(request, response, ['GET']) ? json(response, 200, store.rejected()) : undefined;
      case 'requests':
        return only(request, response, ['GET']) ? json(response, 200, store.requests()) : undefined;
      case 'stream':
        return only(request, response, ['GET']) ? stream(request, response, url.searchParams) : undefined;
      case 'behaviour': {
        if (!only(request, response, ['GET', 'PUT'])) return;
        if (request.method === 'GET') return json(response, 200, control.get());
        const read = readJson(await readBody(request, 1024 * 1024));
        const behaviour = 'fault' in read ? `The body ${read.fault}` : readBehaviour(read.value);
        if (typeof behaviour === 'string') return json(response, 400, { detail: behaviour });
        control.set(behaviour);
        return json(response, 200, behaviour);
      }
      default:
        return json(response, 404, { detail: `There is no ${url.pathname} here.` });
    }
  }

  async function items(response: ServerResponse, parameters: URLSearchParams): Promise<void> {
    const query = readQuery(parameters);
    const wait = number(parameters.get('wait') ?? '0');
    if (typeof query === 'string' || wait === undefined)
      return json(response, 400, { detail: typeof query === 'string' ? query : 'wait must be a number of milliseconds.' });
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const found = await store.wait(query, Math.min(wait, LONGEST_WAIT), gone.signal);
    if (response.destroyed) return;
    const text = `{"items":[${found.map((item) => item.json()).join(',')}],"last":${store.last},"dropped":${store.dropped}}`;
    json(response, 200, undefined, undefined, text);
  }

  function stream(request: IncomingMessage, response: ServerResponse, parameters: URLSearchParams): void {
    const query = readQuery(parameters);
    if (typeof query === 'string') return json(response, 400, { detail: query });
    const resumed = number(String(request.headers['last-event-id'] ?? ''));
    if (resumed !== undefined) query.after = resumed;
    else if (!parameters.has('after')) query.after = store.last;

    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    const send = (event: string, data: string, id?: number): void => {
      if (response.writableLength > MOST_BUFFERED) return void response.destroy();
      // JSON holds raw line breaks only between tokens, where a space does as well.
      response.write(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data.replace(/[\r\n]+/g, ' ')}\n\n`);
    };
    const item = (one: KeptItem): void => send('item', one.json(), one.seq);

    send('hello', JSON.stringify({ run, dsn, version: options.version, last: store.last, dropped: store.dropped }));
    for (const rejected of store.rejected()) send('rejected', JSON.stringify(rejected));
    for (const one of store.items(query)) item(one);
    const leave = store.listen({
      item: (one) =>
        (query.type === undefined || one.type === query.type) &&
        (query.eventId === undefined || one.eventId === query.eventId) &&
        item(one),
      rejected: (one) => send('rejected', JSON.stringify(one)),
      forgotten: () => send('forgotten', '{}'),
    });
    const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT);
    response.once('close', () => {
      clearInterval(heartbeat);
      leave();
    });
  }

  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : options.port;
      const any = options.host === '0.0.0.0' || options.host === '::';
      const name = any ? '127.0.0.1' : options.host.includes(':') ? `[${options.host}]` : options.host;
      dsn = `http://public@${name}:${port}/1`;
      resolve({
        url: `http://${name}:${port}/`,
        dsn,
        port,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
}

class BodyFault extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly received: Buffer,
  ) {
    super(message);
  }
}

const DECODERS: Record<string, (body: Buffer, most: number) => Promise<Buffer>> = {
  gzip: (body, most) => promisify(gunzip)(body, { maxOutputLength: most }),
  deflate: (body, most) => promisify(inflate)(body, { maxOutputLength: most }),
  br: (body, most) => promisify(brotliDecompress)(body, { maxOutputLength: most, finishFlush: constants.BROTLI_OPERATION_FINISH }),
};

async function readBody(request: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read on without keeping: a sender that is still writing would not see the answer.
    if (size <= most) chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (size > most) throw new BodyFault(413, `The body has ${size} bytes; at most ${most} are allowed.`, body);
  if (request.method === 'POST') {
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    if (type !== '' && !CONTENT_TYPES.includes(type))
      throw new BodyFault(
        415,
        `The content type ${JSON.stringify(type.slice(0, 80))} is not one for envelopes: ${CONTENT_TYPES.join(', ')}.`,
        body,
      );
  }
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return body;
  const decode = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (!decode)
    throw new BodyFault(
      415,
      `The content encoding ${JSON.stringify(encoding.slice(0, 40))} is not understood: use gzip, deflate, br or none.`,
      body,
    );
  try {
    return await decode(body, most);
  } catch (error) {
    const tooLarge = error instanceof RangeError || (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw tooLarge
      ? new BodyFault(413, `The body has more than ${most} bytes after decompression; at most that many are allowed.`, body)
      : new BodyFault(400, `The body is not valid ${encoding}.`, body);
  }
}

/** Answers as it was told to, CORS included, so that senders in browsers can read it. */
function told(response: ServerResponse, behaviour: Behaviour, status: number): void {
  const bodyless = status === 204 || status === 205 || status === 304;
  const text = bodyless ? '' : (behaviour.body ?? JSON.stringify({ detail: `The inbox was told to answer ${status}.` }));
  response.writeHead(status, { ...(bodyless ? {} : { 'Content-Type': 'application/json' }), ...CORS, ...behaviour.headers });
  response.end(text);
}

function refuse(response: ServerResponse, status: number, errors: string[], headers: Record<string, string> = {}): void {
  const [detail = 'The envelope was refused.', ...causes] = errors;
  // Headers are Latin-1 and one line; the body has the whole text.
  const summary = errors
    .join(' ')
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 1000);
  json(response, status, { detail, causes }, { ...CORS, 'X-Sentry-Error': summary, ...headers });
}

function json(response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}, text?: string): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(text ?? JSON.stringify(value));
}

function empty(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers);
  response.end();
}

function only(request: IncomingMessage, response: ServerResponse, methods: string[]): boolean {
  if (methods.includes(request.method ?? '')) return true;
  json(response, 405, { detail: `Only ${methods.join(', ')} here.` }, { Allow: methods.join(', ') });
  return false;
}

function readQuery(parameters: URLSearchParams): Query | string {
  const after = number(parameters.get('after') ?? '0');
  if (after === undefined) return 'after must be a number.';
  const type = parameters.get('type') ?? undefined;
  const eventId = parameters.get('event_id') ?? undefined;
  return { after, type, eventId };
}

const number = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined);

/** Ends early when the sender goes away. */
function pause(ms: number, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    response.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
