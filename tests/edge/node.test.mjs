// Servers of Node's that know no requests like those of fetch: plain ones, and Express.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { breadcrumbs, expectContains, messageOf, thrown } from '../lib/expect.mjs';
import { sleep } from '../lib/process.mjs';
import { guestIs, receiver } from '../lib/receiver.mjs';
import { runtimes, sitesIn } from '../lib/runtimes.mjs';

const TELLING = { sendRequest: true, sendBody: true, allowedIps: true };

describe("servers on Node's http, and Express", { skip: runtimes.node.missing, timeout: 120_000 }, () => {
  const inbox = receiver();
  const site = sitesIn(runtimes.node, inbox);
  const get = async (path, options, init) => {
    const response = await (await site(options)).fetch(path, init);
    return [response.status, await response.text()];
  };

  function expectGuest({ payload }, guest) {
    expectContains(payload, { release: 'site@1.0.0', tags: { guest }, user: { id: guest }, contexts: { runtime: { name: 'node' } } });
    assert.deepEqual(breadcrumbs(payload).map(({ message }) => message), [`${guest} came`], 'of this request only');
  }

  it('in Express what is thrown, rejected or handed on is reported once, and answered by the application', async () => {
    const values = {
      '/express/throw': [500, 'thrown in Express'],
      '/express/reject': [500, 'rejected in Express'],
      '/express/next': [500, 'handed on in Express'],
      // Which hands on no rejections: Node is what sees them.
      '/express4/throw': [500, 'thrown in Express'],
      '/express4/next': [500, 'handed on in Express'],
    };
    assert.deepEqual(await get('/express/fine'), [200, 'fine']);
    for (const [path, [status, value]] of Object.entries(values)) {
      const guest = path.replace(/\W/g, '');
      assert.deepEqual(await get(`${path}?guest=${guest}`), [status, `own: ${value}`]);
      const event = await inbox.waitFor(guestIs(guest));
      expectGuest(event, guest);
      expectContains(thrown(event.payload), { value, mechanism: { type: 'auto.http.express', handled: false } });
    }
    await sleep(100);
    assert.equal((await inbox.items({ type: 'event' })).length, Object.keys(values).length);
  });

  it('an error with a status below 500 is an answer, and is not reported, unless that is asked for', async () => {
    assert.deepEqual(await get('/express/gone?guest=gus'), [410, 'own: it is gone']);
    assert.deepEqual(await get('/express/choosy/throw?guest=gil'), [418, 'own: thrown in Express']);
    assert.deepEqual(await get('/express/choosy/gone?guest=gwen'), [418, 'own: it is gone']);
    expectGuest(await inbox.waitFor(), 'gwen');
    await sleep(100);
    assert.equal((await inbox.items({ type: 'event' })).length, 1);
  });

  it('an answer of its own has the id of the event', async () => {
    const [status, text] = await get('/express/asked/throw?guest=ada');
    const { payload } = await inbox.waitFor(guestIs('ada'));
    assert.deepEqual([status, text], [503, `asked: ${payload.event_id}`]);
  });

  for (const [place, path] of [
    ['in Express', '/express/message'],
    ['on a plain server', '/http/message'],
  ]) {
    it(`${place} requests that are served at once have a scope each`, async () => {
      const guests = Array.from({ length: 50 }, (_, i) => `guest-${i}`);
      const ids = await Promise.all(guests.map(async (guest) => (await get(`${path}?guest=${guest}`))[1]));
      for (const [at, guest] of guests.entries()) {
        const found = await inbox.waitFor({ event_id: ids[at] });
        expectGuest(found, guest);
        assert.equal(messageOf(found.payload), `hello ${guest}`);
      }
    });
  }

  it('of a request is told what the options allow, with the body that a parser has read', async () => {
    const body = JSON.stringify({ password: 'abc123', items: [1, 2], text: 'x'.repeat(20_000) });
    const headers = { 'content-type': 'application/json', authorization: 'Bearer abc123abc123', 'x-request-id': 'r-17' };
    assert.equal((await get('/express/body?guest=bea&token=abc123', TELLING, { method: 'POST', body, headers }))[0], 500);
    const { payload } = await inbox.waitFor(guestIs('bea'));
    const { method, url, query_string, headers: told, data } = payload.request;
    assert.match(`${method} ${url}`, /^POST http:\/\/127\.0\.0\.1:\d+\/express\/body$/);
    assert.deepEqual(Object.fromEntries(query_string), { guest: 'bea', token: '[Filtered]' });
    expectContains(told, { Authorization: '[Filtered]', 'Content-Type': 'application/json' });
    assert.deepEqual([data.password, data.items], ['[Filtered]', [1, 2]]);
    assert.match(data.text, /^x+…$/);
    assert.ok(JSON.stringify(data).length <= 8192);
    assert.equal(payload.tags.request_id, 'r-17');
    assert.doesNotMatch(JSON.stringify(payload), /abc123/);
  });

  it('the address of a client is that of its connection where nobody has said another', async () => {
    await get('/express/address', TELLING);
    assert.equal((await inbox.waitFor()).payload.user.ip_address, '127.0.0.1');
  });

  it('a rejection that Express 4 does not hand on ends Node as it would, and is reported with its request', async () => {
    const options = { serverName: 'ends, too' };
    await site(options);
    await assert.rejects(get('/express4/reject?guest=rita', options));
    const event = await inbox.waitFor(guestIs('rita'));
    expectGuest(event, 'rita');
    expectContains(thrown(event.payload), { value: 'rejected in Express', mechanism: { handled: false } });
  });

  it('what a plain listener throws ends Node as it would, when the report of it has left', async () => {
    const options = { serverName: 'ends' };
    const fallible = await site(options);
    await inbox.behaviour({ delayMs: 300 });
    await assert.rejects(get('/http/throw?guest=tom', options));
    expectGuest(await inbox.waitFor(guestIs('tom')), 'tom');
    await assert.rejects(get('/express/fine', options), 'it has ended');
    assert.match(fallible.output(), /TypeError: thrown in a listener/);
    const { mechanism } = thrown((await inbox.waitFor(guestIs('tom'))).payload);
    expectContains(mechanism, { type: 'auto.http.node', handled: false });
    assert.equal((await inbox.items({ type: 'event' })).length, 1);
  });
});
