// Cloudflare Workers: the handlers of a module worker, and the classes of Durable Objects.

import wasm from './tailcone_bg.wasm';
import type { Scope } from '../types.js';
import { describe, get, isFunction } from '../values.js';
import type { Context } from '../invocation.js';
import { given } from '../runtime.js';
import { checkedIn } from './check-in.js';
import { invoke, type OptionsFor } from './wrap.js';

given.wasm = wasm;

type Fn = (...args: never[]) => unknown;
type Handler = Record<string, unknown>;

/** What is said of an invocation that is no request. */
const about: Record<string, (event: Record<string, unknown>, scope: Scope) => void> = {
  scheduled: ({ cron, scheduledTime }, scope) => scope.setContext('scheduled', { cron, scheduledTime }),
  queue: ({ queue, messages }, scope) =>
    scope.setContext('queue', { queue, messages: Array.isArray(messages) ? messages.length : undefined }),
  alarm: (_, scope) => scope.setTag('durable_object', 'alarm'),
};

const EVENTS = ['fetch', 'scheduled', 'queue', 'email', 'tail'];
const OBJECT_EVENTS = ['fetch', 'alarm', 'webSocketMessage', 'webSocketClose', 'webSocketError'];

/** One of the functions of a handler. */
function wrapped(
  options: OptionsFor<never>,
  name: string,
  fn: Fn,
  self: unknown,
  env: unknown,
  context: Context | undefined,
  args: never[],
): unknown {
  const [event, , own] = args as unknown[];
  return invoke({
    options: options as OptionsFor,
    env,
    // That of a Durable Object's state outlives the invocation.
    keys: [event, own],
    context,
    request: name === 'fetch' ? (event as Request) : undefined,
    mechanism: `auto.faas.cloudflare.${name}`,
    tell: (scope) => about[name]?.((event ?? {}) as Record<string, unknown>, scope),
    run: () => {
      const call = (): unknown => fn.apply(self, args);
      return name === 'scheduled' ? checkedIn(describe(get(event, 'cron')), call) : call();
    },
  });
}

/**
 * Wraps what a module worker exports: its handler, or the class of a Durable Object. What a handler throws is reported,
 * and thrown on. `options` may be a function of the environment; it is called once.
 */
export function withTailcone<H>(options: OptionsFor<never>, handler: H): H {
  if (isFunction(handler)) {
    return new Proxy(handler as never, {
      construct(target, args: unknown[], newTarget: never) {
        const object = Reflect.construct(target, args, newTarget) as Handler;
        const [context, env] = args;
        for (const name of OBJECT_EVENTS) {
          const fn = object[name];
          if (!isFunction(fn)) continue;
          const value = (...given: never[]): unknown => wrapped(options, name, fn, object, env, context as Context, given);
          Object.defineProperty(object, name, { value, configurable: true, writable: true });
        }
        return object;
      },
    });
  }
  const own: Handler = { ...(handler as Handler) };
  for (const name of EVENTS) {
    const fn = (handler as Handler)[name];
    if (!isFunction(fn)) continue;
    own[name] = (...args: never[]) => wrapped(options, name, fn, handler, args[1], args[2], args);
  }
  return own as H;
}
