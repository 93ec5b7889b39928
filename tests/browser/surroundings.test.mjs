// What an event says of its surroundings, and who shares a page with whom.
import assert from 'node:assert/strict';
import { breadcrumbs, expectContains, messageOf, thrown } from '../lib/expect.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

const uuid = '3f2b1c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d';

forEachBrowser('surroundings', (test, engine) => {
  test('an event tells page, culture, runtime and trace; all events of a client have one trace', async (w) => {
    const page = await w.open('/pages/plain.html?token=geheim&page=2#top');
    await page.evaluate(async (dsn) => {
      tailcone.init({ dsn, release: 'a@1' });
      await new Promise((done) => setTimeout(done, 2500));
      tailcone.captureMessage('one');
      tailcone.captureMessage('two');
      await tailcone.flush();
    }, w.inbox.dsn);
    const events = await w.inbox.items({ type: 'event' });
    const [one, two] = ['one', 'two'].map((text) => events.find(({ payload }) => messageOf(payload) === text));
    expectContains(one.payload.request, { url: `${w.site.url}/pages/plain.html?token=[Filtered]&page=2#top` });
    const { culture, runtime, trace } = one.payload.contexts;
    assert.match(culture.locale, /^[a-z]{2}/);
    assert.ok(culture.timezone);
    assert.deepEqual(runtime, { name: 'browser', scope: 'Window' });
    assert.match(trace.trace_id, /^[0-9a-f]{32}$/);
    assert.match(trace.span_id, /^[0-9a-f]{16}$/);
    assert.deepEqual(two.payload.contexts.trace, trace);
    expectContains(one.header.trace, { trace_id: trace.trace_id, public_key: new URL(w.inbox.dsn).username, release: 'a@1', environment: 'production' });
  });

  test('dataCollection leaves queries and headers out, and lets servers derive the address', async (w) => {
    const page = await w.open('/pages/plain.html?page=2');
    await page.evaluate(async (dsn) => {
      tailcone.init({ dsn, dataCollection: { queryParams: false, httpHeaders: false, userInfo: true } });
      tailcone.captureMessage('x');
      await tailcone.flush();
    }, w.inbox.dsn);
    const { payload } = await w.inbox.waitFor();
    assert.doesNotMatch(payload.request.url, /page=2/);
    assert.equal(payload.request.headers, undefined);
    assert.equal(payload.sdk.settings.infer_ip, 'auto');
  });

  for (const [kind, code] of [
    ['DedicatedWorkerGlobalScope', `new Worker('/pages/kinds.js', { type: 'module' })`],
    ['SharedWorkerGlobalScope', `new SharedWorker('/pages/kinds.js', { type: 'module' }).port`],
  ]) {
    test(`in a ${kind} events say so`, async (w) => {
      const page = await w.open('/pages/plain.html');
      await page.evaluate(`(async () => {
        const worker = ${code};
        worker.postMessage(${JSON.stringify(w.inbox.dsn)});
        await new Promise((done) => (worker.onmessage = done));
      })()`);
      const { payload } = await w.inbox.waitFor();
      assert.deepEqual(payload.contexts.runtime, { name: 'browser', scope: kind });
      assert.match(payload.request.url, /kinds\.js$/);
    });
  }

  test('in a service worker events arrive', async (w) => {
    const page = await w.open('/pages/plain.html');
    const supported = await page.evaluate(async (dsn) => {
      const registration = await navigator.serviceWorker.register('/pages/kinds.js', { type: 'module' }).catch((error) => String(error));
      if (typeof registration === 'string') return registration;
      const worker = registration.installing ?? registration.waiting ?? registration.active;
      worker.postMessage(dsn);
      return true;
    }, w.inbox.dsn);
    if (supported !== true) return w.t.skip(`module service workers: ${supported}`);
    const { payload } = await w.inbox.waitFor();
    assert.equal(payload.contexts.runtime.scope, 'ServiceWorkerGlobalScope');
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration('/pages/'))?.unregister());
  });

  test('in an iframe uncaught errors arrive with the frame’s address', async (w) => {
    const page = await w.open('/pages/plain.html');
    await page.evaluate(async (dsn) => {
      const frame = document.createElement('iframe');
      frame.src = '/pages/plain.html?frame=1';
      document.body.append(frame);
      await new Promise((done) => (frame.onload = done));
      while (!frame.contentWindow.start) await new Promise((done) => setTimeout(done, 20));
      frame.contentWindow.start({ dsn });
      frame.contentWindow.throwLater();
    }, w.inbox.dsn);
    const { payload } = await w.inbox.waitFor();
    assert.match(payload.request.url, /frame=1$/);
    assert.equal(thrown(payload).type, 'TypeError');
  });

  test('errors of another realm keep their type, stack and causes', async (w) => {
    const page = await w.open('/pages/plain.html');
    await page.evaluate(async (dsn) => {
      tailcone.init({ dsn });
      const frame = document.createElement('iframe');
      document.body.append(frame);
      const inside = frame.contentWindow;
      const error = inside.eval('(function foreign() { return new RangeError("planned", { cause: new TypeError("planned cause") }) })')();
      tailcone.captureException(error);
      await tailcone.flush();
    }, w.inbox.dsn);
    const { payload } = await w.inbox.waitFor();
    assert.deepEqual(payload.exception.values.map(({ type }) => type), ['TypeError', 'RangeError']);
    assert.ok(thrown(payload).stacktrace.frames.some((frame) => /foreign/.test(frame.function)));
  });

  test('debug ids of source maps go with the files of the event', async (w) => {
    const page = await w.open('/pages/plain.html');
    await page.evaluate(
      (dsn, url, id) => {
        globalThis._sentryDebugIds = {
          [`Error\n    at ${url}/pages/failing.js:1:1`]: id,
          [`Error\n    at ${url}/pages/other.js:1:1`]: '00000000-0000-4000-8000-000000000000',
        };
        globalThis._debugIds = { [`@${url}/pages/plain.js:1:1\n`]: '11111111-1111-4111-8111-111111111111' };
        tailcone.init({ dsn });
        throwLater();
      },
      w.inbox.dsn,
      w.site.url,
      uuid,
    );
    const { payload } = await w.inbox.waitFor();
    assert.deepEqual(payload.debug_meta, { images: [{ type: 'sourcemap', code_file: `${w.site.url}/pages/failing.js`, debug_id: uuid }] });
  });

  test('chunks that cannot be loaded are recognised', async (w) => {
    const page = await w.open('/pages/plain.html');
    await page.evaluate(async (dsn) => {
      tailcone.init({ dsn });
      await import('/pages/none.js').catch((error) => tailcone.captureException(error));
      tailcone.captureException(Object.assign(new Error('Loading chunk 7 failed.'), { name: 'ChunkLoadError' }));
      tailcone.captureException(new Error('planned other'));
      await tailcone.flush();
    }, w.inbox.dsn);
    const events = (await w.inbox.items({ type: 'event' })).map(({ payload }) => payload);
    assert.equal(events.length, 3);
    for (const event of events)
      assert.equal(event.tags?.['error.kind'], thrown(event).value === 'planned other' ? undefined : 'chunk_load');
  });
});

