// The transport that keeps what gets no answer, `tailcone/offline`: what is kept arrives once, whatever page sends it.
import assert from 'node:assert/strict';
import { losses, messageOf, messages, senders } from '../lib/expect.mjs';
import { sleep, until } from '../lib/process.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

const away = (w, how = {}) => w.inbox.behaviour({ destroy: true, ...how });
const numbered = (count, name = 'event') => Array.from({ length: count }, (_, i) => `${name} ${i}`);

/** A page with the package and its transport, and what is kept so far (`again`) or nothing; what comes to nothing there
 * is planned. */
async function started(w, { again = false, kept, prepare = () => {}, ...options } = {}) {
  w.plan(/NetworkError|Failed to fetch|Cross-Origin|access control|connection|nowhere|load failed/i);
  const page = await w.open('/pages/plain.html');
  await page.evaluate(prepare);
  await page.evaluate(
    async (options, kept, again) => {
      const { offlineTransport } = await import('/dist/offline.js');
      globalThis.transport = offlineTransport(kept);
      if (!again) await transport.clear().catch(() => {});
      await tailcone.init({ ...options, transport, sdkLogLevel: 'none', dedupe: false, floodControl: false }).ready;
      globalThis.say = async (...texts) => Promise.all(texts.map((text) => tailcone.explain(tailcone.captureMessage(text))));
    },
    { dsn: w.inbox.dsn, ...options },
    kept,
    again,
  );
  return page;
}

const say = (page, ...texts) => page.evaluate((...texts) => say(...texts), ...texts);
/** Does not wait for the pause to end. */
const hurry = (page) => page.evaluate(() => void dispatchEvent(new Event('online')));
const arrived = (w, count) =>
  until(async () => (await w.inbox.items({ type: 'event' })).length >= count, () => `${count} events`, { timeoutMs: 20_000 });

/** All entries, as they are kept. */
const entries = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.open('tailcone');
        request.onerror = reject;
        request.onsuccess = () => {
          const all = request.result.transaction('envelopes').objectStore('envelopes').getAll();
          all.onsuccess = () => {
            request.result.close();
            resolve(JSON.parse(JSON.stringify(all.result)));
          };
        };
      }),
  );
const emptied = (page) => until(async () => !(await entries(page))[0], () => 'an empty store', { timeoutMs: 20_000 });

