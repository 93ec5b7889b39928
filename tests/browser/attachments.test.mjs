// Files that travel with events and feedback: which of them go, what arrives of them, and what is counted when they do
// not.
import assert from 'node:assert/strict';
import { expectContains, losses, messageOf, senders } from '../lib/expect.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

/** What has arrived, the files of each event by its message. */
async function arrived(w) {
  const items = await w.inbox.items();
  const files = {};
  for (const { type, event_id, payload } of items)
    if (type === 'event' || type === 'feedback')
      files[messageOf(payload) ?? payload.contexts.feedback.message] = items
        .filter((other) => other.type === 'attachment' && other.event_id === event_id)
        .map(({ payload: text, item_header: { length, filename, content_type, attachment_type } }) => ({
          text,
          length,
          filename,
          content_type,
          attachment_type,
        }));
  return files;
}

const names = (files) => Object.fromEntries(Object.entries(files).map(([of, list]) => [of, list.map((file) => file.filename)]));

forEachBrowser('attachments', (test) => {
  for (const [how, wasm] of senders) {
    test(`texts, bytes and blobs arrive with their event as they were when they were given${how}`, async (w) => {
      if (wasm) w.plan(/nowhere/);
      const page = await w.open('/pages/plain.html');
      await page.evaluate(
        async (dsn, wasm) => {
          tailcone.init({ dsn, wasm });
          const bytes = new TextEncoder().encode('grüß\n');
          tailcone.withScope((scope) => {
            scope.addAttachment({ filename: 'a "b".txt', data: 'line 1\nline 2', contentType: 'text/plain' });
            scope.addAttachment({ filename: 'bytes', data: bytes.subarray(0, 6) });
            scope.addAttachment({ filename: 'blob.json', data: new Blob(['{"a":1}']), attachmentType: 'event.view_hierarchy' });
            scope.addAttachment({ filename: '', data: '' });
            scope.addAttachment({ filename: 'none' });
            bytes.fill(65);
            tailcone.captureMessage('with files');
          });
          tailcone.captureMessage('without');
          await tailcone.flush();
        },
        w.inbox.dsn,
        wasm,
      );
      assert.deepEqual(await arrived(w), {
        'with files': [
          { text: 'line 1\nline 2', length: 13, filename: 'a "b".txt', content_type: 'text/plain', attachment_type: undefined },
          { text: 'grüß', length: 6, filename: 'bytes', content_type: undefined, attachment_type: undefined },
          { text: '{"a":1}', length: 7, filename: 'blob.json', content_type: undefined, attachment_type: 'event.view_hierarchy' },
          { text: '', length: 0, filename: 'attachment', content_type: undefined, attachment_type: undefined },
        ],
        without: [],
      });
      assert.deepEqual(await losses(w), {});
    });
  }

  test('they come from every scope, from hints, through hooks, and to feedback', async (w) => {
    const page = await w.open('/pages/plain.html');
    await page.evaluate(async (dsn) => {
      const file = (filename) => ({ filename, data: filename });
      tailcone.init({ dsn, beforeSend: (event) => event, initialScope: { attachments: [file('initial')] } });
      tailcone.getGlobalScope().addAttachment(file('global'));
      tailcone.addAttachment(file('isolation'));
      tailcone.captureMessage('plain');
      tailcone.captureMessage('hint', { attachments: [file('one'), file('two')] });
      tailcone.captureMessage('context', { captureContext: { attachments: [file('one')] } });
      tailcone.withScope((scope) => {
        scope.addAttachment(file('current'));
        tailcone.captureMessage('scope');
        scope.clear();
        tailcone.captureMessage('cleared');
      });
      tailcone.captureFeedback({ message: 'words' }, { attachments: [file('screenshot.png')] });
      await tailcone.flush();
    }, w.inbox.dsn);
    const all = ['global', 'initial', 'isolation'];
    assert.deepEqual(names(await arrived(w)), {
      plain: all,
      hint: [...all, 'one', 'two'],
      context: [...all, 'one'],
      scope: [...all, 'current'],
      cleared: all,
      words: [...all, 'screenshot.png'],
    });
  });

  test('binary data of some size arrives whole', async (w) => {
    const page = await w.open('/pages/plain.html');
    await page.evaluate(async (dsn) => {
      tailcone.init({ dsn });
      const data = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
      tailcone.captureMessage('big', { attachments: [{ filename: 'big.bin', data: data.buffer }] });
      await tailcone.flush(10_000);
    }, w.inbox.dsn);
    const [file] = await w.inbox.items({ type: 'attachment' });
    expectContains(file.item_header, { length: 300_000, filename: 'big.bin' });
    const bytes = Buffer.from(await (await fetch(`${w.inbox.base}/api/inbox/envelopes/${file.envelope_seq}/raw`)).arrayBuffer());
    const at = bytes.indexOf('\n', bytes.indexOf('big.bin')) + 1;
    assert.ok(bytes.subarray(at, at + 300_000).every((byte, i) => byte === i % 251));
  });

  test('of one event 20 MiB go; what is more is counted in bytes', async (w) => {
    const page = await w.open('/pages/plain.html');
    await page.evaluate(async (dsn) => {
      tailcone.init({ dsn });
      const half = new Blob(['x'.repeat(10 * 1024 * 1024)]);
      const attachments = [half, half, 'over', ''].map((data, i) => ({ filename: `${i}`, data }));
      tailcone.captureMessage('full', { attachments });
      await tailcone.flush(20_000);
    }, w.inbox.dsn);
    assert.deepEqual(names(await arrived(w)), { full: ['0', '1', '3'] });
    assert.deepEqual(await losses(w), { 'attachment: invalid': 4 });
  });

  test('where the server wants no attachments, events go without them, and they are counted', async (w) => {
    await w.inbox.behaviour({ headers: { 'X-Sentry-Rate-Limits': '60:attachment:organization' }, times: 1 });
    const page = await w.open('/pages/plain.html');
    await page.evaluate(async (dsn) => {
      tailcone.init({ dsn });
      tailcone.captureMessage('first', { attachments: [{ filename: 'a', data: '123' }] });
      await tailcone.flush();
      tailcone.captureMessage('second', { attachments: [{ filename: 'b', data: '12345' }] });
      await tailcone.flush();
    }, w.inbox.dsn);
    assert.deepEqual(names(await arrived(w)), { first: ['a'], second: [] });
    assert.deepEqual(await losses(w), { 'attachment: ratelimit_backoff': 5 });
  });

  for (const [how, wasm] of senders) {
    test(`they are lost with their event, and counted${how}`, async (w) => {
      if (wasm) w.plan(/nowhere/);
      const page = await w.open('/pages/plain.html');
      await w.inbox.behaviour({ status: 500, times: 1 });
      await page.evaluate(
        async (dsn, wasm) => {
          const client = tailcone.init({ dsn, wasm });
          await client.ready;
          tailcone.captureMessage('first', { attachments: [{ filename: 'a', data: '123' }] });
          await tailcone.flush();
          tailcone.captureMessage('second');
          await tailcone.flush();
        },
        w.inbox.dsn,
        wasm,
      );
      assert.deepEqual(await losses(w), { 'error: send_error': 1, 'attachment: send_error': 3 });
    });
  }

  test('while the page goes, what is small goes with its event, and what is not stays behind', async (w) => {
    const page = await w.open('/pages/plain.html');
    await page.evaluate((dsn) => {
      tailcone.init({ dsn });
      addEventListener('pagehide', () => {
        tailcone.captureMessage('small', { attachments: [{ filename: 'a', data: 'x'.repeat(2000) }] });
        tailcone.captureMessage('large', { attachments: [{ filename: 'b', data: 'x'.repeat(100_000) }] });
      });
    }, w.inbox.dsn);
    await page.goto(`${w.site.url}/pages/empty.html`).catch(() => {});
    await w.inbox.waitFor({ where: (payload) => messageOf(payload) === 'small' });
    await w.inbox.waitFor({ where: (payload) => messageOf(payload) === 'large' });
    assert.deepEqual(names(await arrived(w)), { small: ['a'], large: [] });
  });

  test('with whatever else in the place of a file nothing fails', async (w) => {
    const page = await w.open('/pages/plain.html');
    await page.evaluate(async (dsn) => {
      tailcone.init({ dsn });
      for (const odd of [undefined, null, 7, {}, { filename: 'symbol', data: Symbol('x') }, new Proxy({}, { get: () => boom() })])
        tailcone.addAttachment(odd);
      tailcone.captureMessage('odd', { attachments: 7 });
      tailcone.captureMessage('odder', { attachments: [{ filename: {}, data: '1', contentType: Symbol('x') }] });
      await tailcone.flush();
    }, w.inbox.dsn);
    const files = await arrived(w);
    assert.equal(files.odder.at(-1).text, '1');
    assert.deepEqual(files.odd.map(({ text }) => text).slice(-1), ['Symbol(x)']);
  });
});
