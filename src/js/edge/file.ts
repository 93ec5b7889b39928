// Deno, Bun and Node: the module is a file beside the code.

import { AsyncLocalStorage } from 'node:async_hooks';
import { given, useStorage } from '../runtime.js';
import { listen, post } from './last-words.js';

export * from './common.js';

Object.assign(given, { listen, post });
// Node before 20.16 has no other way to it.
useStorage(AsyncLocalStorage);
given.wasm = async () => {
  const { readFile } = await import('node:fs/promises');
  return readFile(new URL('./tailcone_bg.wasm', import.meta.url));
};
