// What the surroundings of a server say where the options say nothing: its variables, and where it runs.

import type { Context } from '../invocation.js';
import { runtime } from '../runtime.js';
import type { Options } from '../types.js';
import { get, type Bag } from '../values.js';

/** A variable of the process. Deno would ask whoever is at the terminal for one that it may not read. */
function ofProcess(variable: string): unknown {
  try {
    const { Deno, process } = globalThis as {
      Deno?: {
        permissions: { querySync(what: object): { state: string } };
        env: { get(variable: string): unknown };
      };
      process?: { env?: Bag };
    };
    if (!Deno) return process?.env?.[variable];
    return Deno.permissions.querySync({ name: 'env', variable }).state === 'granted' ? Deno.env.get(variable) : undefined;
  } catch {
    return undefined;
  }
}

/** The options, with what the variables say in the place of what is not there. `env` has them on Cloudflare. */
export function completed<O extends Options>(options: O, env: unknown): O {
  const read = (variable: string): string | undefined => {
    const value = get(env, variable) ?? ofProcess(variable);
    return typeof value === 'string' && value ? value : undefined;
  };
  const version = get(get(env, 'CF_VERSION_METADATA'), 'id');
  return {
    ...options,
    dsn: options.dsn ?? read('SENTRY_DSN'),
    environment: options.environment ?? read('SENTRY_ENVIRONMENT'),
    release: options.release ?? read('SENTRY_RELEASE') ?? (typeof version === 'string' ? version : undefined),
  };
}

const REGIONS = ['VERCEL_REGION', 'DENO_REGION', 'FLY_REGION', 'AWS_REGION'];

let region: unknown;

/** The context of where a request is served: on Cloudflare it says so itself. */
export function place(request: Request): Bag | undefined {
  region ??= REGIONS.map(ofProcess).find((region) => region) ?? '';
  const own = get(get(request, 'cf'), 'colo') ?? region;
  const provider = /cloudflare|vercel/.exec(String(runtime.name))?.[0];
  return provider || own ? { 'cloud.provider': provider, 'cloud.region': own || undefined } : undefined;
}

/** The context of the request that is being served, where it is not handed to handlers: Vercel and Next.js keep it. */
export function contextOfPlatform(): Context | undefined {
  const keepers = globalThis as never as Record<symbol, { get?(): Context | undefined } | undefined>;
  for (const name of ['vercel', 'next']) {
    try {
      const kept = keepers[Symbol.for(`@${name}/request-context`)]?.get?.();
      if (kept) return kept;
    } catch {
      // Not what they keep there today.
    }
  }
  return undefined;
}
