// The fixture of stacks in the built module: each goes through it as an error that was caught, and the frames that
// leave it in an envelope are compared. tests/native/stack.rs reads the same fixture natively.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { dist, root, tests } from '../lib/env.mjs';
import { lengthened, shortened } from '../lib/names.mjs';

const stacks = JSON.parse(await readFile(join(tests, 'fixtures/stacks.json')));
const posted = [];
let link;

before(async () => {
  const core = await import(pathToFileURL(join(root, 'target/npm/parts/core.js')));
  const wasm = await readFile(join(dist, 'tailcone_bg.wasm'));
  const owner = {
    attempts: 1,
    retry: false,
    limits: () => [0, 0, 0],
    post: async (ticket, body) => (posted.push(body), [200, '', '']),
    settled() {},
    flushed() {},
    dead: (error) => assert.fail(error),
  };
  link = lengthened(await core.connect('"sdk":{"name":"tailcone.test"}', shortened(owner), wasm));
});
after(() => link?.stop());

/** The frames of an error as they leave the module, the innermost first, each as the fixture writes it. */
async function read({ type, value = '', stack }, number) {
  const id = number.toString(16).padStart(32, '0');
  const event = { exception: { values: [{ type, value, stack }] } };
  const signal = JSON.stringify({ kind: 'event', event: { event_id: id, platform: 'javascript', ...event }, layers: [] });
  posted.length = 0;
  assert.equal(link.capture(0, signal, '[]'), 0);
  // The answer is read before the next one is sent: only so many requests are under way at a time.
  await new Promise(setImmediate);
  const [, , payload] = posted[0].split('\n');
  const frames = JSON.parse(payload).exception.values[0].stacktrace?.frames ?? [];
  return frames
    .reverse()
    .map(({ platform, function: name = null, filename = null, lineno = null, colno = null, instruction_addr = null }) =>
      platform ? [name, filename, instruction_addr] : [name, filename, lineno, colno],
    );
}

test('every stack is read in wasm as it is natively', async () => {
  for (const [number, stack] of stacks.entries())
    assert.deepEqual(await read(stack, number + 1), stack.frames, `${stack.engine} ${stack.name}`);
});
