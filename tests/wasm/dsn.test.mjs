// The shim's DSN reader agrees with the fixtures, which the core's reader is tested with, too. The built package is
// loaded in Node, where the module cannot be fetched from a file: the fallback sender shows the URL that was made of
// the DSN. The network is a stand-in here.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { dist, tests } from '../lib/env.mjs';

test('every DSN of the fixtures is read as they say', async () => {
  const rows = JSON.parse(await readFile(join(tests, 'fixtures/dsn.json')));
  const tailcone = await import(pathToFileURL(join(dist, 'index.js')));
  const { fetch } = globalThis;
  const { error } = console;
  let posted = [];
  let said = [];
  globalThis.fetch = async (url) => {
    if (String(url).endsWith('.wasm')) throw new TypeError('there is none');
    posted.push(String(url));
    return new Response('{}');
  };
  console.error = (text) => said.push(text);
  try {
    for (const { dsn, ok, error: code } of rows) {
      posted = [];
      said = [];
      const client = tailcone.init({ dsn });
      tailcone.captureMessage('x');
      assert.equal(await client.ready, ok ? 'fallback' : 'disabled', dsn);
      await client.flush();
      if (ok) {
        assert.deepEqual([posted.length, said], [1, []], dsn);
        assert.equal(posted[0].split('?')[0], ok.envelopeUrl, dsn);
        assert.equal(new URL(posted[0]).searchParams.get('sentry_key'), ok.publicKey, dsn);
      } else {
        assert.deepEqual(posted, [], dsn);
        assert.equal(said.length, code === 'empty' ? 0 : 1, dsn);
        if (code !== 'empty') assert.match(said[0], new RegExp(`DSN.*${code}|${code}.*DSN`), dsn);
      }
    }
  } finally {
    globalThis.fetch = fetch;
    console.error = error;
    await tailcone.close();
  }
});