forEachBrowser('the offline store', (test) => {
  for (const [how, wasm] of senders) {
    test(`what gets no answer is kept, and sent from the next page${how}`, async (w) => {
      const page = await started(w, { wasm });
      await away(w);
      const results = await say(page, ...numbered(5));
      assert.deepEqual(results, Array(5).fill({ status: 'offline', reason: 'stored' }));
      assert.equal(await page.evaluate(() => tailcone.flush()), true);
      assert.deepEqual(await messages(w), []);
      await page.close();
      await w.inbox.behaviour({});
      const next = await started(w, { wasm, again: true });
      await arrived(w, 5);
      await emptied(next);
      assert.deepEqual(await messages(w), numbered(5));
      assert.deepEqual(await losses(w), {});
    });
  }

  test('two tabs send what both have kept, each event once, in its order', async (w) => {
    const tabs = [await started(w), await started(w)];
    await away(w);
    for (let i = 0; i < 20; i++) await say(tabs[i & 1], `event ${i + 10}`);
    await w.inbox.behaviour({});
    await Promise.all(tabs.map(hurry));
    await arrived(w, 20);
    await Promise.all(tabs.map(hurry));
    await emptied(tabs[0]);
    const times = (await w.inbox.items({ type: 'event' })).map(({ payload }) => messageOf(payload));
    assert.deepEqual(times, Array.from({ length: 20 }, (_, i) => `event ${i + 10}`));
  });

  test('two tabs do so without Web Locks, too', async (w) => {
    const prepare = () => void Object.defineProperty(navigator, 'locks', { value: undefined });
    const tabs = [await started(w, { prepare }), await started(w, { prepare })];
    await away(w);
    for (let i = 0; i < 10; i++) await say(tabs[i & 1], `event ${i}`);
    await w.inbox.behaviour({});
    await Promise.all(tabs.map(hurry));
    await arrived(w, 10);
    await Promise.all(tabs.map(hurry));
    assert.deepEqual(await messages(w), numbered(10));
  });

  test('while nobody answers, the pauses grow, and nothing but the oldest is tried', async (w) => {
    const page = await started(w);
    await away(w);
    await say(page, ...numbered(20));
    const before = (await w.envelopeRequests()).length;
    await say(page, ...numbered(20, 'later'));
    await hurry(page);
    await sleep(500);
    // Browsers themselves ask once more where a connection that was open already breaks.
    assert.ok((await w.envelopeRequests()).length - before <= 2);
    assert.equal((await entries(page)).length, 40);
  });

  for (const [what, kept, lost] of [
    ['entries', { maxEntries: 3 }, 5],
    ['bytes', { maxBytes: 4000 }, undefined],
    ['age', { maxAge: 1 }, 8],
  ]) {
    test(`bounds hold, the oldest make room, and are counted: ${what}`, async (w) => {
      const page = await started(w, { kept });
      await away(w);
      for (const text of numbered(8)) await say(page, text);
      await w.inbox.behaviour({});
      await hurry(page);
      await until(async () => (await losses(w))['error: cache_overflow'], () => 'a report');
      const left = await messages(w);
      assert.ok(lost === undefined ? left.length > 0 && left.length < 8 : left.length === 8 - lost, `${left}`);
      assert.deepEqual(left, numbered(8).slice(8 - left.length));
      assert.deepEqual(await losses(w), { 'error: cache_overflow': 8 - left.length });
      await emptied(page);
    });
  }

  test('what the server refuses is counted; what it limits waits', async (w) => {
    const page = await started(w);
    await away(w);
    await say(page, ...numbered(2));
    await w.inbox.behaviour({ status: 400, times: 1 });
    await hurry(page);
    await arrived(w, 1);
    await until(async () => (await losses(w))['error: send_error'], () => 'a report');
    assert.deepEqual(await losses(w), { 'error: send_error': 1 });

    await away(w);
    await say(page, ...numbered(3, 'limited'));
    await w.inbox.behaviour({ status: 200, headers: { 'x-sentry-rate-limits': '3:error:key' }, times: 1 });
    const before = (await w.envelopeRequests()).length;
    await hurry(page);
    await sleep(1500);
    assert.equal((await w.envelopeRequests()).length - before, 1);
    await arrived(w, 4);
    assert.deepEqual(await losses(w), { 'error: send_error': 1 });
  });

  test('losses that an envelope tells of are not lost with it, nor are those of attachments', async (w) => {
    const page = await started(w);
    await away(w);
    await page.evaluate(async () => {
      tailcone.addEventProcessor((event) => (event.logentry?.formatted === 'dropped' ? null : event));
      tailcone.captureMessage('dropped');
      await tailcone.explain(tailcone.lastEventId());
      tailcone.captureMessage('refused', { attachments: [{ filename: 'a.bin', data: new Uint8Array([10, 0, 255, 10, 10]) }] });
      await tailcone.explain(tailcone.lastEventId());
    });
    await w.inbox.behaviour({ status: 400, times: 1 });
    await hurry(page);
    await until(async () => (await losses(w))['error: send_error'], () => 'a report');
    assert.deepEqual(await losses(w), { 'error: event_processor': 1, 'error: send_error': 1, 'attachment: send_error': 5 });
  });

  for (const status of [200, 429]) {
    test(`what tells of losses alone is kept, too, whatever the answer: ${status}`, async (w) => {
      const page = await started(w);
      await away(w);
      await say(page, 'first');
      await page.evaluate(async () => {
        tailcone.addEventProcessor(() => null);
        tailcone.captureMessage('dropped');
        await tailcone.flush();
      });
      assert.equal((await entries(page)).length, 2);
      await w.inbox.behaviour({});
      await hurry(page);
      await arrived(w, 1);
      await w.inbox.behaviour(status === 429 ? { status, headers: { 'retry-after': '1' }, times: 1 } : {});
      await until(async () => (await losses(w))['error: event_processor'], () => 'a report');
      await emptied(page);
      assert.deepEqual(await losses(w), { 'error: event_processor': 1 });
    });
  }

  test('attachments and feedback are kept, too, and no time of sending', async (w) => {
    const page = await started(w);
    await away(w);
    const began = Date.now();
    await page.evaluate(async () => {
      const data = new Uint8Array([10, 0, 255, 10, 10]);
      await tailcone.explain(tailcone.captureMessage('with a file', { attachments: [{ filename: 'a.bin', data }] }));
      await tailcone.explain(tailcone.captureFeedback({ message: 'words' }));
    });
    await sleep(2000);
    await w.inbox.behaviour({});
    await hurry(page);
    await emptied(page);
    const items = await w.inbox.items();
    assert.deepEqual(items.map(({ type }) => type).sort(), ['attachment', 'event', 'feedback']);
    const [item] = items;
    const [header] = (await w.inbox.raw(item.envelope_seq ?? item.envelope.seq)).split('\n');
    assert.ok(Date.parse(JSON.parse(header).sent_at) >= began + 2000, header);
  });

  for (const [what, prepare] of [
    ['missing', () => void Object.defineProperty(globalThis, 'indexedDB', { value: undefined, configurable: true })],
    [
      'forbidden',
      () => {
        IDBFactory.prototype.open = () => {
          throw new DOMException('planned', 'SecurityError');
        };
      },
    ],
    ['silent', () => void (IDBFactory.prototype.open = () => ({}))],
    [
      'full',
      () => {
        IDBObjectStore.prototype.add = () => {
          throw new DOMException('planned', 'QuotaExceededError');
        };
      },
    ],
  ]) {
    test(`where the storage is ${what}, memory does`, async (w) => {
      const page = await started(w, { prepare });
      await away(w, { times: 4 });
      const results = await say(page, ...numbered(2));
      assert.deepEqual(results, Array(2).fill({ status: 'sent' }));
      assert.deepEqual(await messages(w), numbered(2));
    });
  }

  test('what cannot be read is dropped and counted', async (w) => {
    const page = await started(w);
    await away(w);
    await say(page, 'first');
    await page.evaluate(
      () =>
        new Promise((resolve) => {
          const request = indexedDB.open('tailcone');
          request.onsuccess = () => {
            const store = request.result.transaction('envelopes', 'readwrite').objectStore('envelopes');
            const all = store.getAll();
            all.onsuccess = () => void store.add({ ...all.result[0], body: '{"no' });
            store.transaction.oncomplete = () => resolve(request.result.close());
          };
        }),
    );
    await w.inbox.behaviour({});
    await hurry(page);
    await until(async () => (await losses(w))['error: internal_sdk_error'], () => 'a report');
    assert.deepEqual(await messages(w), ['first']);
    assert.deepEqual(await losses(w), { 'error: internal_sdk_error': 1 });
  });

  test('nothing is left of what was forgotten', async (w) => {
    const page = await started(w);
    await away(w);
    await say(page, ...numbered(3));
    assert.equal((await entries(page)).length, 3);
    await page.evaluate(() => transport.clear());
    assert.deepEqual(await entries(page), []);
  });

  for (const [how, leave, options] of [
    ['is left', (page, url) => page.goto(url), {}],
    // A tab of Firefox that is closed takes what it is writing with it; WebDriver closes without asking the page.
    [
      'is frozen and discarded',
      async (page) => {
        const session = await page.createCDPSession();
        await session.send('Page.setWebLifecycleState', { state: 'frozen' });
        await sleep(200);
        session.send('Page.crash').catch(() => {});
      },
      { only: ['chromium'] },
    ],
    ['is closed', (page) => page.close({ runBeforeUnload: true }), { only: ['chromium'] }],
  ]) {
    test(`a request that is too large to outlive the page is kept when the page ${how}`, options, async (w) => {
      const page = await started(w);
      await w.inbox.behaviour({ delayMs: 60_000, times: 1 });
      await page.evaluate(() => {
        tailcone.captureMessage('large', { captureContext: { extra: Object.fromEntries(Array.from({ length: 10 }, (_, i) => [i, 'x'.repeat(7000)])) } });
      });
      await until(async () => (await w.envelopeRequests()).length, 'the request to be under way');
      await leave(page, `${w.site.url}/pages/failing.js`);
      await sleep(1000);
      await w.inbox.behaviour({});
      const next = await started(w, { again: true });
      await arrived(w, 1);
      await emptied(next);
      const [{ payload }] = await w.inbox.items({ type: 'event' });
      assert.equal(messageOf(payload), 'large');
      assert.equal(payload.extra[9].length, 7000);
    });
  }

  test('without a network nothing is tried; when it is back all arrives', { only: ['chromium'] }, async (w) => {
    const page = await started(w);
    const before = (await w.envelopeRequests()).length;
    await page.setOfflineMode(true);
    const results = await say(page, ...numbered(50, 'offline'));
    assert.deepEqual(new Set(results.map(({ reason }) => reason)), new Set(['stored']));
    await page.setOfflineMode(false);
    await arrived(w, 50);
    assert.deepEqual(await messages(w), numbered(50, 'offline').sort());
    assert.equal((await w.envelopeRequests()).length - before, 50);
    assert.deepEqual(await losses(w), {});
  });
});
