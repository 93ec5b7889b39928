// The Relay oracle itself: it passes what is right and objects to each kind of wrong.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { relayMissing, startRelay } from '../lib/relay.mjs';

const good = () => ({
  event_id: 'a1'.repeat(16),
  timestamp: Math.round(Date.now()) / 1000,
  platform: 'javascript',
  level: 'error',
  release: 'app@1.2.3',
  environment: 'production',
  sdk: { name: 'tailcone.javascript.browser', version: '0.1.0' },
  tags: { area: 'checkout', retries: '3' },
  user: { id: '7', email: 'ann@example.com', username: 'ann' },
  extra: { cart: { items: 2, ratio: 0.25 } },
  contexts: { build: { flavour: 'plain' } },
  fingerprint: ['checkout', '{{ default }}'],
  request: { url: 'https://shop.example/a?b=c&d=#e', headers: { 'User-Agent': 'Mozilla/5.0', Referer: 'https://x.example/' } },
  breadcrumbs: { values: [{ timestamp: 1_700_000_000.5, category: 'ui.click', message: 'Pay', level: 'info', data: { n: 1 } }] },
  exception: {
    values: [
      {
        type: 'TypeError',
        value: 'boom',
        mechanism: { type: 'generic', handled: true, exception_id: 0 },
        stacktrace: {
          frames: [
            { filename: 'https://shop.example/app.js', function: 'pay', lineno: 3, colno: 14, in_app: true },
            { filename: 'https://shop.example/app_bg.wasm', function: 'app::pay', platform: 'native', instruction_addr: '0x1a2b', addr_mode: 'rel:0' },
          ],
        },
      },
    ],
  },
});

describe('the Relay oracle', { skip: relayMissing }, () => {
  let relay;
  before(() => {
    relay = startRelay();
  });
  after(() => relay?.stop());

  const problems = async (change) => {
    const event = good();
    change(event);
    return (await relay.check(event)).problems;
  };
  const objects = async (change, expected) => {
    const found = await problems(change);
    assert.ok(found.some((problem) => expected.test(problem)), `expected ${expected} among ${JSON.stringify(found)}`);
  };

  it('accepts a full event', async () => {
    assert.deepEqual(await problems(() => {}), []);
  });
  it('accepts the bare-list forms and an RFC 3339 timestamp', async () => {
    const found = await problems((event) => {
      event.breadcrumbs = event.breadcrumbs.values;
      event.exception = event.exception.values;
      event.timestamp = new Date().toISOString();
    });
    assert.deepEqual(found, []);
  });
  it('accepts a message', async () => {
    assert.deepEqual(await problems((event) => (event.logentry = { formatted: 'low disk' })), []);
  });
  it('accepts feedback', async () => {
    const found = await problems((event) => {
      delete event.exception;
      event.contexts.feedback = { message: 'It broke.', contact_email: 'ann@example.com', source: 'api' };
    });
    assert.deepEqual(found, []);
  });
  it('objects to a field of the SDK that a strict server does not know', () =>
    objects((e) => (e.sdk.unheard_of = 1), /^sdk: not in the schema: .*unheard_of|^sdk.unheard_of/));
  it('objects to the short form of a message, which a strict server does not know', () =>
    objects((e) => (e.message = 'low disk'), /not in the schema: .*message/));
  it('accepts fields of one\'s own in the user, and a server name', async () => {
    const found = await problems((event) => {
      event.user.data = { plan: 'pro' };
      event.server_name = 'web-1';
    });
    assert.deepEqual(found, []);
  });
  it('objects to an event id that is not 32 hex digits', () => objects((e) => (e.event_id = 'xyz'), /^event_id: _meta err/));
  it('objects to a level it does not know', () => objects((e) => (e.level = 'terrible'), /^level: /));
  it('objects to a level that it renames', () => objects((e) => (e.level = 'log'), /^level: sent "log", came back as "info"/));
  it('objects to a tag key that it rewrites', () => objects((e) => (e.tags = { 'a b': 'c' }), /^tags\.a b: /));
  it('objects to a tag value that is not text', () => objects((e) => (e.tags = { paid: true }), /^tags\.paid: /));
  it('objects to a tag without a value', () => objects((e) => (e.tags = { empty: '' }), /^tags/));
  it('objects to a frame\'s function that it takes for none', () =>
    objects((e) => (e.exception.values[0].stacktrace.frames[0].function = '?'), /function: sent "\?"/));
  it('objects to a stack without frames', () =>
    objects((e) => (e.exception.values[0].stacktrace.frames = []), /stacktrace\.frames: /));
  it('objects to a line number that is not one', () =>
    objects((e) => (e.exception.values[0].stacktrace.frames[0].lineno = 'x'), /lineno: /));
  it('objects to a release with a line break', () => objects((e) => (e.release = 'a\nb'), /^release: /));
  it('objects to an unknown top-level key', () => objects((e) => (e.surprise = 1), /^surprise: /));
  it('objects to a timestamp far in the past', () => objects((e) => (e.timestamp = 1), /^timestamp: /));
  it('objects to a tag value that is too long', () => objects((e) => (e.tags = { long: 'x'.repeat(300) }), /^tags/));
  it('objects to a number as user id, which it turns into text', () => objects((e) => (e.user.id = 7), /^user\.id: /));
});
