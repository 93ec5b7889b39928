// The example Worker written with workers-rs, in workerd: what goes wrong in a request is reported, with that request's
// scope, no response waits for it, and after a panic the next request is served.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { lineIn } from '../lib/app.mjs';
import { needs, parts } from '../lib/env.mjs';
import { breadcrumbs, expectContains, thrown } from '../lib/expect.mjs';
import { guestIs, receiver } from '../lib/receiver.mjs';
import { startWorker } from '../lib/workerd.mjs';

/** Longer than any response may take, and shorter than workerd's patience. */
const SLOW = 5000;

describe('a Worker of workers-rs', { timeout: 120_000, skip: needs(parts.dist, parts.workersRs, parts.workerd) }, () => {
  const inbox = receiver();
  let worker;
  /** The same without a DSN. */
  let bare;

  before(async () => {
    [worker, bare] = await Promise.all([startWorker('workers-rs', { DSN: inbox.dsn }), startWorker('workers-rs')]);
  });
  after(() => Promise.all([worker?.stop(), bare?.stop()]));

  /** What is in every event of a request. */
  function expectRequest({ payload }, path, guest) {
    expectContains(payload, {
      release: 'workers-rs@0.1.0',
      environment: 'demo',
      tags: { guest },
      request: { method: 'GET', url: `http://shop.example${path}?guest=${guest}` },
    });
    assert.deepEqual(payload.request.headers, undefined, 'the runtime is no browser');
    assert.deepEqual(
      breadcrumbs(payload).map(({ message }) => message),
      [path],
      'of this request only',
    );
  }

  it('answers as it does without the recorder', async () => {
    for (const path of ['/fine', '/error', '/log', '/ask', '/slow', '/nowhere', '/panic', '/fine']) {
      const [seen, expected] = [await worker.get(path), await bare.get(path)];
      assert.deepEqual([seen.status, seen.text], [expected.status, expected.text], path);
    }
  });

  it('reports the error that a handler gives back, with its source', async () => {
    const { status } = await worker.get('/error?guest=erin');
    assert.equal(status, 500);
    const event = await inbox.waitFor(guestIs('erin'));
    expectRequest(event, '/error', 'erin');
    assert.deepEqual(
      event.payload.exception.values.map(({ type, value, mechanism }) => [type, value, mechanism.handled]),
      [
        ['Custom', 'seat 12A is taken', true],
        ['Io', 'I/O error', false],
      ],
    );
    expectContains(event.payload.modules, { tailcone: '0.1.0', worker: '0.8.7' });
  });

  it('reports a record of the log with its error', async () => {
    assert.equal((await worker.get('/log?guest=lou')).text, 'logged');
    const event = await inbox.waitFor(guestIs('lou'));
    expectRequest(event, '/log', 'lou');
    expectContains(thrown(event.payload), { type: 'SeatTaken', value: 'seat 12A is taken' });
    expectContains(event.payload, { logentry: { formatted: 'no booking' }, extra: { row: '12' } });
  });

  it('reports a request that was rejected', async () => {
    await worker.get('/ask?guest=ann');
    const event = await inbox.waitFor(guestIs('ann'));
    expectRequest(event, '/ask', 'ann');
    assert.match(thrown(event.payload).value, /Network connection lost/);
    assert.equal(thrown(event.payload).mechanism.handled, false);
  });

  it('reports a panic with its place, and serves and reports the next request', async () => {
    for (const guest of ['pia', 'paul']) {
      assert.equal((await worker.get(`/panic?guest=${guest}`)).status, 500);
      const event = await inbox.waitFor(guestIs(guest));
      expectRequest(event, '/panic', guest);
      assert.equal(event.payload.level, 'fatal');
      const { value, mechanism, stacktrace } = thrown(event.payload);
      assert.equal(value, 'index out of bounds: the len is 2 but the index is 2');
      assert.equal(mechanism.handled, false);
      assert.equal(mechanism.data.location, `examples/workers-rs/src/lib.rs:${lineIn('workers-rs', 'SEATS[number]')}:5`);
      const own = stacktrace.frames.filter(({ instruction_addr }) => instruction_addr).map((frame) => frame.function);
      assert.ok(own.some((name) => /workers_rs|tailcone::/.test(name)), own.join(' > '));

      assert.deepEqual((await worker.get('/fine')).text, '12A');
      await worker.get(`/error?guest=after-${guest}`);
      expectRequest(await inbox.waitFor(guestIs(`after-${guest}`)), '/error', `after-${guest}`);
    }
    const events = await inbox.items({ type: 'event' });
    assert.equal(events.length, 4, 'nothing follows from a panic');
  });

  it('fails what the old instance was serving when it panicked, at once', async () => {
    const [slow, panic] = await Promise.all([worker.get('/slow?guest=sue'), worker.get('/panic?guest=pat')]);
    assert.deepEqual([slow.status, panic.status], [500, 500]);
    expectRequest(await inbox.waitFor(guestIs('pat')), '/panic', 'pat');
    assert.equal((await worker.get('/fine')).text, '12A');
  });

  it('lets no response wait for a server that is slow', async () => {
    await inbox.behaviour({ delayMs: SLOW });
    for (const path of ['/error', '/log', '/panic']) {
      const { ms } = await worker.get(`${path}?guest=slow${path.slice(1)}`);
      assert.ok(ms < SLOW / 2, `${path} took ${ms} ms`);
    }
    const arrived = (guest) => inbox.waitFor(guestIs(guest));
    await Promise.all(['slowerror', 'slowlog', 'slowpanic'].map(arrived));
  });

  it('keeps the scopes of requests apart that are served at once', async () => {
    const guests = Array.from({ length: 8 }, (_, i) => `guest-${i}`);
    await Promise.all(guests.map((guest) => worker.get(`/slow?guest=${guest}`)));
    for (const guest of guests) expectRequest(await inbox.waitFor(guestIs(guest)), '/slow', guest);
  });
});