forEachBrowser('scopes and instances', (test) => {
  test('withIsolationScope keeps what setTag and addBreadcrumb write to itself', async (w) => {
    const page = await w.open('/pages/plain.html');
    await page.evaluate(async (dsn) => {
      tailcone.init({ dsn });
      tailcone.setTag('who', 'page');
      tailcone.getGlobalScope().setTag('everywhere', 'yes');
      tailcone.withIsolationScope((scope) => {
        tailcone.setTag('who', 'inside');
        tailcone.addBreadcrumb({ message: 'inside' });
        scope.setExtra('scope', 'given');
        tailcone.captureMessage('inside');
      });
      tailcone.captureMessage('outside');
      await tailcone.flush();
    }, w.inbox.dsn);
    const events = Object.fromEntries((await w.inbox.items({ type: 'event' })).map(({ payload }) => [messageOf(payload), payload]));
    assert.deepEqual(events.inside.tags, { everywhere: 'yes', who: 'inside' });
    assert.deepEqual(events.inside.extra, { scope: 'given' });
    assert.deepEqual(events.outside.tags, { everywhere: 'yes', who: 'page' });
    assert.deepEqual(events.outside.extra, undefined);
    assert.deepEqual(breadcrumbs(events.outside), []);
  });

  test('clear and clearBreadcrumbs empty a scope', async (w) => {
    const page = await w.open('/pages/plain.html');
    await page.evaluate(async (dsn) => {
      tailcone.init({ dsn });
      tailcone.setTag('a', 'b');
      tailcone.addBreadcrumb({ message: 'gone' });
      tailcone.getIsolationScope().clearBreadcrumbs();
      tailcone.captureMessage('tagged');
      tailcone.addEventProcessor(() => null);
      tailcone.getIsolationScope().clear();
      tailcone.captureMessage('bare');
      await tailcone.flush();
    }, w.inbox.dsn);
    const events = Object.fromEntries((await w.inbox.items({ type: 'event' })).map(({ payload }) => [messageOf(payload), payload]));
    assert.deepEqual([events.tagged.tags, breadcrumbs(events.tagged)], [{ a: 'b' }, []]);
    assert.deepEqual(events.bare.tags, undefined);
  });

  test('instances share a page and nothing else', async (w) => {
    const page = await w.open('/pages/plain.html');
    const before = await page.evaluate(() => [console.log, fetch, XMLHttpRequest.prototype.open, history.pushState].map(String));
    const left = await page.evaluate(async (dsn) => {
      const natives = [console.log, fetch, history.pushState];
      const [one, two] = [tailcone.createInstance(), tailcone.createInstance()];
      one.init({ dsn, release: 'one@1', globalHandlers: false });
      two.init({ dsn, release: 'two@1', denyUrls: ['none'] });
      one.setTag('who', 'one');
      one.getGlobalScope().setTag('global', 'one');
      two.setTag('who', 'two');
      one.addBreadcrumb({ message: 'of one' });
      one.captureMessage('by one');
      two.captureMessage('by two');
      throwLater();
      await new Promise((done) => setTimeout(done, 50));
      await one.close();
      two.captureMessage('still there');
      await two.close();
      return [console.log, fetch, history.pushState].map((now, at) => now === natives[at]);
    }, w.inbox.dsn);
    assert.deepEqual(left, [true, true, true], 'the page is as it was');
    assert.deepEqual(await page.evaluate(() => [console.log, fetch, XMLHttpRequest.prototype.open, history.pushState].map(String)), before);
    const events = (await w.inbox.items({ type: 'event' })).map(({ payload }) => payload);
    const by = (text) => events.find((event) => messageOf(event) === text);
    assert.equal(events.length, 4);
    assert.deepEqual(by('by one').tags, { global: 'one', who: 'one' });
    assert.deepEqual(by('by two').tags, { who: 'two' });
    assert.deepEqual([by('by one').release, by('by two').release, by('still there').release], ['one@1', 'two@1', 'two@1']);
    assert.deepEqual(breadcrumbs(by('by two')).filter(({ message }) => message === 'of one'), []);
    assert.notEqual(by('by one').contexts.trace.trace_id, by('by two').contexts.trace.trace_id);
    assert.equal(events.find((event) => event.exception).release, 'two@1', 'only that one listens');
  });

  test('explain says what became of a capture, also later', async (w) => {
    const page = await w.open('/pages/plain.html');
    const results = await page.evaluate(async (dsn) => {
      tailcone.init({ dsn, sdkLogLevel: 'none' });
      const sent = tailcone.captureMessage('sent');
      await tailcone.flush();
      const kept = await tailcone.explain(sent);
      const unknown = await tailcone.explain('f'.repeat(32));
      tailcone.init({ dsn, sendResult: 'none' });
      const forgotten = tailcone.captureMessage('forgotten');
      await tailcone.flush();
      return [kept, unknown, await tailcone.explain(forgotten)].map(({ status }) => status);
    }, w.inbox.dsn);
    assert.deepEqual(results, ['sent', 'unknown', 'unknown']);
  });

  test('explain tells a limit with its end, a refusal, and a request that is blocked', async (w) => {
    w.plan(/Cross-Origin/);
    const page = await w.open('/pages/plain.html');
    const capture = (text) => page.evaluate(async (text) => tailcone.explain(tailcone.captureMessage(text)), text);
    await page.evaluate((dsn) => void tailcone.init({ dsn, sdkLogLevel: 'none', sendMaxAttempts: 1 }), w.inbox.dsn);
    await w.inbox.behaviour({ status: 500 });
    expectContains(await capture('a'), { status: 'failed', reason: 'send_error' });
    await w.inbox.behaviour({ destroy: true });
    expectContains(await capture('b'), { status: 'blocked', reason: 'network_error' });
    await w.inbox.behaviour({ status: 429, headers: { 'retry-after': '60' } });
    const limited = await capture('c');
    assert.equal(limited.status, 'rate_limited');
    assert.ok(Math.abs(limited.until - Date.now() - 60_000) < 10_000, `${limited.until}`);
    expectContains(await capture('d'), { status: 'rate_limited', reason: 'ratelimit_backoff', until: limited.until });
  });
});
