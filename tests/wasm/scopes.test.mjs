// Scopes are laid over each other as the fixtures say, which the core is tested with, too: by the module, and by the
// fallback sender, which has a merge of its own. The built package runs in Node; the network is a stand-in here.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { dist, tests } from '../lib/env.mjs';

const GROUPS = ['tags', 'user', 'extra', 'contexts', 'level', 'fingerprint'];

/** Sets what a layer of the fixture has. */
function put(on, { tags, user, extra, contexts, level, fingerprint }) {
  for (const key of Object.keys(tags ?? {})) on.setTag(key, tags[key]);
  for (const key of Object.keys(extra ?? {})) on.setExtra(key, extra[key]);
  for (const key of Object.keys(contexts ?? {})) on.setContext(key, contexts[key]);
  if (user !== undefined) on.setUser(user);
  if (level) on.setLevel(level);
  if (fingerprint) on.setFingerprint(fingerprint);
}

for (const sender of ['wasm', 'fallback']) {
  test(`by the ${sender === 'wasm' ? 'module' : 'fallback sender'}`, async () => {
    const rows = JSON.parse(await readFile(join(tests, 'fixtures/scopes.json')));
    const bytes = await readFile(join(dist, 'tailcone_bg.wasm'));
    const { fetch } = globalThis;
    let posted;
    globalThis.fetch = async (url, { body } = {}) => {
      if (String(url).endsWith('.wasm')) {
        if (sender === 'fallback') throw new TypeError('there is none');
        return new Response(bytes, { headers: { 'content-type': 'application/wasm' } });
      }
      posted = body;
      return new Response('{}');
    };
    try {
      for (const [number, { name, layers, event, merged }] of rows.entries()) {
        // Scopes outlive clients, so each row has a package of its own.
        const tailcone = await import(`${pathToFileURL(join(dist, 'index.js'))}?${sender}${number}`);
        const client = tailcone.init({ dsn: 'https://public@example.com/1' });
        const [global, isolation, current] = layers;
        put(tailcone.getGlobalScope(), global);
        put(tailcone, isolation);
        tailcone.withScope((scope) => {
          put(scope, current);
          tailcone.captureEvent(event);
        });
        assert.equal(await client.ready, sender);
        await client.flush();
        const sent = JSON.parse(posted.split('\n')[2]);
        // What every event has beside its scopes.
        for (const name of ['sdk', 'trace', 'culture', 'runtime']) delete sent.contexts[name];
        if (!Object.keys(sent.contexts).length) delete sent.contexts;
        for (const group of GROUPS) assert.deepEqual(sent[group], merged[group], `${group}: ${name}`);
        await tailcone.close();
      }
    } finally {
      globalThis.fetch = fetch;
    }
  });
}
