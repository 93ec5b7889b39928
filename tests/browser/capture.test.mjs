// Capturing in real browsers, against the inbox: what is thrown, rejected, caught and said arrives as it was.
import assert from 'node:assert/strict';
import { breadcrumbs, expectContains, expectFailingFrames, fixture, messageOf, place, thrown } from '../lib/expect.mjs';
import { sleep } from '../lib/process.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

const hexId = /^[0-9a-f]{32}$/;

/** Opens the plain page and initialises the package there; `options` are JSON. */
async function initialised({ open, inbox }, options = {}) {
  const page = await open('/pages/plain.html');
  await page.evaluate((given) => void start(given), { dsn: inbox.dsn, ...options });
  return page;
}

forEachBrowser('capture', (test, engine) => {
  test('an uncaught error arrives with its type, value, frames, page and time', async (w) => {
    const page = await initialised(w, { release: 'shop@1.2.3', environment: 'staging', dist: '7', serverName: 'web-1' });
    const clock = await page.evaluate(() => (throwLater(), Date.now()));
    const item = await w.inbox.waitFor();
    const event = item.payload;
    expectContains(event, {
      platform: 'javascript',
      level: 'error',
      release: 'shop@1.2.3',
      environment: 'staging',
      dist: '7',
      server_name: 'web-1',
      sdk: { name: 'tailcone.javascript.browser' },
      request: { url: `${w.site.url}/pages/plain.html` },
    });
    assert.match(event.request.headers['User-Agent'], /Mozilla/);
    assert.match(event.event_id, hexId);
    assert.equal(item.event_id, event.event_id);
    assert.equal(item.header.event_id, event.event_id);
    assert.ok(Date.parse(item.header.sent_at) > Date.now() - 60_000, `sent_at ${item.header.sent_at}`);
    assert.ok(Math.abs(event.timestamp * 1000 - clock) < 500, `${event.timestamp} is far from ${clock / 1000}`);
    assert.equal(event.exception.values.length, 1);
    expectContains(thrown(event), {
      type: 'TypeError',
      value: 'planned type error',
      mechanism: { type: 'auto.browser.global_handlers.onerror', handled: false },
    });
    expectFailingFrames(thrown(event), w.site, engine);
    assert.equal((await w.inbox.items({ type: 'event' })).length, 1);
  });

  test('an unhandled rejection with an Error arrives with its frames', async (w) => {
    const page = await initialised(w);
    await page.evaluate(() => rejectLater());
    const { payload } = await w.inbox.waitFor();
    expectContains(thrown(payload), {
      type: 'TypeError',
      value: 'planned type error',
      mechanism: { type: 'auto.browser.global_handlers.onunhandledrejection', handled: false },
    });
    assert.equal(payload.level, 'error');
    expectFailingFrames(thrown(payload), w.site, engine);
  });

  for (const [what, source, text] of [
    ['a string', `'planned words'`, /planned words/],
    ['a number', '42', /42/],
    ['undefined', 'undefined', /undefined/],
    ['null', 'null', /null/],
    ['a plain object', `({ planned: 'object', code: 7 })`, /planned/],
  ]) {
    test(`an unhandled rejection with ${what} arrives with what can be said of it`, async (w) => {
      w.plan(/42|undefined|null|object/i);
      const page = await initialised(w);
      await page.evaluate(`rejectWith(${source})`);
      const { payload } = await w.inbox.waitFor();
      expectContains(thrown(payload).mechanism, {
        type: 'auto.browser.global_handlers.onunhandledrejection',
        handled: false,
      });
      assert.match(thrown(payload).type, /\S/);
      assert.match(thrown(payload).value, text);
    });
  }

  test('a caught error arrives with its causes, oldest first, each tied to the one above it', async (w) => {
    const page = await initialised(w);
    const id = await page.evaluate(() => tailcone.captureException(caught()));
    const { payload } = await w.inbox.waitFor({ event_id: id });
    const { values } = payload.exception;
    assert.deepEqual(
      values.map(({ type, value }) => `${type}: ${value}`),
      ['RangeError: planned root cause', 'TypeError: planned cause between', 'Error: planned failure'],
    );
    assert.deepEqual(
      values.map(({ mechanism }) => [mechanism.exception_id, mechanism.parent_id, mechanism.source]),
      [
        [2, 1, 'cause'],
        [1, 0, 'cause'],
        [0, undefined, undefined],
      ],
    );
    expectContains(thrown(payload).mechanism, { type: 'generic', handled: true });
    for (const value of values) assert.equal(value.stacktrace.frames.at(-1).function, 'chain');
    expectContains(thrown(payload).stacktrace.frames.slice(-4), [
      { function: 'outer', ...place(fixture('failing.js'), 'outer', engine) },
      { function: 'middle', ...place(fixture('failing.js'), 'middle', engine) },
      { function: 'inner', ...place(fixture('failing.js'), 'inner', engine) },
      { function: 'chain' },
    ]);
  });

  test('a message arrives with its level and no exception', async (w) => {
    const page = await initialised(w);
    const [info, warning] = await page.evaluate(() => [
      tailcone.captureMessage('low disk'),
      tailcone.captureMessage('lower disk \u2028 \u{1f4be}', 'warning'),
    ]);
    const first = (await w.inbox.waitFor({ event_id: info })).payload;
    const second = (await w.inbox.waitFor({ event_id: warning })).payload;
    assert.deepEqual([messageOf(first), first.level], ['low disk', 'info']);
    assert.deepEqual([messageOf(second), second.level], ['lower disk \u2028 \u{1f4be}', 'warning']);
    assert.equal(first.exception, undefined);
  });

  test('an event made by hand arrives as it was made, with the scope under it', async (w) => {
    const page = await initialised(w, { release: 'shop@1' });
    const made = {
      level: 'warning',
      logger: 'by-hand',
      transaction: '/checkout',
      message: 'made by hand',
      tags: { own: 'event', shared: 'event' },
      extra: { list: [1, 'two', { three: 3 }] },
      contexts: { state: { step: 2 } },
      fingerprint: ['by-hand'],
      user: { id: 'u-1' },
      exception: {
        values: [
          { type: 'Inner', value: 'the cause', stacktrace: { frames: [{ function: 'a', filename: 'a.js', lineno: 1, colno: 2 }] } },
          { type: 'Outer', value: 'the effect' },
        ],
      },
    };
    const id = await page.evaluate((event) => {
      tailcone.setTag('shared', 'scope');
      tailcone.setTag('scope', 'scope');
      return tailcone.captureEvent(event);
    }, made);
    const { payload } = await w.inbox.waitFor({ event_id: id });
    const { message, ...rest } = made;
    expectContains(payload, {
      ...rest,
      tags: { own: 'event', shared: 'event', scope: 'scope' },
      release: 'shop@1',
      event_id: id,
    });
    assert.equal(messageOf(payload), message);
  });

  test('tags, user, extras, contexts, level, fingerprint and breadcrumbs arrive as they were set', async (w) => {
    const page = await initialised(w);
    const before = Date.now();
    const id = await page.evaluate(() => {
      tailcone.setTag('area', 'checkout');
      tailcone.setTag('paid', true);
      tailcone.setTags({ retries: 3, plan: 'pro' });
      tailcone.setUser({ id: 'u-7', email: 'ann@example.com', username: 'ann' });
      tailcone.setExtra('cart', { items: [{ sku: 'x-1', count: 2 }], total: 12.5 });
      tailcone.setExtras({ note: 'ünïcödé \u{1f6d2}', sizes: { none: null, some: [0, -1.5, 'x'] } });
      tailcone.setContext('build', { flavour: 'plain', number: 12 });
      tailcone.setContext('gone', { a: 1 });
      tailcone.setContext('gone', null);
      tailcone.setLevel('warning');
      tailcone.getCurrentScope().setFingerprint(['checkout', '{{ default }}']);
      tailcone.addBreadcrumb({ type: 'http', category: 'fetch', data: { url: '/api', status_code: 500 }, timestamp: 1_700_000_000.25 });
      tailcone.addBreadcrumb({ category: 'ui.click', message: 'Pay', level: 'info', data: { button: 'pay' } });
      tailcone.addBreadcrumb({ message: 'said by console', category: 'console', level: 'log' });
      return tailcone.captureException(new Error('planned'));
    });
    const { payload } = await w.inbox.waitFor({ event_id: id });
    expectContains(payload, {
      tags: { area: 'checkout', paid: 'true', retries: '3', plan: 'pro' },
      user: { id: 'u-7', email: 'ann@example.com', username: 'ann' },
      extra: { cart: { items: [{ sku: 'x-1', count: 2 }], total: 12.5 }, note: 'ünïcödé \u{1f6d2}', sizes: { none: null, some: [0, -1.5, 'x'] } },
      contexts: { build: { flavour: 'plain', number: 12 } },
      level: 'warning',
      fingerprint: ['checkout', '{{ default }}'],
    });
    assert.ok(!('gone' in payload.contexts));
    const [http, click, said] = breadcrumbs(payload);
    expectContains(click, { category: 'ui.click', message: 'Pay', level: 'info', data: { button: 'pay' } });
    assert.ok(Math.abs(click.timestamp * 1000 - before) < 2000, `timestamp ${click.timestamp}`);
    expectContains(http, { type: 'http', category: 'fetch', data: { url: '/api', status_code: 500 }, timestamp: 1_700_000_000.25 });
    // The protocol's word for what a console logs is `info`.
    expectContains(said, { category: 'console', message: 'said by console', level: 'info' });
    assert.equal(breadcrumbs(payload).length, 3);
  });

  test('breadcrumbs with times of their own arrive oldest first', async (w) => {
    const page = await initialised(w);
    const id = await page.evaluate(() => {
      for (const timestamp of [1_700_000_002, 1_700_000_001, 1_700_000_003]) tailcone.addBreadcrumb({ message: 'a', timestamp });
      tailcone.addBreadcrumb({ message: 'b' });
      return tailcone.captureMessage('planned');
    });
    const { payload } = await w.inbox.waitFor({ event_id: id });
    assert.deepEqual(
      breadcrumbs(payload).slice(0, 3).map(({ timestamp }) => timestamp),
      [1_700_000_001, 1_700_000_002, 1_700_000_003],
    );
    assert.equal(breadcrumbs(payload)[3].message, 'b');
  });

  test('the oldest breadcrumbs make room for new ones', async (w) => {
    const page = await initialised(w, { maxBreadcrumbs: 5 });
    const id = await page.evaluate(() => {
      for (let i = 0; i < 12; i++) tailcone.addBreadcrumb({ message: `step ${i}` });
      return tailcone.captureMessage('after many steps');
    });
    const { payload } = await w.inbox.waitFor({ event_id: id });
    assert.deepEqual(breadcrumbs(payload).map(({ message }) => message), [7, 8, 9, 10, 11].map((i) => `step ${i}`));
  });

  test('what is set at a capture is what arrives, whatever happens to it afterwards', async (w) => {
    const page = await initialised(w);
    const id = await page.evaluate(() => {
      const state = { step: 1, inner: { deep: 'before' } };
      tailcone.setExtra('state', state);
      tailcone.setTag('when', 'before');
      const event = tailcone.captureMessage('planned');
      state.step = 2;
      state.inner.deep = 'after';
      tailcone.setTag('when', 'after');
      tailcone.addBreadcrumb({ message: 'too late' });
      return event;
    });
    const { payload } = await w.inbox.waitFor({ event_id: id });
    expectContains(payload, { tags: { when: 'before' }, extra: { state: { step: 1, inner: { deep: 'before' } } } });
    assert.deepEqual(breadcrumbs(payload), []);
  });

  test('withScope keeps what is set inside it to itself', async (w) => {
    const page = await initialised(w);
    const [inside, nested, outside, returned] = await page.evaluate(() => {
      tailcone.setTag('place', 'outside');
      tailcone.getGlobalScope().setTag('everywhere', 'yes');
      const ids = [];
      const result = tailcone.withScope((scope) => {
        scope.setTag('place', 'inside');
        scope.setLevel('fatal');
        scope.setUser({ id: 'inside' });
        ids.push(tailcone.captureMessage('inside', undefined));
        tailcone.withScope((inner) => {
          inner.setTag('place', 'nested');
          ids.push(tailcone.captureException(new Error('planned')));
        });
        tailcone.setTag('stays', 'set without a scope of its own');
        return 'what the callback gave';
      });
      ids.push(tailcone.captureException(new Error('planned')));
      return [...ids, result];
    });
    assert.equal(returned, 'what the callback gave');
    const event = async (id) => (await w.inbox.waitFor({ event_id: id })).payload;
    expectContains(await event(inside), { tags: { place: 'inside', everywhere: 'yes' }, level: 'fatal', user: { id: 'inside' } });
    expectContains(await event(nested), { tags: { place: 'nested', everywhere: 'yes' }, level: 'fatal', user: { id: 'inside' } });
    const after = await event(outside);
    assert.deepEqual(after.tags, { place: 'outside', everywhere: 'yes', stays: 'set without a scope of its own' });
    assert.equal(after.level, 'error');
    assert.equal(after.user, undefined);
  });

  test('withScope ends its scope when the callback throws, and throws on', async (w) => {
    const page = await initialised(w);
    const [text, id] = await page.evaluate(() => {
      let said;
      try {
        tailcone.withScope((scope) => {
          scope.setTag('place', 'inside');
          throw new Error('planned');
        });
      } catch (error) {
        said = error.message;
      }
      return [said, tailcone.captureMessage('afterwards')];
    });
    assert.equal(text, 'planned');
    assert.equal((await w.inbox.waitFor({ event_id: id })).payload.tags?.place, undefined);
  });

  test('ids are given at once, before the module is there, and are those delivered', async (w) => {
    w.site.rule(/\.wasm$/, { delayMs: 700 });
    const page = await initialised(w);
    const [ids, last, took] = await page.evaluate(() => {
      const began = performance.now();
      const given = [
        tailcone.captureException(new Error('planned one')),
        tailcone.captureMessage('planned two'),
        tailcone.captureEvent({ message: 'planned three' }),
      ];
      return [given, tailcone.lastEventId(), performance.now() - began];
    });
    assert.equal((await w.inbox.items({ type: 'event' })).length, 0, 'the module is not there yet');
    for (const id of ids) assert.match(id, hexId);
    assert.equal(new Set(ids).size, 3);
    assert.equal(last, ids[2]);
    assert.ok(took < 200, `three captures took ${took} ms`);
    for (const id of ids) await w.inbox.waitFor({ event_id: id });
    assert.equal((await w.inbox.items({ type: 'event' })).length, 3);
    assert.equal(await page.evaluate(() => client.ready), 'wasm');
  });

  test('flush is true once all is delivered', async (w) => {
    const page = await initialised(w);
    const [id, ok] = await page.evaluate(async () => {
      const event = tailcone.captureMessage('planned');
      return [event, await tailcone.flush(10_000)];
    });
    assert.equal(ok, true);
    assert.equal((await w.inbox.items({ event_id: id })).length, 1);
  });

  test('flush is false when the server does not answer in time', async (w) => {
    await w.inbox.behaviour({ hang: true });
    const page = await initialised(w);
    const [ok, took] = await page.evaluate(async () => {
      await client.ready;
      tailcone.captureMessage('planned');
      const began = performance.now();
      return [await tailcone.flush(600), performance.now() - began];
    });
    assert.equal(ok, false);
    assert.ok(took >= 550 && took < 3000, `flush(600) took ${took} ms`);
  });

  test('close flushes, removes the listeners, and makes the client a no-op', async (w) => {
    const page = await initialised(w);
    const [id, ok] = await page.evaluate(async () => {
      const event = tailcone.captureMessage('before close');
      return [event, await tailcone.close(10_000)];
    });
    assert.equal(ok, true);
    await w.inbox.waitFor({ event_id: id });
    await page.evaluate(() => {
      throwLater();
      rejectLater();
      tailcone.captureMessage('after close');
    });
    await sleep(700);
    assert.equal((await w.inbox.items()).length, 1);
  });

  test('after close, init starts anew', async (w) => {
    const page = await initialised(w);
    await page.evaluate(async (dsn) => {
      await tailcone.close(5000);
      tailcone.init({ dsn });
      throwLater();
    }, w.inbox.dsn);
    await w.inbox.waitFor();
    await sleep(300);
    assert.equal((await w.inbox.items({ type: 'event' })).length, 1);
  });

  test('in a worker, uncaught errors, rejections and messages arrive', async (w) => {
    const page = await w.open('/pages/worker.html');
    await page.evaluate((dsn) => ask(['init', { dsn }]), w.inbox.dsn);
    await page.evaluate(() => ask(['throwLater']));
    const error = await w.inbox.waitFor({ where: (event) => thrown(event)?.value === 'planned worker error' });
    expectContains(thrown(error.payload), {
      type: 'RangeError',
      mechanism: { type: 'auto.browser.global_handlers.onerror', handled: false },
    });
    expectContains(thrown(error.payload).stacktrace.frames.at(-1), {
      filename: `${w.site.url}/pages/worker.js`,
      function: 'workerFails',
      ...place(fixture('worker.js'), 'worker', engine),
    });
    await page.evaluate(() => ask(['rejectLater']));
    await w.inbox.waitFor({ where: (event) => event.exception && thrown(event).value === 'planned worker rejection' });
    const id = await page.evaluate(() => ask(['message', 'from a worker']));
    await w.inbox.waitFor({ event_id: id });
    assert.equal(await page.evaluate(() => ask(['flush', 5000])), true);
    assert.equal((await w.inbox.items({ type: 'event' })).length, 3);
  });

  test('init twice reports each error once', async (w) => {
    const page = await initialised(w, { release: 'first' });
    await page.evaluate((dsn) => void tailcone.init({ dsn, release: 'second' }), w.inbox.dsn);
    await page.evaluate(() => throwLater());
    await w.inbox.waitFor();
    await page.evaluate(() => tailcone.flush(5000));
    await sleep(300);
    const events = await w.inbox.items({ type: 'event' });
    assert.equal(events.length, 1);
  });

  test('an error captured by hand and thrown on is reported once', async (w) => {
    const page = await initialised(w);
    const id = await page.evaluate(() => {
      const error = caught();
      const event = tailcone.captureException(error);
      throwAgain(error);
      return event;
    });
    await w.inbox.waitFor({ event_id: id });
    await sleep(400);
    assert.equal((await w.inbox.items({ type: 'event' })).length, 1);
  });

  test('globalHandlers: false reports what is captured by hand and nothing else', async (w) => {
    const page = await initialised(w, { globalHandlers: false });
    await page.evaluate(() => throwLater());
    await page.evaluate(() => rejectLater());
    const id = await page.evaluate(() => tailcone.captureMessage('by hand'));
    await w.inbox.waitFor({ event_id: id });
    await sleep(300);
    assert.equal((await w.inbox.items({ type: 'event' })).length, 1);
  });

  test('tells servers not to derive an address, unless it is told otherwise', async (w) => {
    for (const [inferIp, settings] of [[undefined, { infer_ip: 'never' }], ['auto', { infer_ip: 'auto' }], ['unsaid', undefined]]) {
      const page = await initialised(w, { inferIp });
      const id = await page.evaluate(() => tailcone.captureMessage('planned'));
      assert.deepEqual((await w.inbox.waitFor({ event_id: id })).payload.sdk.settings, settings);
    }
  });

  test('without a DSN everything is a quiet no-op', async (w) => {
    const page = await w.open('/pages/plain.html');
    const lines = page.lines.length;
    const [id, flushed, ready, listeners] = await page.evaluate(async () => {
      const listeners = [];
      for (const target of [globalThis, document]) {
        target.addEventListener = (type, ...rest) => {
          listeners.push(type);
          EventTarget.prototype.addEventListener.call(target, type, ...rest);
        };
      }
      const client = tailcone.init({});
      tailcone.setTag('a', 'b');
      tailcone.addBreadcrumb({ message: 'a' });
      tailcone.withScope((scope) => scope.setTag('c', 'd'));
      const event = tailcone.captureException(new Error('planned'));
      return [event, await tailcone.flush(1000), await client.ready, listeners];
    });
    assert.deepEqual(listeners, []);
    assert.match(id, hexId);
    assert.equal(flushed, false, 'nothing is ever sent');
    assert.equal(ready, 'disabled');
    await sleep(400);
    assert.deepEqual(w.site.hits.filter(({ path }) => /\.wasm/.test(path)), [], 'nothing is fetched');
    assert.deepEqual(page.lines.slice(lines), []);
    assert.equal((await w.inbox.items()).length, 0);
  });

  for (const dsn of ['not a dsn', 'https://example.com/1', 'http://public@127.0.0.1/', 17]) {
    test(`a bad DSN (${JSON.stringify(dsn)}) is one console error and no exception`, async (w) => {
      const page = await w.open('/pages/plain.html');
      const lines = page.lines.length;
      const [id, ready] = await page.evaluate(async (bad) => {
        const client = tailcone.init({ dsn: bad });
        return [tailcone.captureException(new Error('planned')), await client.ready];
      }, dsn);
      assert.match(id, hexId);
      assert.equal(ready, 'disabled');
      await page.evaluate(() => throwLater());
      await sleep(200);
      const errors = page.lines.slice(lines).filter(({ type, text }) => type === 'error' && !text.includes('planned'));
      assert.equal(errors.length, 1, JSON.stringify(page.lines));
      assert.match(errors[0].text, /dsn/i);
    });
  }

  test('other listeners keep working, and the browser still prints the error', async (w) => {
    const page = await w.open('/pages/plain.html');
    const seen = await page.evaluate(async (dsn) => {
      const log = [];
      addEventListener('error', (event) => log.push(`early ${event.error.message} ${event.defaultPrevented}`));
      tailcone.init({ dsn });
      window.onerror = (message) => void log.push(`onerror ${message.includes('planned')}`);
      addEventListener('error', (event) => log.push(`late ${event.error.message} ${event.defaultPrevented}`));
      addEventListener('unhandledrejection', (event) => log.push(`rejection ${event.reason.message} ${event.defaultPrevented}`));
      throwLater();
      rejectLater();
      await new Promise((done) => setTimeout(done, 300));
      return log;
    }, w.inbox.dsn);
    assert.deepEqual(seen.sort(), [
      'early planned type error false',
      'late planned type error false',
      'onerror true',
      'rejection planned type error false',
    ]);
    await w.inbox.waitFor({ where: (event) => thrown(event).mechanism.type.endsWith('onerror') });
    await w.inbox.waitFor({ where: (event) => thrown(event).mechanism.type.endsWith('onunhandledrejection') });
    assert.ok(page.failures.length >= 1, 'the browser reported the uncaught error as always');
  });

  test('no request needs a CORS preflight', async (w) => {
    const page = await initialised(w);
    await page.evaluate(async () => {
      throwLater();
      tailcone.captureMessage('planned');
      tailcone.captureFeedback({ message: 'words' });
      await tailcone.flush(5000);
    });
    await w.inbox.waitFor({ type: 'feedback' });
    await w.inbox.waitFor({ where: (event) => event.exception });
    const requests = await w.envelopeRequests();
    assert.deepEqual([...new Set(requests.map(({ method }) => method))], ['POST']);
    const { url, headers } = requests.at(-1);
    assert.match(headers['content-type'], /^text\/plain/);
    const query = new URL(url, w.inbox.base).searchParams;
    assert.equal(query.get('sentry_version'), '7');
    assert.equal(query.get('sentry_key'), 'public');
    assert.match(query.get('sentry_client'), /^tailcone\.javascript\.browser\/\d/);
    assert.equal(headers.cookie, undefined);
  });

  test('feedback arrives as a feedback item, tied to its event', async (w) => {
    const page = await initialised(w);
    const [event, id] = await page.evaluate(() => {
      const about = tailcone.captureMessage('planned');
      const words = { message: 'It broke.', name: 'Ann', email: 'ann@example.com', associatedEventId: about };
      return [about, tailcone.captureFeedback(words)];
    });
    const { payload } = await w.inbox.waitFor({ type: 'feedback', event_id: id });
    expectContains(payload.contexts.feedback, {
      message: 'It broke.',
      name: 'Ann',
      contact_email: 'ann@example.com',
      associated_event_id: event,
      source: 'api',
    });
  });

  test('an error right before the page is left arrives, once', async (w) => {
    for (const ready of [true, false]) {
      if (!ready) w.site.rule(/\.wasm$/, { delayMs: 4000 });
      const page = await initialised(w);
      if (ready) await page.evaluate(() => client.ready);
      const text = `planned, ${ready ? 'with' : 'without'} the module`;
      await page
        .evaluate((message) => {
          tailcone.captureException(new Error(message));
          location.href = 'about:blank';
        }, text)
        .catch(() => {});
      const { payload } = await w.inbox.waitFor({ where: (event) => thrown(event).value === text });
      // Firefox stops what a page is loading before it says that the page goes.
      const by = ready ? [undefined] : ['page_hidden', 'wasm_unavailable'];
      assert.ok(by.includes(payload.contexts?.sdk?.fallback), JSON.stringify(payload.contexts));
    }
    // Time for a second copy to arrive, which there must not be.
    await sleep(500);
  });

  test('an error right before the page is closed arrives, once', async (w) => {
    const page = await initialised(w);
    await page.evaluate(() => client.ready);
    await page.evaluate(() => void tailcone.captureException(new Error('planned, closing')));
    await page.close();
    await w.inbox.waitFor({ where: (event) => thrown(event).value === 'planned, closing' });
    await sleep(500);
  });

  test('an error thrown while the page is being left arrives, once', async (w) => {
    const page = await initialised(w);
    await page.evaluate(() => client.ready);
    await page
      .evaluate(() => {
        addEventListener('pagehide', () => tailcone.captureException(new Error('planned, in pagehide')));
        location.href = 'about:blank';
      })
      .catch(() => {});
    await w.inbox.waitFor({ where: (event) => thrown(event).value === 'planned, in pagehide' });
    await sleep(500);
  });

  test('where fetch is missing, a page that hides sends by beacon', async (w) => {
    const page = await initialised(w);
    await page.evaluate(() => client.ready);
    await page
      .evaluate(() => {
        delete globalThis.fetch;
        globalThis.fetch = undefined;
        tailcone.captureException(new Error('planned, by beacon'));
        location.href = 'about:blank';
      })
      .catch(() => {});
    await w.inbox.waitFor({ where: (event) => thrown(event).value === 'planned, by beacon' });
    const sent = (await w.envelopeRequests()).at(-1);
    assert.equal(sent.headers['sec-fetch-mode'], 'no-cors', 'only a beacon is sent so');
  });
});
