// The way out of the page when the server or the network is not well: what is sent again, what is not sent at all, and
// what is counted.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { expectContains, losses, messageOf, messages, thrown } from '../lib/expect.mjs';
import { crossing } from '../lib/names.mjs';
import { sleep } from '../lib/process.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

const limits = JSON.parse(readFileSync(new URL('../fixtures/limits.json', import.meta.url), 'utf8'));

/** The senders: the module, and what takes its place. */
const senders = [
  ['the module', undefined],
  ['the fallback sender', 'nowhere.wasm'],
];

forEachBrowser('delivery', (test, engine) => {
  for (const [sender, wasm] of senders) {
    test(`${sender} keeps ${limits.length} limits as the server says them`, { timeout: 120_000 }, async (w) => {
      if (wasm) w.plan(/nowhere/);
      const page = await w.open('/pages/plain.html');
      for (const { status, limits: header, retry_after, error, feedback } of limits) {
        const headers = { ...(header && { 'x-sentry-rate-limits': header }), ...(retry_after && { 'retry-after': retry_after }) };
        await w.inbox.behaviour({ status, headers, times: 1 });
        const before = (await w.envelopeRequests()).length;
        const seen = await page.evaluate(
          async (dsn, wasm) => {
            const it = tailcone.createInstance();
            const client = it.init({ dsn, wasm, globalHandlers: false, breadcrumbs: false, sdkLogLevel: 'none' });
            it.captureMessage('before');
            await client.ready;
            await it.explain(it.lastEventId());
            const began = Date.now();
            const told = [it.captureMessage('after'), it.captureFeedback({ message: 'after' })].map((id) => it.explain(id));
            const ends = (await Promise.all(told)).map(({ status, until }) =>
              status === 'rate_limited' ? Math.round((until - began) / 1000) : null,
            );
            // No more than the end of a second between the answer and what is asked after it.
            it.setEnabled(false);
            return ends;
          },
          w.inbox.dsn,
          wasm,
        );
        const row = JSON.stringify({ status, header, retry_after });
        const near = (end, expected) => (end === null ? expected === null : expected !== null && end <= expected && end >= expected - 1);
        assert.ok(near(seen[0], error) && near(seen[1], feedback), `${row}: ${seen} s, not ${[error, feedback]}`);
        const requests = (await w.envelopeRequests()).length - before;
        assert.equal(requests, 1 + [error, feedback].filter((end) => end === null).length, `${row}: requests`);
      }
      // What they count they tell when they go, and not into the next test.
      await page.goto(`${w.site.url}/pages/failing.js`);
      await sleep(500);
    });
  }

  test('what is captured while connections break arrives when they do not any more, once', async (w) => {
    w.plan(/NetworkError|Failed to fetch|Cross-Origin|access control|connection/i);
    const page = await w.open('/pages/plain.html');
    await w.inbox.behaviour({ destroy: true, times: 10 });
    const results = await page.evaluate(async (dsn) => {
      tailcone.init({ dsn, sdkLogLevel: 'none' });
      const ids = Array.from({ length: 10 }, (_, i) => tailcone.captureMessage(`event ${i}`));
      return Promise.all(ids.map((id) => tailcone.explain(id)));
    }, w.inbox.dsn);
    assert.deepEqual([...new Set(results.map(({ status }) => status))], ['sent']);
    assert.deepEqual(await messages(w), Array.from({ length: 10 }, (_, i) => `event ${i}`));
    assert.deepEqual(await losses(w), {});
  });

  test('an answer of 503 is final, and counted; sent again where that is wanted', async (w) => {
    const page = await w.open('/pages/plain.html');
    for (const [retryOn5xx, sent] of [
      [false, { status: 'failed', reason: 'send_error' }],
      [true, { status: 'sent' }],
    ]) {
      await w.inbox.clear();
      await w.inbox.behaviour({ status: 503, times: 1 });
      const result = await page.evaluate(
        async (options) => {
          tailcone.init(options);
          const result = await tailcone.explain(tailcone.captureMessage('planned'));
          await tailcone.flush();
          return result;
        },
        { dsn: w.inbox.dsn, retryOn5xx },
      );
      assert.deepEqual(result, sent);
      assert.deepEqual(await losses(w), retryOn5xx ? {} : { 'error: send_error': 1 });
    }
  });

  test('a server that does not answer in time is asked again', async (w) => {
    const page = await w.open('/pages/plain.html');
    await w.inbox.behaviour({ hang: true, times: 2 });
    const result = await page.evaluate(async (dsn) => {
      tailcone.init({ dsn, requestTimeout: 300, sdkLogLevel: 'none' });
      return tailcone.explain(tailcone.captureMessage('planned'));
    }, w.inbox.dsn);
    assert.deepEqual(result, { status: 'sent' });
    assert.deepEqual(await messages(w), ['planned']);
  });

  test('so many attempts, and no more, are made as sendMaxAttempts says', async (w) => {
    const page = await w.open('/pages/plain.html');
    const seen = await page.evaluate(async (dsn) => {
      const seen = [];
      for (const sendMaxAttempts of [1, 2]) {
        let calls = 0;
        const transport = async (url, { keepalive }) => {
          if (!keepalive) calls++;
          throw new Error('planned');
        };
        tailcone.init({ dsn, sendMaxAttempts, transport, sdkLogLevel: 'none' });
        const { status, reason } = await tailcone.explain(tailcone.captureMessage('planned'));
        seen.push([calls, status, reason]);
      }
      return seen;
    }, w.inbox.dsn);
    assert.deepEqual(seen, [
      [1, 'blocked', 'network_error'],
      [2, 'blocked', 'network_error'],
    ]);
  });

  for (const [sender, wasm] of senders) {
    test(`a transport of one’s own sends for ${sender}; fetchOptions are those of its requests`, async (w) => {
      if (wasm) w.plan(/nowhere/);
      const page = await w.open('/pages/plain.html');
      const seen = await page.evaluate(
        async (dsn, wasm) => {
          const seen = [];
          const transport = async (url, { body, method, cache, credentials, redirect }) => {
            seen.push({ url: url.split('?')[0], method, cache, credentials, redirect });
            return { status: (await fetch(url, { method, body })).status };
          };
          tailcone.init({ dsn, wasm, transport, fetchOptions: { cache: 'no-store', credentials: 'include', redirect: 'follow' } });
          tailcone.captureMessage('planned');
          return { flushed: await tailcone.flush(), seen };
        },
        w.inbox.dsn,
        wasm,
      );
      assert.deepEqual(await messages(w), ['planned']);
      const { protocol, host, pathname } = new URL(w.inbox.dsn);
      const url = `${protocol}//${host}/api${pathname}/envelope/`;
      const how = { url, method: 'POST', cache: 'no-store', credentials: 'include', redirect: 'manual' };
      assert.deepEqual(seen, { flushed: true, seen: [how] });
    });
  }

  test('a tunnel is told the DSN in the header, and gets no key in its URL; an empty one is none', async (w) => {
    const page = await w.open('/pages/plain.html');
    const { host, pathname } = new URL(w.inbox.dsn);
    for (const [tunnel, told] of [
      [`http://${host}/api${pathname}/envelope/`, w.inbox.dsn],
      ['', undefined],
    ]) {
      await page.evaluate(
        async (options) => {
          tailcone.init(options);
          tailcone.captureMessage('planned');
          await tailcone.flush();
          await tailcone.close();
        },
        { dsn: w.inbox.dsn, tunnel, dedupe: false },
      );
      const items = await w.inbox.items({ type: 'event' });
      const [header] = (await w.inbox.raw(items.at(-1).envelope_seq ?? items.at(-1).envelope.seq)).split('\n');
      assert.equal(JSON.parse(header).dsn, told);
      const { url } = (await w.envelopeRequests()).at(-1);
      assert.equal(/sentry_key/.test(url), !tunnel, url);
      await w.inbox.clear();
    }
  });

  test('what is captured without a network arrives when it is back, however long that takes', { only: ['chromium'] }, async (w) => {
    w.plan(/./);
    const page = await w.open('/pages/plain.html');
    await page.evaluate(async (dsn) => {
      const client = tailcone.init({ dsn, sdkLogLevel: 'none', sendMaxAttempts: 1 });
      tailcone.captureMessage('before');
      await client.ready;
      await tailcone.flush();
    }, w.inbox.dsn);
    await page.setOfflineMode(true);
    await page.evaluate(() => {
      for (let i = 0; i < 50; i++) tailcone.captureMessage(`event ${i}`);
    });
    await sleep(8000);
    assert.deepEqual(await messages(w), ['before']);
    await page.setOfflineMode(false);
    await page.evaluate(() => tailcone.flush(10_000));
    assert.equal((await messages(w)).length, 51);
    assert.equal(new Set(await messages(w)).size, 51);
    assert.deepEqual(await losses(w), {});
  });

  test('what is too large to outlive the page goes out smaller when the page goes, and says so', async (w) => {
    const page = await w.open('/pages/plain.html');
    await page.evaluate((dsn) => tailcone.init({ dsn, sdkLogLevel: 'none' }).ready, w.inbox.dsn);
    await w.inbox.behaviour({ delayMs: 3000, times: 1 });
    await page.evaluate(async () => {
      const extra = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`part ${i}`, 'x'.repeat(7000)]));
      tailcone.captureMessage('large', { captureContext: { extra } });
      await new Promise((done) => setTimeout(done, 300));
    });
    await page.goto(`${w.site.url}/pages/failing.js`);
    const { payload } = await w.inbox.waitFor({ where: (payload) => messageOf(payload) === 'large' });
    assert.ok(JSON.stringify(payload).length < 60 * 1024);
    assert.ok(payload._meta, 'it says what it lacks');
    assert.equal(payload.extra['part 0'].length, 7000);
    await sleep(3500);
    assert.deepEqual(await losses(w), {});
    // Remarks are what the check of all events is there to find.
    await w.inbox.clear();
  });

  test('whatever export the module traps at, the event arrives, once, and the next one does', async (w) => {
    const page = await w.open('/pages/plain.html');
    const times = await page.evaluate(
      async (dsn, names) => (await import('/pages/traps.js')).traps(tailcone, dsn, 1, names),
      w.inbox.dsn,
      crossing(),
    );
    assert.equal(times.length, 8);
    await page.evaluate(() => tailcone.flush());
    const events = (await w.inbox.items({ type: 'event' })).map(({ payload }) => payload);
    const all = Array.from({ length: 9 }, (_, i) => [`trap ${i}`, ...(i < 8 ? [`after ${i}`] : [])]).flat();
    assert.deepEqual(events.map((event) => thrown(event).type).sort(), all.sort());
    for (const event of events) assert.equal(event.tags.kept, 'yes');
    assert.deepEqual(await losses(w), { 'error: event_processor': 1 });
  });

  test('an event that the module traps at arrives, the next one goes its usual way, and the scope stays', async (w) => {
    const page = await w.open('/pages/plain.html');
    await page.evaluate(async (dsn) => {
      const client = tailcone.init({ dsn, sdkLogLevel: 'none', dedupe: false, floodControl: false });
      tailcone.setTag('area', 'kept');
      tailcone.captureMessage('first');
      await client.ready;
      await tailcone.flush();
      // What the shim gives the module by is broken for as long as one call takes.
      const { encode } = TextEncoder.prototype;
      for (let i = 0; i < 5; i++) {
        TextEncoder.prototype.encode = () => {
          throw new Error('planned');
        };
        tailcone.captureMessage(`trap ${i}`);
        TextEncoder.prototype.encode = encode;
        await tailcone.explain(tailcone.lastEventId());
        await new Promise((done) => setTimeout(done, 50));
        tailcone.captureMessage(`after ${i}`);
        await tailcone.explain(tailcone.lastEventId());
      }
    }, w.inbox.dsn);
    const events = (await w.inbox.items({ type: 'event' })).map(({ payload }) => payload);
    const numbers = [0, 1, 2, 3, 4];
    const all = ['first', ...numbers.flatMap((i) => [`trap ${i}`, `after ${i}`])];
    assert.deepEqual(events.map(messageOf).sort(), all.sort());
    for (const event of events) {
      expectContains(event, { tags: { area: 'kept' } });
      assert.equal(event.contexts.sdk?.fallback, /^trap/.test(messageOf(event)) ? 'wasm_trap' : undefined, messageOf(event));
    }
  });

  test('what is under way when the module traps is not sent a second time, and counted if it is refused', async (w) => {
    const page = await w.open('/pages/plain.html');
    await page.evaluate(async (dsn) => {
      const client = tailcone.init({ dsn, sdkLogLevel: 'none' });
      tailcone.captureMessage('first');
      await client.ready;
      await tailcone.flush();
      globalThis.trap = (text) => {
        const { encode } = TextEncoder.prototype;
        TextEncoder.prototype.encode = () => {
          throw new Error('planned');
        };
        tailcone.captureMessage(text);
        TextEncoder.prototype.encode = encode;
        return tailcone.lastEventId();
      };
    }, w.inbox.dsn);
    for (const [name, status, became] of [
      ['taken', 200, 'sent'],
      ['refused', 500, 'failed'],
    ]) {
      await w.inbox.behaviour({ delayMs: 700, status, times: 1 });
      const seen = await page.evaluate(async (name) => {
        const flying = tailcone.captureMessage(`${name}, under way`);
        await new Promise((done) => setTimeout(done, 250));
        const ids = [flying, trap(`${name}, trapped`)];
        return (await Promise.all(ids.map((id) => tailcone.explain(id)))).map(({ status }) => status);
      }, name);
      assert.deepEqual(seen, [became, 'sent'], name);
    }
    const all = ['first', 'refused, trapped', 'taken, trapped', 'taken, under way'];
    assert.deepEqual(await messages(w), all);
    await page.evaluate(() => tailcone.flush());
    assert.deepEqual(await losses(w), { 'error: send_error': 1 });
  });
});
