// Deno, Bun and Node: the module is a file beside the code.

import { given } from '../runtime.js';

export { init, getScope, wrapHandler } from './wrap.js';

given.wasm = async () => {
  const { readFile } = await import('node:fs/promises');
  return readFile(new URL('./tailcone_bg.wasm', import.meta.url));
};
