// Deno, Bun and Node: the module is a file beside the code.

import { given } from '../runtime.js';
import { listen, post } from './last-words.js';

export * from './common.js';

Object.assign(given, { listen, post });
given.wasm = async () => {
  const { readFile } = await import('node:fs/promises');
  return readFile(new URL('./tailcone_bg.wasm', import.meta.url));
};
