// Middleware for Hono, and for what has its shape.

import type { EventId } from '../types.js';
import { isObject } from '../values.js';
import type { Context, Invocation } from '../invocation.js';
import { captureIn, invoke, type EdgeOptions } from './wrap.js';

export interface MiddlewareOptions extends EdgeOptions {
  /** Whether an error goes on to what is around the middleware, after it was captured. Default false: it is answered. */
  rePanic?: boolean;
  /** The response to an error. Default: what the application's own error handler answers; without one, 500. */
  onError?: (error: unknown, eventId: EventId) => Response | Promise<Response>;
}

/** What of Hono's context is used. */
export interface HonoContext {
  req: { raw: Request };
  res: Response;
  env?: unknown;
  /** What a handler threw, after `next()`. */
  error?: unknown;
  readonly executionCtx?: unknown;
}

const MECHANISM = 'auto.http.hono';

/** Gives each request a scope, and reports what its handlers throw. `options` may be a function of the first context. */
export function middleware<C extends HonoContext>(
  options?: MiddlewareOptions | ((context: C) => MiddlewareOptions | undefined),
): (context: C, next: () => Promise<void>) => Promise<Response | void> {
  let given: MiddlewareOptions | undefined;
  return (context, next) => {
    given ??= (typeof options === 'function' ? options(context) : options) ?? {};
    const { rePanic, onError } = given;
    const failed = async (invocation: Invocation, error: unknown): Promise<Response> => {
      const id = captureIn(invocation, error, MECHANISM);
      if (rePanic) throw error;
      return onError ? onError(error, id) : new Response('Internal Server Error', { status: 500 });
    };
    return invoke<unknown, Response | void>({
      options: given,
      env: undefined,
      keys: [context.req.raw, context],
      context: executionOf(context),
      request: context.req.raw,
      mechanism: MECHANISM,
      async run(invocation) {
        try {
          await next();
        } catch (error) {
          return failed(invocation, error);
        }
        // Hono has caught it already, and its error handler has answered.
        if (context.error === undefined) return;
        const answer = await failed(invocation, context.error);
        if (onError) context.res = answer;
      },
    });
  };
}

/** Not every runtime has one, and Hono throws where there is none. */
function executionOf(context: HonoContext): Context | undefined {
  try {
    return isObject(context.executionCtx) ? (context.executionCtx as Context) : undefined;
  } catch {
    return undefined;
  }
}
