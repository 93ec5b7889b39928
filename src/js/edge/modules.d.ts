// What the entries for servers import, and what is not the shim's own.
declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
declare module '*.wasm?module' {
  const module: WebAssembly.Module;
  export default module;
}
declare module 'node:async_hooks' {
  export class AsyncLocalStorage {
    run<T>(store: object, fn: () => T): T;
    getStore(): unknown;
  }
}
declare module 'node:worker_threads' {
  export class Worker {
    constructor(code: URL, options: { execArgv: string[] });
    postMessage(message: unknown): void;
    unref(): void;
  }
}
declare module 'node:fs/promises' {
  export function readFile(path: URL): Promise<Uint8Array<ArrayBuffer>>;
}
