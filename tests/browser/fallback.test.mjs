// Pages where the wasm module cannot run: what is captured arrives through the fallback sender, marked so.
import assert from 'node:assert/strict';
import { breadcrumbs, expectContains, expectFailingFrames, messageOf, thrown } from '../lib/expect.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

const isWasm = /\.wasm$/;

/** Sets a scope, throws, and says who sends. */
async function failOn(w, options = {}) {
  const page = await w.open('/pages/plain.html');
  const clock = await page.evaluate(
    (given) => {
      start(given);
      tailcone.setTag('area', 'checkout');
      tailcone.setUser({ id: 'u-7' });
      tailcone.setExtra('cart', { items: 2 });
      tailcone.setContext('build', { flavour: 'plain' });
      tailcone.addBreadcrumb({ category: 'ui.click', message: 'Pay', data: { n: 1 } });
      throwLater();
      return Date.now();
    },
    { dsn: w.inbox.dsn, release: 'shop@1', environment: 'staging', ...options },
  );
  return { page, clock };
}

async function expectFallback(w, { page, clock }, reason) {
  const { payload, header } = await w.inbox.waitFor();
  expectContains(payload, {
    level: 'error',
    platform: 'javascript',
    release: 'shop@1',
    environment: 'staging',
    tags: { area: 'checkout' },
    user: { id: 'u-7' },
    extra: { cart: { items: 2 } },
    contexts: { build: { flavour: 'plain' }, sdk: { fallback: reason } },
    sdk: { name: 'tailcone.javascript.browser' },
    request: { url: `${w.site.url}/pages/plain.html` },
  });
  assert.equal(header.event_id, payload.event_id);
  assert.equal(payload.exception.values.length, 1);
  expectContains(thrown(payload), {
    type: 'TypeError',
    value: 'planned type error',
    mechanism: { type: 'auto.browser.global_handlers.onerror', handled: false },
  });
  expectFailingFrames(thrown(payload), w.site, w.engine);
  expectContains(breadcrumbs(payload), [{ category: 'ui.click', message: 'Pay', data: { n: 1 } }]);
  assert.ok(Math.abs(payload.timestamp * 1000 - clock) < 500, `${payload.timestamp} is far from ${clock / 1000}`);
  assert.equal(await page.evaluate(() => client.ready), 'fallback');
  assert.equal(await page.evaluate(() => tailcone.flush(5000)), true);
  assert.equal((await w.inbox.items({ type: 'event' })).length, 1);
  assert.deepEqual([...new Set((await w.envelopeRequests()).map(({ method }) => method))], ['POST']);
}

forEachBrowser('the fallback sender', (test) => {
  test('takes over when the .wasm is not found', async (w) => {
    w.site.rule(isWasm, { status: 404 });
    await expectFallback(w, await failOn(w), 'wasm_unavailable');
  });

  test('takes over when the .wasm is cut short', async (w) => {
    w.site.rule(isWasm, { body: (bytes) => bytes.subarray(0, bytes.length >> 1) });
    await expectFallback(w, await failOn(w), 'wasm_unavailable');
  });

  test('takes over when a web page is served in the place of the .wasm', async (w) => {
    w.site.rule(isWasm, { body: '<!doctype html><title>Welcome</title>', type: 'text/html' });
    await expectFallback(w, await failOn(w), 'wasm_unavailable');
  });

  test("takes over under a policy without 'wasm-unsafe-eval'", async (w) => {
    w.site.rule('/pages/plain.html', { headers: { 'content-security-policy': "script-src 'self'" } });
    // The Firefox driver counts it among the page's errors.
    w.plan(/Content-Security-Policy/);
    await expectFallback(w, await failOn(w), 'wasm_unavailable');
  });

  test('takes over when the .wasm has not arrived after five seconds', async (w) => {
    w.site.rule(isWasm, { delayMs: 12_000 });
    const began = Date.now();
    await expectFallback(w, await failOn(w), 'wasm_timeout');
    const took = Date.now() - began;
    assert.ok(took > 4500 && took < 11_000, `it took ${took} ms`);
  });

  test('is not needed when the .wasm has the wrong media type', async (w) => {
    w.site.rule(isWasm, { type: 'application/octet-stream' });
    const { page } = await failOn(w);
    const { payload } = await w.inbox.waitFor();
    assert.equal(payload.contexts?.sdk, undefined);
    assert.equal(await page.evaluate(() => client.ready), 'wasm');
  });

  test("is not needed under a policy with 'wasm-unsafe-eval'", async (w) => {
    w.site.rule('/pages/plain.html', { headers: { 'content-security-policy': "script-src 'self' 'wasm-unsafe-eval'" } });
    const { page } = await failOn(w);
    const { payload } = await w.inbox.waitFor();
    assert.equal(payload.contexts?.sdk, undefined);
    assert.equal(await page.evaluate(() => client.ready), 'wasm');
  });

  test('says so once, unless it is told to be silent', async (w) => {
    w.site.rule(isWasm, { status: 404 });
    const warnings = async (options) => {
      const { page } = await failOn(w, options);
      await page.evaluate(async () => {
        tailcone.captureMessage('one more');
        await tailcone.flush(5000);
      });
      return page.lines.filter(({ type, text }) => /^warn/.test(type) && /tailcone/i.test(text)).length;
    };
    assert.equal(await warnings({}), 1);
    assert.equal(await warnings({ debug: true }), 1);
    assert.equal(await warnings({ sdkLogLevel: 'error' }), 0);
  });

  test('sends the causes of an error oldest first, and messages and feedback too', async (w) => {
    w.site.rule(isWasm, { status: 404 });
    const page = await w.open('/pages/plain.html');
    await page.evaluate((dsn) => void start({ dsn }), w.inbox.dsn);
    const [error, message, feedback] = await page.evaluate(() => [
      tailcone.captureException(caught()),
      tailcone.captureMessage('low disk', 'warning'),
      tailcone.captureFeedback({ message: 'words' }),
    ]);
    const { values } = (await w.inbox.waitFor({ event_id: error })).payload.exception;
    assert.deepEqual(
      values.map(({ type, mechanism }) => [type, mechanism.exception_id]),
      [
        ['RangeError', 2],
        ['TypeError', 1],
        ['Error', 0],
      ],
    );
    const said = (await w.inbox.waitFor({ event_id: message })).payload;
    assert.deepEqual([messageOf(said), said.level], ['low disk', 'warning']);
    const words = (await w.inbox.waitFor({ type: 'feedback', event_id: feedback })).payload;
    assert.equal(words.contexts.feedback.message, 'words');
  });
});
