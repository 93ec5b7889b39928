// The package's module in Node, behind the shim's guard: what it makes of signals, answers and time. The network is a stand-in here (a function in
// the place of fetch); browsers and servers are real in tests/browser.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { dist, root } from '../lib/env.mjs';
import { lengthened, shortened } from '../lib/names.mjs';

const realFetch = globalThis.fetch;
/** What was posted, and what to answer. */
let posted = [];
let answer = () => new Response('{}');
let core;
let send;
let wasm;
let number = 0;

before(async () => {
  core = await import(pathToFileURL(join(root, 'target/npm/parts/core.js')));
  send = await import(pathToFileURL(join(root, 'target/npm/parts/send.js')));
  wasm = await readFile(join(dist, 'tailcone_bg.wasm'));
  globalThis.fetch = async (url, init) => {
    posted.push({ url, ...init });
    return answer();
  };
});
after(() => (globalThis.fetch = realFetch));
beforeEach(() => {
  posted = [];
  answer = () => new Response('{}');
});

const owner = (log = [], url = 'https://example.com/') => ({
  log,
  attempts: 1,
  limits: () => [0, 0, 0],
  retry: false,
  post: (ticket, body, attached, keepalive, hidden) => send.createPost(url, {})(body, [], keepalive, hidden),
  settled: (...args) => log.push(['settled', ...args]),
  flushed: (...args) => log.push(['flushed', ...args]),
  dead: (error) => log.push(['dead', String(error)]),
});

const connect = async (to = owner()) => lengthened(await core.connect('"sdk":{"name":"tailcone.test"}', shortened(to), wasm));

/** Captures without hooks. */
const capture = (link, ticket, text, crumbs = '[]') => link.capture(ticket, text, crumbs);

const signal = (event, more = {}) =>
  JSON.stringify({
    kind: 'event',
    event: { event_id: (++number).toString(16).padStart(32, '0'), timestamp: 1_700_000_000.123, platform: 'javascript', ...event },
    layers: [],
    ...more,
  });

const items = (body) => {
  const lines = body.split('\n').slice(1, -1);
  return lines.flatMap((line, at) => (at % 2 ? [] : [{ header: JSON.parse(line), payload: JSON.parse(lines[at + 1]) }]));
};

const settle = () => new Promise((done) => setTimeout(done, 20));

test('a request needs no preflight and carries no cookies', async () => {
  const link = await connect();
  capture(link, 0, signal({ message: 'x' }));
  const [{ url, method, credentials, keepalive, headers, body }] = posted;
  assert.deepEqual({ url, method, credentials, keepalive, headers }, { url: 'https://example.com/', method: 'POST', credentials: 'omit', keepalive: true, headers: undefined });
  assert.equal(typeof body, 'string');
  link.stop();
});

test('breadcrumbs go into the event as they are', async () => {
  const link = await connect();
  capture(link, 0, signal({ message: 'x' }), '[{"message":"größer","timestamp":1.25}]');
  const [{ header, payload }] = items(posted[0].body);
  assert.deepEqual(payload.breadcrumbs.values, [{ message: 'größer', timestamp: 1.25 }]);
  assert.equal(header.length, Buffer.byteLength(JSON.stringify(payload)));
  link.stop();
});

test('a ticket is answered when the server has answered', async () => {
  const to = owner();
  const link = await connect(to);
  capture(link, 7, signal({ message: 'x' }));
  await settle();
  answer = () => new Response('', { status: 500 });
  capture(link, 8, signal({ message: 'x' }));
  await settle();
  assert.deepEqual(to.log, [['settled', 7, '', 0], ['settled', 8, 'send_error', 0]]);
  link.stop();
});

test('a limit of the server is kept, and told', async () => {
  const to = owner();
  const link = await connect(to);
  const end = Date.now() + 60_000;
  to.limits = () => [end, 0, 0];
  capture(link, 0, signal({ message: 'x' }));
  await settle();
  assert.ok(capture(link, 5, signal({ message: 'x' })) > 0);
  assert.equal(posted.length, 1);
  const [[what, ticket, reason, until]] = to.log;
  assert.deepEqual([what, ticket, reason], ['settled', 5, 'ratelimit_backoff']);
  assert.equal(until, end);
  link.stop();
});

test('a fetch that throws, rejects or resolves to anything does not reach anyone', async () => {
  const to = owner();
  const unhandled = [];
  const listen = (reason) => unhandled.push(reason);
  process.on('unhandledRejection', listen);
  for (const [ticket, give] of [
    () => Promise.reject(null),
    () => Promise.reject('text'),
    () => undefined,
    () => 7,
    () => ({ status: 200 }),
    () => ({ status: 'x', headers: { get: () => { throw 1; } } }),
  ].entries()) {
    answer = give;
    const link = await connect(to);
    capture(link, ticket + 1, signal({ message: 'x' }));
    await settle();
    link.stop();
  }
  process.off('unhandledRejection', listen);
  assert.deepEqual(unhandled, []);
  // What is given without headers is an answer; what has no status is a refusal.
  const reasons = ['network_error', 'network_error', 'network_error', 'send_error', '', 'network_error'];
  assert.deepEqual(to.log, reasons.map((reason, i) => ['settled', i + 1, reason, 0]));
});

