// Which runtime this is, and what its entry has told of it.

import type { WasmSource } from './types.js';
import { get, type Bag } from './values.js';

/** What the package uses of an `AsyncLocalStorage`. */
export interface Storage {
  run<T>(store: object, fn: () => T): T;
  getStore(): unknown;
}

const of = (...path: string[]): unknown => path.reduce((value: unknown, name) => get(value, name), globalThis);

/** Name and version; servers call the SDK by the name. */
function find(): Bag {
  const [name, version] = of('Deno')
    ? ['deno', of('Deno', 'version', 'deno')]
    : of('Bun')
      ? ['bun', of('Bun', 'version')]
      : of('EdgeRuntime')
        ? ['vercel-edge']
        : of('WebSocketPair')
          ? ['cloudflare']
          : ['node', of('process', 'versions', 'node')];
  return { name, version: typeof version === 'string' ? version : undefined };
}

export const runtime = /* @__PURE__ */ find();

/** Gets the module, which servers have beside their code. */
export type Read = () => Promise<WasmSource>;

/** Listens for what nobody catches; `dying`: the process ends by it. What is given back ends that. */
export type Listen = (caught: (event: Event, dying: boolean) => void) => () => void;

/** What is used of an answer. */
export interface Answered {
  status: number;
  headers?: Pick<Headers, 'get'>;
  arrayBuffer?: Response['arrayBuffer'];
}

/** Set by the entry. `post` sends at once, or fails, where the process is about to end. */
export const given: {
  wasm: WasmSource | Read | undefined;
  listen?: Listen;
  post?: (url: string, init: RequestInit) => Promise<Answered>;
} = { wasm: undefined };

function storage(): Storage | undefined {
  try {
    const process = of('process') as { getBuiltinModule?(name: string): unknown } | undefined;
    const Storage = of('AsyncLocalStorage') ?? get(process?.getBuiltinModule?.('node:async_hooks'), 'AsyncLocalStorage');
    return Storage ? new (Storage as new () => Storage)() : undefined;
  } catch {
    return undefined;
  }
}

/** What tells whose turn it is; nothing where the runtime has nothing for that, or has it turned off. */
export let turns = /* @__PURE__ */ storage();

/** For runtimes that have to import it. */
export const useStorage = (Storage: new () => Storage): void => void (turns ??= new Storage());
