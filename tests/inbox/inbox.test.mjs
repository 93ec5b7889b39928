// The inbox as senders and tests meet it: what it takes, how it is asked, and how it is told to misbehave.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli, envelope, errorEvent, eventEnvelope, feedbackEvent, head, newId, now, run, sdk, startInbox } from './harness.mjs';

describe('the command', () => {
  test('--version says the version, --help names the subcommand', async () => {
    const version = await run('--version');
    assert.equal(version.code, 0);
    assert.match(version.stdout, /^\d+\.\d+\.\d+\S*\n$/);
    const help = await run('--help');
    assert.equal(help.code, 0);
    assert.match(help.stdout, /inbox/);
    assert.match((await run('inbox', '--help')).stdout, /--port/);
  });

  test('a wrong command, option or port ends with 2 and one sentence', async () => {
    for (const args of [['outbox'], ['inbox', '--prot', '1'], ['inbox', '--port', '70000'], ['inbox', '--max-size', 'big']]) {
      const { code, stderr, stdout } = await run(...args);
      assert.equal(code, 2, args.join(' '));
      assert.match(stderr, /^tailcone/);
      assert.equal(stdout, '');
    }
  });

  test('a port in use is said plainly, and --json prints exactly one line', async () => {
    const first = await startInbox();
    try {
      const { code, stderr } = await run('inbox', '--port', String(first.port));
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`port ${first.port} is in use`));
      assert.equal(first.dsn, `http://public@127.0.0.1:${first.port}/1`);
      await first.send(eventEnvelope());
      assert.deepEqual(first.lines, []);
    } finally {
      assert.equal(await first.stop(), 0, 'SIGTERM ends it cleanly');
    }
  });

  test('without --json it prints where it is and a line per item, and no control characters of a stranger', async () => {
    const child = spawn(process.execPath, [cli, 'inbox', '--port', '0']);
    let text = '';
    const until = (pattern) => new Promise((done) => {
      const look = () => pattern.test(text) && done(pattern.exec(text));
      child.stdout.on('data', (chunk) => ((text += chunk), look()));
    });
    try {
      const [, url] = await until(/(http:\/\/\S+)\nDSN +http:\/\/public@127\.0\.0\.1:\d+\/1\n/);
      const printed = until(/event .*\n/);
      await fetch(`${url}api/1/envelope/?sentry_version=7&sentry_key=public`, { method: 'POST', body: eventEnvelope({ exception: { values: [{ type: 'E\u001b[31m', value: 'a\nb' }] } }) });
      assert.match((await printed)[0], /^event +E \[31m: a b\n$/);
    } finally {
      child.kill('SIGTERM');
      await new Promise((done) => child.once('exit', done));
    }
  });

  test('it ends at once also while a stream is open and a request hangs', async () => {
    const inbox = await startInbox();
    const stream = await fetch(inbox.api('stream'));
    await inbox.behave({ hang: true });
    const hanging = inbox.send(eventEnvelope()).catch((error) => error);
    await new Promise((done) => setTimeout(done, 50));
    assert.equal(await inbox.stop(), 0);
    assert.ok((await hanging) instanceof Error);
    await stream.body.cancel().catch(() => undefined);
  });

  test('--file keeps one JSON line per accepted envelope', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tailcone-inbox-'));
    const file = join(folder, 'kept.jsonl');
    const inbox = await startInbox('--file', file);
    try {
      const good = eventEnvelope({ message: undefined, tags: { word: 'Grüße 🛩' } });
      await inbox.send(good, { project: '42' });
      await inbox.send('nonsense');
      const id = newId();
      const binary = Buffer.concat([Buffer.from(envelope(head(id)).trimEnd() + '\n{"type":"attachment","length":3,"filename":"a.bin"}\n'), Buffer.from([255, 0, 254])]);
      assert.equal((await inbox.send(binary)).status, 200);
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
      assert.equal(lines.length, 2);
      assert.equal(lines[0].project, '42');
      assert.equal(lines[0].raw, good);
      assert.ok(!Number.isNaN(Date.parse(lines[0].received_at)));
      assert.equal(lines[1].encoding, 'base64');
      assert.deepEqual(Buffer.from(lines[1].raw, 'base64'), binary);
    } finally {
      await inbox.stop();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('receiving', () => {
  /** @type {Awaited<ReturnType<typeof startInbox>>} */ let inbox;
  before(async () => (inbox = await startInbox()));
  after(() => inbox.stop());
  afterEach(async () => {
    await inbox.behave({});
    await inbox.forget();
  });

  const accepted = async (body, options) => {
    const answer = await inbox.send(body, options);
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return JSON.parse(text);
  };

  test('a full event is accepted, answered with its id and given back as sent', async () => {
    const id = newId();
    const event = errorEvent(id);
    const text = JSON.stringify(event).replace('"level"', '"level" ');
    assert.deepEqual(await accepted(envelope(head(id), ['event', text])), { id });
    const { items, last } = await inbox.get('items');
    assert.equal(items.length, 1);
    const [item] = items;
    assert.equal(last, item.seq);
    assert.deepEqual(item.payload, event);
    assert.deepEqual(item.item_header, { type: 'event', length: Buffer.byteLength(text) });
    assert.deepEqual([item.type, item.event_id, item.project, item.header.sdk], ['event', id, '1', sdk]);
    const raw = await fetch(inbox.api(`envelopes/${item.envelope_seq}/raw`));
    assert.match(raw.headers.get('content-type'), /^text\/plain/);
    assert.ok((await raw.text()).includes(text));
  });

  test('each known type of item is accepted', async () => {
    const id = newId();
    const trace = { trace_id: newId(), span_id: 'a1b2c3d4e5f60718' };
    await accepted(envelope(head(id), ['feedback', feedbackEvent(id, { associated_event_id: newId(), name: 'Ada', contact_email: 'ada@example.com', source: 'dialog' })]));
    await accepted(envelope(head(id), ['user_report', { event_id: id, name: 'A', email: 'a@example.com', comments: 'It broke.' }]));
    await accepted(envelope(head(), ['client_report', { timestamp: now(), discarded_events: [{ reason: 'network_error', category: 'error', quantity: 2 }] }]));
    await accepted(envelope(head(), ['session', { sid: newId(), init: true, started: new Date().toISOString(), timestamp: new Date().toISOString(), status: 'ok', errors: 0, attrs: { release: 'a@1' } }]));
    await accepted(envelope(head(), ['sessions', { aggregates: [{ started: new Date().toISOString(), exited: 3 }], attrs: { release: 'a@1' } }]));
    await accepted(envelope(head(), ['log', { items: [{ timestamp: now(), trace_id: newId(), level: 'info', body: 'hello', attributes: {} }] }, { item_count: 1, content_type: 'application/vnd.sentry.items.log+json' }]));
    await accepted(envelope(head(), ['check_in', { check_in_id: newId(), monitor_slug: 'nightly', status: 'ok' }]));
    await accepted(envelope(head(id), ['transaction', { type: 'transaction', event_id: id, platform: 'javascript', timestamp: now(), start_timestamp: now() - 1, contexts: { trace } }]));
    await accepted(envelope(head(id), ['event', errorEvent(id)], ['attachment', 'two\nlines', { filename: 'a.txt' }], ['client_report', { discarded_events: [{ reason: 'before_send', category: 'error', quantity: 1 }] }]));
    const { items } = await inbox.get('items');
    assert.deepEqual(items.map((item) => item.type), ['feedback', 'user_report', 'client_report', 'session', 'sessions', 'log', 'check_in', 'transaction', 'event', 'attachment', 'client_report']);
    assert.equal(items[9].payload, 'two\nlines');
    assert.equal(items[8].envelope_seq, items[10].envelope_seq);
  });

  test('wasm frames with their image, a message event and a bare array of breadcrumbs are accepted', async () => {
    const frame = { platform: 'native', filename: 'https://a.example/x_bg.wasm', function: 'app::f', instruction_addr: '0x1a2b', addr_mode: 'rel:0' };
    const image = { type: 'wasm', debug_id: newId(), code_id: 'ab12', code_file: 'https://a.example/x_bg.wasm' };
    await accepted(eventEnvelope({ platform: 'native', level: 'fatal', exception: { values: [{ type: 'panic', value: 'boom', stacktrace: { frames: [frame] } }] }, debug_meta: { images: [image] } }));
    await accepted(eventEnvelope({ exception: undefined, message: 'Slow start', level: 'info', breadcrumbs: [{ timestamp: now(), message: 'a' }] }));
    await accepted(eventEnvelope({ exception: undefined, logentry: { message: 'Slow %s', params: ['start'], formatted: 'Slow start' } }));
  });

  test('without a length the payload ends at the newline, and the last newline may be left out', async () => {
    const id = newId();
    await accepted(`${JSON.stringify(head(id))}\n{"type":"event"}\n${JSON.stringify(errorEvent(id))}`);
    await accepted(`${JSON.stringify(head(id))}\n{"type":"event"}\n${JSON.stringify(errorEvent(id))}\n`);
  });

  test('lengths count UTF-8 bytes', async () => {
    const id = newId();
    const event = errorEvent(id, { tags: { word: 'Grüße aus dem Heck 🛩' } });
    await accepted(envelope(head(id), ['event', event]));
    const text = JSON.stringify(event);
    const wrong = await inbox.send(`${JSON.stringify(head(id))}\n${JSON.stringify({ type: 'event', length: text.length })}\n${text}\n`);
    assert.equal(wrong.status, 400);
    assert.match((await wrong.json()).detail, /^Item 0 \(event\) has a length of \d+ bytes, but no newline follows them/);
  });

  test('gzip, deflate and brotli bodies are read', async () => {
    for (const [encoding, compress] of [['gzip', gzipSync], ['deflate', deflateSync], ['br', brotliCompressSync]]) {
      await accepted(compress(Buffer.from(eventEnvelope())), { headers: { 'Content-Encoding': encoding } });
    }
    const bad = await inbox.send('not gzip', { headers: { 'Content-Encoding': 'gzip' } });
    assert.equal(bad.status, 400);
    assert.equal((await bad.json()).detail, 'The body is not valid gzip.');
    const bomb = await inbox.send(gzipSync(Buffer.alloc(40 * 1024 * 1024)), { headers: { 'Content-Encoding': 'gzip' } });
    assert.equal(bomb.status, 413);
    assert.equal((await inbox.send('x', { headers: { 'Content-Encoding': 'zstd' } })).status, 415);
  });

  test('the key is taken from the query, from X-Sentry-Auth or from the dsn of the envelope header', async () => {
    await accepted(eventEnvelope());
    await accepted(eventEnvelope(), { auth: false, headers: { 'X-Sentry-Auth': 'Sentry sentry_version=7, sentry_client=x/1, sentry_key=abc' } });
    const id = newId();
    const body = envelope(head(id, { dsn: 'https://abc@errors.example/some/path/7' }), ['event', errorEvent(id)]);
    await accepted(body, { auth: false, project: '7' });
    assert.deepEqual((await inbox.get('items')).items.map((item) => item.project), ['1', '1', '7']);
  });

  test('without a key it is 401, with a wrong or contradicting one 403, each with its sentence', async () => {
    const id = newId();
    const with_dsn = envelope(head(id, { dsn: inbox.dsn }), ['event', errorEvent(id)]);
    const cases = [
      [401, /^No key/, eventEnvelope(), { auth: false }],
      [403, /has no sentry_key/, eventEnvelope(), { auth: false, headers: { 'X-Sentry-Auth': 'Sentry sentry_version=7' } }],
      [403, /must start with "Sentry "/, eventEnvelope(), { auth: false, headers: { 'X-Sentry-Auth': 'Bearer abc' } }],
      [403, /must say sentry_version=7, not "4"/, eventEnvelope(), { auth: false, headers: { 'X-Sentry-Auth': 'Sentry sentry_version=4, sentry_key=abc' } }],
      [403, /The keys in the query string and in X-Sentry-Auth differ/, eventEnvelope(), { headers: { 'X-Sentry-Auth': 'Sentry sentry_version=7, sentry_key=abc' } }],
      [403, /names project 1, but the URL names 2/, with_dsn, { project: '2' }],
      [403, /must be letters, digits/, eventEnvelope(), { auth: false, headers: { 'X-Sentry-Auth': 'Sentry sentry_version=7, sentry_key=a-b' } }],
      [403, /is not PROTOCOL/, envelope(head(id, { dsn: 'nope' }), ['event', errorEvent(id)]), { auth: false }],
    ];
    for (const [status, sentence, body, options] of cases) {
      const answer = await inbox.send(body, options);
      assert.equal(answer.status, status, String(sentence));
      assert.match((await answer.json()).detail, sentence);
    }
    assert.equal((await inbox.get('items')).items.length, 0);
  });

  test('a DSN with a path before the project works', async () => {
    const answer = await fetch(`${inbox.url}some/path/api/9/envelope/?sentry_version=7&sentry_key=public`, { method: 'POST', body: eventEnvelope() });
    assert.equal(answer.status, 200);
    assert.equal((await inbox.get('items')).items[0].project, '9');
  });

  test('preflights are answered as Relay answers them, and answers can be read across origins', async () => {
    const preflight = await fetch(`${inbox.url}api/1/envelope/`, {
      method: 'OPTIONS',
      headers: { Origin: 'https://app.example', 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'x-sentry-auth,content-encoding' },
    });
    assert.equal(preflight.status, 200);
    assert.equal(preflight.headers.get('access-control-allow-origin'), '*');
    assert.equal(preflight.headers.get('access-control-max-age'), '3600');
    for (const name of ['x-sentry-auth', 'content-encoding', 'content-type']) assert.ok(preflight.headers.get('access-control-allow-headers').includes(name));
    for (const body of [eventEnvelope(), 'nonsense']) {
      const answer = await inbox.send(body);
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
      assert.match(answer.headers.get('access-control-expose-headers'), /x-sentry-error, x-sentry-rate-limits, retry-after/);
    }
    assert.equal((await fetch(inbox.api('items'))).headers.get('access-control-allow-origin'), null, 'what was received is not for other origins');
  });

  test('the list of requests shows method, URL, headers and status of what senders did', async () => {
    await inbox.send(eventEnvelope());
    await fetch(`${inbox.url}api/1/envelope/`, { method: 'OPTIONS' });
    await inbox.send('nonsense');
    await fetch(`${inbox.url}api/1/store/`, { method: 'POST', body: '{}' });
    await fetch(`${inbox.url}api/1/envelope/`);
    const requests = await inbox.get('requests');
    assert.deepEqual(requests.map(({ method, status }) => [method, status]), [['POST', 200], ['OPTIONS', 200], ['POST', 400], ['POST', 404], ['GET', 405]]);
    assert.match(requests[0].url, /^\/api\/1\/envelope\/\?sentry_version=7/);
    assert.equal(requests[0].headers['content-type'], 'text/plain;charset=UTF-8');
  });

  test('items are found by type, by event and after a number', async () => {
    const [a, b] = [newId(), newId()];
    await accepted(eventEnvelope({}, a));
    await accepted(eventEnvelope({}, b));
    await accepted(envelope(head(), ['client_report', { discarded_events: [{ reason: 'ignored', category: 'error', quantity: 1 }] }]));
    const { items, last } = await inbox.get('items');
    assert.equal((await inbox.get('items?type=client_report')).items.length, 1);
    assert.deepEqual((await inbox.get(`items?event_id=${b}`)).items.map((item) => item.event_id), [b]);
    assert.deepEqual((await inbox.get(`items?after=${items[0].seq}`)).items.map((item) => item.seq), [items[1].seq, items[2].seq]);
    assert.deepEqual(await inbox.get(`items?after=${last}`), { items: [], last, dropped: 0 });
    assert.equal((await fetch(inbox.api('items?after=x'))).status, 400);
  });

  test('a long poll answers as soon as something newer is there, and with nothing at its end', async () => {
    const { last } = await inbox.get('items');
    const started = Date.now();
    const poll = inbox.get(`items?after=${last}&type=event&wait=5000`);
    setTimeout(async () => {
      await inbox.send(envelope(head(), ['client_report', { discarded_events: [{ reason: 'ignored', category: 'error', quantity: 1 }] }]));
      await inbox.send(eventEnvelope());
    }, 100);
    const found = await poll;
    assert.deepEqual(found.items.map((item) => item.type), ['event']);
    assert.ok(Date.now() - started < 3000);
    assert.deepEqual((await inbox.get(`items?after=${found.last}&wait=50`)).items, []);
  });

  test('the stream sends each item as it arrives and catches up after a break', async () => {
    await accepted(eventEnvelope());
    const { last } = await inbox.get('items');
    const gone = new AbortController();
    const answer = await fetch(inbox.api('stream'), { headers: { 'Last-Event-ID': String(last - 1) }, signal: gone.signal });
    assert.equal(answer.headers.get('content-type'), 'text/event-stream');
    const id = newId();
    await accepted(`${JSON.stringify(head(id))}\n${JSON.stringify({ type: 'event', length: Buffer.byteLength(JSON.stringify(errorEvent(id), null, 1)) })}\n${JSON.stringify(errorEvent(id), null, 1)}`);
    let text = '';
    for await (const chunk of answer.body) {
      text += Buffer.from(chunk).toString();
      if (text.split('event: item').length === 3 && text.endsWith('\n\n')) break;
    }
    gone.abort();
    const items = text.split('\n\n').filter((block) => block.startsWith('event: item'));
    assert.match(items[0], new RegExp(`id: ${last}\\n`));
    assert.equal(JSON.parse(items[1].split('\ndata: ')[1]).payload.event_id, id);
  });

  test('forgetting empties everything and numbers go on', async () => {
    await accepted(eventEnvelope());
    await inbox.send('nonsense');
    const { last } = await inbox.get('items');
    assert.equal((await inbox.forget()).status, 204);
    assert.deepEqual((await inbox.get('items')).items, []);
    assert.deepEqual(await inbox.get('rejected'), []);
    assert.deepEqual(await inbox.get('requests'), []);
    await accepted(eventEnvelope());
    assert.equal((await inbox.get('items')).last, last + 1);
  });

  test('no more than 1,000 items are kept: the oldest go and are counted', async () => {
    const report = { discarded_events: [{ reason: 'ignored', category: 'error', quantity: 1 }] };
    const many = envelope(head(), ...Array.from({ length: 300 }, () => ['client_report', report]));
    for (let i = 0; i < 4; i++) await accepted(many);
    const { items, last, dropped } = await inbox.get('items');
    assert.equal(items.length, 900);
    assert.equal(items.at(-1).seq, last);
    assert.equal(dropped, 300);
  });

  test('no more than 64 MiB are kept', async () => {
    for (let i = 0; i < 5; i++) {
      const id = newId();
      await accepted(envelope(head(id), ['attachment', 'x'.repeat(16 * 1024 * 1024), { filename: 'a.txt' }]));
    }
    const { items, dropped } = await inbox.get('items');
    assert.equal(items.length, 3);
    assert.equal(dropped, 2);
    assert.equal(items[0].payload, null, 'large attachments are not put into the list');
  });

  describe('told to misbehave', () => {
    test('429 with its headers can be read, and nothing is kept', async () => {
      await inbox.behave({ status: 429, headers: { 'X-Sentry-Rate-Limits': '60:error:key', 'Retry-After': '60' } });
      const answer = await inbox.send(eventEnvelope());
      assert.equal(answer.status, 429);
      assert.equal(answer.headers.get('x-sentry-rate-limits'), '60:error:key');
      assert.equal(answer.headers.get('retry-after'), '60');
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
      assert.equal((await inbox.get('items')).items.length, 0);
      assert.deepEqual((await inbox.get('requests')).map((request) => request.status), [429]);
    });

    test('413, 500 and a body of its own', async () => {
      await inbox.behave({ status: 413 });
      assert.equal((await inbox.send(eventEnvelope())).status, 413);
      await inbox.behave({ status: 500, body: '<h1>down</h1>', headers: { 'Content-Type': 'text/html' } });
      const answer = await inbox.send(eventEnvelope());
      assert.equal(answer.status, 500);
      assert.equal(await answer.text(), '<h1>down</h1>');
      assert.equal(answer.headers.get('content-type'), 'text/html');
    });

    test('a 2xx keeps the envelope, with headers added', async () => {
      await inbox.behave({ status: 200, headers: { 'X-Sentry-Rate-Limits': '1::organization' } });
      const answer = await inbox.send(eventEnvelope());
      assert.equal(answer.headers.get('x-sentry-rate-limits'), '1::organization');
      assert.match((await answer.json()).id, /^[0-9a-f]{32}$/);
      await inbox.behave({ status: 204 });
      assert.equal((await inbox.send(eventEnvelope())).status, 204);
      await inbox.behave({ headers: { 'Retry-After': '3' } });
      assert.equal((await inbox.send(eventEnvelope())).headers.get('retry-after'), '3');
      assert.equal((await inbox.get('items')).items.length, 3);
    });

    test('a delay is kept before the answer', async () => {
      await inbox.behave({ delayMs: 200 });
      const started = Date.now();
      assert.equal((await inbox.send(eventEnvelope())).status, 200);
      assert.ok(Date.now() - started >= 195);
      assert.equal((await inbox.get('items')).items.length, 1);
    });

    test('hanging never answers, destroying cuts the connection; both are in the list of requests', async () => {
      await inbox.behave({ hang: true });
      await assert.rejects(inbox.send(eventEnvelope(), { signal: AbortSignal.timeout(150) }), { name: 'TimeoutError' });
      await inbox.behave({ destroy: true });
      await assert.rejects(inbox.send(eventEnvelope()), TypeError);
      assert.deepEqual((await inbox.get('requests')).map((request) => request.status), [0, 0]);
      assert.equal((await inbox.get('items')).items.length, 0);
    });

    test('after so many times it is back to normal; preflights do not count', async () => {
      await inbox.behave({ status: 503, times: 2 });
      await fetch(`${inbox.url}api/1/envelope/`, { method: 'OPTIONS' });
      const statuses = [];
      for (let i = 0; i < 3; i++) statuses.push((await inbox.send(eventEnvelope())).status);
      assert.deepEqual(statuses, [503, 503, 200]);
      assert.deepEqual(await inbox.get('behaviour'), {});
    });

    test('a behaviour that makes no sense is refused and changes nothing', async () => {
      for (const behaviour of [{ status: 'x' }, { status: 99 }, { times: 0 }, { sleep: 5 }, { headers: { a: 1 } }, { headers: { a: 'b\r\nc: d' } }, { hang: 'yes' }, []]) {
        const answer = await inbox.behave(behaviour);
        assert.equal(answer.status, 400, JSON.stringify(behaviour));
        assert.match((await answer.json()).detail, /must be|not a known field/);
      }
      assert.equal((await inbox.send(eventEnvelope())).status, 200);
    });
  });

  test('it serves no files and lives through what is no HTTP for it', async () => {
    for (const path of ['cli.js', '..%2f..%2fpackage.json', 'api/inbox/../../cli.js', 'api/inbox/unknown', 'api/inbox/envelopes/999999/raw']) {
      assert.equal((await fetch(inbox.url + path)).status, 404, path);
    }
    await new Promise((done) => {
      const socket = connect(inbox.port, '127.0.0.1', () => socket.write('GET // HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'));
      socket.on('data', () => undefined).on('close', done);
    });
    await new Promise((done) => {
      const socket = connect(inbox.port, '127.0.0.1', () => socket.write('POST /api/1/envelope/ HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhalf', () => socket.destroy()));
      socket.on('close', done);
    });
    assert.equal((await inbox.send(eventEnvelope())).status, 200);
  });
});