test('what is no signal is refused and breaks nothing', async () => {
  const to = owner();
  const link = await connect(to);
  for (const bad of ['', '{', '[]', '{"event":{}}', 'null', '\0', '{"a":'.repeat(10_000)]) assert.ok(capture(link, 1, bad) > 0, bad.slice(0, 20));
  assert.equal(capture(link, 0, signal({ message: 'x' })), 0);
  assert.deepEqual(to.log, []);
  link.stop();
});

test('a flush ends when all is answered, and at its timeout', async () => {
  const to = owner();
  const link = await connect(to);
  link.flush(1, 1000);
  assert.deepEqual(to.log.splice(0), [['flushed', 1, true]]);
  let late;
  answer = () => new Promise((done) => (late = done));
  capture(link, 0, signal({ message: 'x' }));
  link.flush(2, 30);
  await new Promise((done) => setTimeout(done, 80));
  late(new Response('{}'));
  assert.deepEqual(to.log, [['flushed', 2, false]]);
  link.stop();
});

test('two clients share the module and nothing else', async () => {
  const [one, two] = await Promise.all(['https://one.example/', 'https://two.example/'].map((url) => connect(owner([], url))));
  capture(one, 0, signal({ message: 'x' }));
  capture(two, 0, signal({ message: 'x' }));
  one.stop();
  assert.ok(capture(one, 0, signal({ message: 'x' })) !== 0);
  assert.deepEqual(posted.map(({ url }) => url), ['https://one.example/', 'https://two.example/']);
  two.stop();
});

test('an event can be prepared for hooks, and sent as they gave it back', async () => {
  const link = await connect();
  const layers = [{ release: 'a@1', server_name: 'secret' }, { tags: { a: 'b' } }];
  const event = JSON.parse(link.prepare(signal({ message: 'x' }, { layers }), '[{"message":"step","timestamp":1}]'));
  assert.equal(posted.length, 0);
  assert.deepEqual([event.tags, event.release, event.breadcrumbs.values[0].message], [{ a: 'b' }, 'a@1', 'step']);
  delete event.server_name;
  event.tags.c = 'd';
  assert.equal(capture(link, 0, signal(event), ''), 0);
  const [{ payload }] = items(posted[0].body);
  assert.deepEqual(payload, event);
  link.stop();
});

test('an instance that traps is told of once, and a new one takes its place', async () => {
  const to = owner();
  const link = await connect(to);
  const { get } = Map.prototype;
  // A trap in the middle of a call: the page has broken what a trampoline needs.
  Map.prototype.get = () => {
    throw new Error('broken');
  };
  assert.equal(capture(link, 1, signal({ message: 'x' })), -1);
  Map.prototype.get = get;
  assert.deepEqual(to.log, [['dead', 'Error: broken']]);
  assert.equal(capture(link, 2, signal({ message: 'x' })), -1);
  const other = await connect();
  assert.equal(capture(other, 0, signal({ message: 'y' })), 0);
  assert.equal(posted.length, 1);
  other.stop();
});

test('an instance whose memory has grown is replaced as soon as it has nothing any more', async () => {
  const memories = [];
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (...args) => {
    const made = await instantiate(...args);
    memories.push((made.instance ?? made).exports.memory);
    return made;
  };
  try {
    const to = owner();
    // What was there before may live in memory that has grown already.
    const old = await connect();
    capture(old, 1, 'x'.repeat(20_000_000));
    capture(old, 2, signal({ message: 'the answer to this one tells' }));
    let rounds = 0;
    while (capture(old, 3, '') >= 0) {
      assert.ok(++rounds < 1000, 'it is replaced');
      await new Promise(setImmediate);
    }

    const link = await connect(to);
    assert.ok(memories[0].buffer.byteLength < 2 ** 21);
    posted = [];
    let release;
    answer = () => new Promise((done) => (release = () => done(new Response('{}', { status: 500 }))));
    capture(link, 1, signal({ message: 'waits' }));
    assert.ok(capture(link, 2, 'x'.repeat(20_000_000)) > 0);
    assert.ok(memories[0].buffer.byteLength > 2 ** 24);
    release();
    await new Promise((done) => setTimeout(done, 50));
    assert.deepEqual(to.log.filter(([what]) => what === 'dead'), [], 'it has a loss to tell');
    answer = () => new Response('{}');
    capture(link, 3, signal({ message: 'tells' }));
    await new Promise((done) => setTimeout(done, 50));
    assert.deepEqual(to.log.filter(([what]) => what === 'dead'), [['dead', 'undefined']]);
    const [, report] = items(posted[1].body);
    assert.deepEqual(report.payload.discarded_events.map(({ reason, quantity }) => [reason, quantity]), [['send_error', 1]]);
    assert.equal(capture(link, 4, signal({ message: 'x' })), -1, 'it is not called again');
  } finally {
    WebAssembly.instantiate = instantiate;
  }
});
