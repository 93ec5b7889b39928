// Servers on Node's `http`, and middleware for Express and for what has its shape.

import type { EventId } from '../types.js';
import { get } from '../values.js';
import { parsedBody } from './request.js';
import { captureIn, invocationOf, invoke, type EdgeOptions } from './wrap.js';

/** What of a request of Node's is used, or of Express's. */
export interface Incoming {
  method?: string | undefined;
  url?: string | undefined;
  headers: Record<string, string | string[] | undefined>;
}

const text = (value: unknown): string | null => (Array.isArray(value) ? value.join(', ') : typeof value === 'string' ? value : null);

/** As much of a fetch request as is looked at; nothing of it is read before. */
function asRequest(incoming: Incoming): Request {
  const { headers } = incoming;
  const own = (key: string): string | undefined => text(get(incoming, key)) ?? undefined;
  return {
    get method() {
      return incoming.method;
    },
    get url() {
      // Express takes the address apart where it is mounted, and knows what a proxy has said of the protocol.
      const protocol = own('protocol') ?? (get(get(incoming, 'socket'), 'encrypted') ? 'https' : 'http');
      return `${protocol}://${text(headers.host ?? headers[':authority']) ?? ''}${own('originalUrl') ?? incoming.url}`;
    },
    get ip() {
      return own('ip') ?? get(get(incoming, 'socket'), 'remoteAddress');
    },
    headers: {
      get: (name: string) => text(headers[name.toLowerCase()]),
      *[Symbol.iterator]() {
        // Those of HTTP/2 that begin with a colon are none.
        for (const name of Object.keys(headers)) if (name[0] !== ':') yield [name, text(headers[name]) ?? ''];
      },
    },
  } as unknown as Request;
}

const bodyOf = (incoming: Incoming) => () => parsedBody(get(incoming, 'body'), asRequest(incoming));

/** Wraps what `createServer` calls with each request. What it throws is reported and thrown on, when the report has left
 * or `timeout` is over: Node answers nothing then, and ends if nobody listens for that. */
export function wrapListener<Listener extends (request: any, response: any) => unknown>(
  options: EdgeOptions | undefined,
  listener: Listener,
): Listener {
  const mechanism = 'auto.http.node';
  const wrapped = function (this: unknown, incoming: Incoming, outgoing: object): Promise<void> {
    return invoke({
      options,
      env: undefined,
      keys: [incoming, outgoing],
      request: asRequest(incoming),
      body: bodyOf(incoming),
      mechanism,
      run: async (invocation) => {
        try {
          await listener.call(this, incoming, outgoing);
        } catch (error) {
          captureIn(invocation, error, mechanism);
          await Promise.all(invocation.waiting);
          throw error;
        }
      },
    });
  };
  return wrapped as never;
}

const EXPRESS = 'auto.http.express';

/** Middleware that gives each request a scope. It comes before all others. */
export function requestHandler(
  options?: EdgeOptions,
): (request: Incoming, response: object, next: (error?: unknown) => void) => Promise<void> {
  return (incoming, outgoing, next) =>
    invoke({
      options,
      env: undefined,
      keys: [incoming, outgoing],
      request: asRequest(incoming),
      body: bodyOf(incoming),
      mechanism: EXPRESS,
      run: () => next(),
    });
}

export interface ErrorHandlerOptions<Req, Res> {
  /** Whether an error is reported. Default: unless it has a status below 500. */
  shouldHandleError?: (error: unknown) => boolean;
  /** Answers, in the place of the error handlers that come after. */
  onError?: (error: unknown, eventId: EventId, request: Req, response: Res) => unknown;
}

/** What an error says of the answer to it, by the names that are usual. */
function isFailure(error: unknown): boolean {
  const status = get(error, 'status') ?? get(error, 'statusCode') ?? get(error, 'status_code') ?? get(get(error, 'output'), 'statusCode');
  return !status || !(Number(status) < 500);
}

/** Middleware that reports what other middleware throws or hands on, and hands it on. It comes after all others, and before
 * those that answer errors. */
export function errorHandler<Req extends Incoming, Res extends object>({
  shouldHandleError = isFailure,
  onError,
}: ErrorHandlerOptions<Req, Res> = {}): (error: unknown, request: Req, response: Res, next: (error?: unknown) => void) => void {
  // By the four of them Express knows what this is for.
  return (error, incoming, outgoing, next) => {
    if (!shouldHandleError(error)) return next(error);
    const id = captureIn(invocationOf(incoming), error, EXPRESS);
    if (onError) return onError(error, id, incoming, outgoing) as void;
    next(error);
  };
}
