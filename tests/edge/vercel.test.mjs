// Vercel's edge runtime and Next.js: what of them the other runtimes do not have.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { dist, needs, parts, root, tests } from '../lib/env.mjs';
import { breadcrumbs, expectContains, messageOf, thrown } from '../lib/expect.mjs';
import * as next from '../lib/next.mjs';
import { sleep } from '../lib/process.mjs';
import { receiver } from '../lib/receiver.mjs';
import { listening, runtimes } from '../lib/runtimes.mjs';

const missing = needs(parts.dist, parts.next);

describe('the edge runtime by itself', { skip: runtimes['edge-runtime'].missing, timeout: 60_000 }, () => {
  const inbox = receiver();
  let site;
  before(async () => {
    site = await runtimes['edge-runtime'].start({ dsn: inbox.dsn });
  });
  after(() => site?.stop());

  it('a rejection that nobody handles is reported, and the request is answered', async () => {
    assert.equal(await (await site.fetch('/floating')).text(), 'fine');
    const { type, value, mechanism } = thrown((await inbox.waitFor()).payload);
    assert.deepEqual([type, value, mechanism.handled], ['RangeError', 'nobody waits for it', false]);
    assert.match(mechanism.type, /onunhandledrejection$/);
  });
});

describe('a handler that is not handed its context', { skip: needs(parts.dist), timeout: 60_000 }, () => {
  const inbox = receiver();
  const places = ['@vercel/request-context', '@next/request-context'].map(Symbol.for);
  after(() => places.forEach((place) => delete globalThis[place]));

  it('is kept alive for its report by the one that the platform keeps', async () => {
    const { wrapHandler } = await import(join(dist, 'server.js'));
    const handle = wrapHandler({ dsn: inbox.dsn, breadcrumbs: false, globalHandlers: false }, (request) => {
      throw new Error(request.url);
    });
    for (const place of places) {
      const kept = [];
      globalThis[place] = { get: () => ({ waitUntil: (promise) => kept.push(promise) }) };
      await assert.rejects(handle(new Request(`https://shop.example/${place.description}`)));
      assert.ok(kept.length > 0);
      // What is kept alive for a capture may make a request, for which more is kept.
      for (const promise of kept) await promise;
      assert.equal(thrown((await inbox.waitFor()).payload).value, `https://shop.example/${place.description}`);
      delete globalThis[place];
      await inbox.clear();
    }
    globalThis[places[0]] = { get: () => { throw new Error('it has ended'); } };
    await assert.rejects(handle(new Request('https://shop.example/')), /shop/);
    await inbox.waitFor();
  });
});

describe('the example for Vercel', { skip: missing, timeout: 180_000 }, () => {
  const inbox = receiver();
  let app;
  before(async () => {
    const folder = await next.build([['.', join(root, 'examples/vercel')]]);
    app = await listening((port) => next.serve(folder, port, { SENTRY_DSN: inbox.dsn }), '/api/orders/1');
  });
  after(() => app?.stop());
  const get = (path, headers = {}) => app.fetch(path, { headers, redirect: 'manual' });

  for (const [place, name] of [
    ['orders', 'vercel-edge'],
    ['node', 'node'],
  ]) {
    it(`a route handler is reported when it fails, in ${name}`, async () => {
      assert.deepEqual(await (await get(`/api/${place}/7`)).json(), { id: '7' });
      assert.equal((await get(`/api/${place}/none`)).status, 500);
      const { payload } = await inbox.waitFor();
      assert.equal(thrown(payload).value, 'there is no order none');
      assert.deepEqual(breadcrumbs(payload).map(({ message }) => message), ['looking for none']);
      expectContains(payload, { release: 'shop@1.0.0', tags: { order: 'none' }, request: { method: 'GET' } });
      assert.equal(payload.contexts.runtime.name, name);
      assert.equal(payload.contexts.sdk?.fallback, undefined, 'it was sent by the module');
    });

    it(`a redirection, which Next.js throws, is none, in ${name}`, async () => {
      const response = await get(`/api/${place}/newest`);
      assert.deepEqual([response.status, response.headers.get('location')], [307, '/api/orders/7']);
      await sleep(200);
      assert.deepEqual(await inbox.requests(), []);
    });
  }

  it('middleware has a scope for each request, and is reported when it fails', async () => {
    assert.equal((await get('/api/orders/7', { authorization: 'expired' })).status, 200);
    const { payload } = await inbox.waitFor();
    assert.deepEqual([messageOf(payload), payload.level, payload.request.headers.Authorization], ['a token has expired', 'warning', '[Filtered]']);
    await inbox.clear();
    assert.equal((await get('/api/orders/7', { authorization: 'broken' })).status, 500);
    assert.equal(thrown((await inbox.waitFor()).payload).value, 'the token cannot be read');
  });
});

describe('an application of Next.js that webpack builds', { skip: missing, timeout: 180_000 }, () => {
  const inbox = receiver();
  let app;
  before(async () => {
    const folder = await next.build([['.', join(tests, 'edge/site/next-pages')]], '--webpack');
    app = await listening((port) => next.serve(folder, port, { SENTRY_DSN: inbox.dsn }), '/');
  });
  after(() => app?.stop());

  it('has the module, though the function imports nothing else of its entry', async () => {
    assert.equal((await app.fetch('/api/edge')).status, 500);
    const { payload } = await inbox.waitFor();
    assert.equal(thrown(payload).value, 'built by webpack');
    assert.equal(payload.contexts.sdk?.fallback, undefined, 'it was sent by the module');
  });
});
