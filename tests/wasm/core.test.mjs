// The package's module in Node, behind its own glue: what it makes of signals, answers and time. The network is a stand-in here (a function in
// the place of fetch); browsers and servers are real in tests/browser.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { dist, root, tests } from '../lib/env.mjs';

const realFetch = globalThis.fetch;
/** What was posted, and what to answer. */
let posted = [];
let answer = () => new Response('{}');
let core;
let wasm;
let number = 0;

before(async () => {
  core = await import(pathToFileURL(join(root, 'target/npm/parts/glue.js')));
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

const owner = (log = []) => ({
  log,
  settled: (...args) => log.push(['settled', ...args]),
  flushed: (...args) => log.push(['flushed', ...args]),
  dead: (panic) => log.push(['dead', panic]),
});

const connect = (to = owner(), more = {}) =>
  core.connect(JSON.stringify({ endpoint: 'https://example.com/', header: {}, defaults: {}, ...more }), to, wasm);

const signal = (event, more = {}) =>
  JSON.stringify({ kind: 'event', id: (++number).toString(16).padStart(32, '0'), ts: 1_700_000_000_123, event, layers: [], ...more });

const items = (body) => {
  const lines = body.split('\n').slice(1, -1);
  return lines.flatMap((line, at) => (at % 2 ? [] : [{ header: JSON.parse(line), payload: JSON.parse(lines[at + 1]) }]));
};

const settle = () => new Promise((done) => setTimeout(done, 20));

test('every stack of the fixtures is read in wasm as it stands', async () => {
  const link = await connect();
  for (const { engine, name, type, value = '', stack, frames } of JSON.parse(await readFile(join(tests, 'fixtures/stacks.json')))) {
    posted = [];
    assert.equal(link.capture(0, signal({ exception: { values: [{ type, value, stack }] } }), '[]'), 0);
    const [{ payload }] = items(posted[0].body);
    const rows = payload.exception.values[0].stacktrace.frames
      .reverse()
      .map((f) =>
        f.platform
          ? [f.function ?? null, f.filename ?? null, f.instruction_addr ?? null]
          : [f.function ?? null, f.filename ?? null, f.lineno ?? null, f.colno ?? null],
      );
    assert.deepEqual(rows, frames, `${engine} ${name}`);
    await settle();
  }
  link.stop();
});

test('a request needs no preflight and carries no cookies', async () => {
  const link = await connect();
  link.capture(0, signal({ message: 'x' }), '[]');
  const [{ url, method, credentials, keepalive, headers, body }] = posted;
  assert.deepEqual({ url, method, credentials, keepalive, headers }, { url: 'https://example.com/', method: 'POST', credentials: 'omit', keepalive: true, headers: undefined });
  assert.equal(typeof body, 'string');
  link.stop();
});

test('breadcrumbs go into the event as they are', async () => {
  const link = await connect();
  link.capture(0, signal({ message: 'x' }), '[{"message":"größer","timestamp":1.25}]');
  const [{ header, payload }] = items(posted[0].body);
  assert.deepEqual(payload.breadcrumbs.values, [{ message: 'größer', timestamp: 1.25 }]);
  assert.equal(header.length, Buffer.byteLength(JSON.stringify(payload)));
  link.stop();
});

test('a ticket is answered when the server has answered', async () => {
  const to = owner();
  const link = await connect(to);
  link.capture(7, signal({ message: 'x' }), '[]');
  await settle();
  answer = () => new Response('', { status: 500 });
  link.capture(8, signal({ message: 'x' }), '[]');
  await settle();
  assert.deepEqual(to.log, [['settled', 7, true, ''], ['settled', 8, false, 'send_error']]);
  link.stop();
});

test('a limit of the server is kept', async () => {
  const link = await connect();
  answer = () => new Response('', { headers: { 'x-sentry-rate-limits': '60:error:key' } });
  link.capture(0, signal({ message: 'x' }), '[]');
  await settle();
  assert.ok(link.capture(0, signal({ message: 'x' }), '[]') > 0);
  assert.equal(posted.length, 1);
  link.stop();
});

test('a fetch that throws, rejects or resolves to anything does not reach anyone', async () => {
  const to = owner();
  const link = await connect(to);
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
    link.capture(ticket + 1, signal({ message: 'x' }), '[]');
    await settle();
  }
  process.off('unhandledRejection', listen);
  assert.deepEqual(unhandled, []);
  assert.deepEqual(to.log.map(([what, ticket, sent]) => [what, ticket, sent]), [1, 2, 3, 4, 5, 6].map((ticket) => ['settled', ticket, false]));
  link.stop();
});

test('what is no signal is refused and breaks nothing', async () => {
  const to = owner();
  const link = await connect(to);
  for (const bad of ['', '{', '[]', '{"event":{}}', 'null', '\0', '{"a":'.repeat(10_000)]) assert.ok(link.capture(1, bad, '[]') > 0, bad.slice(0, 20));
  assert.equal(link.capture(0, signal({ message: 'x' }), '[]'), 0);
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
  link.capture(0, signal({ message: 'x' }), '[]');
  link.flush(2, 30);
  await new Promise((done) => setTimeout(done, 80));
  late(new Response('{}'));
  assert.deepEqual(to.log, [['flushed', 2, false]]);
  link.stop();
});

test('two clients share the module and nothing else', async () => {
  const [one, two] = await Promise.all([connect(undefined, { endpoint: 'https://one.example/' }), connect(undefined, { endpoint: 'https://two.example/' })]);
  one.capture(0, signal({ message: 'x' }), '[]');
  two.capture(0, signal({ message: 'x' }), '[]');
  one.stop();
  assert.ok(one.capture(0, signal({ message: 'x' }), '[]') !== 0);
  assert.deepEqual(posted.map(({ url }) => url), ['https://one.example/', 'https://two.example/']);
  two.stop();
});

test('options without an endpoint are refused', async () => {
  await assert.rejects(core.connect('{}', owner(), wasm));
  await assert.rejects(core.connect('not JSON', owner(), wasm));
});
