// The tunnel, in every runtime that serves requests: what names an allowed DSN arrives as it was sent, nothing else is heard
// of by any server, and with a queue an outage of the server loses nothing.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { abuse, MOST } from '../lib/abuse.mjs';
import { dist, needs, parts, tests } from '../lib/env.mjs';
import { messageOf, thrown } from '../lib/expect.mjs';
import { run, sleep, until } from '../lib/process.mjs';
import { receiver } from '../lib/receiver.mjs';
import { envelope, hosts, id, idOf, outage, startExample, startUpstream } from '../lib/tunnels.mjs';

const ADDRESS = 'x-client';

/** What the server may be told by whom: of the tunnel's own, and what each runtime adds. */
const TOLD = /^(content-type|content-length|user-agent|origin|x-sentry-auth|host|connection|accept|accept-language|accept-encoding|sec-fetch-mode|transfer-encoding|cf-worker)$/;

for (const [name, host] of Object.entries(hosts)) {
  describe(`the tunnel in ${name}`, { skip: host.missing, timeout: 120_000 }, () => {
    const inbox = receiver();
    let upstream;
    let decoy;
    let site;
    before(async () => {
      [upstream, decoy] = await Promise.all([startUpstream(), startUpstream()]);
      const { dsn, port } = upstream;
      const free = { dsns: dsn, rateLimit: false };
      site = await host.start({
        plain: free,
        several: { ...free, dsns: [`http://Public@LocalHost:${port}/a/b/2`, 'http://public@127.0.0.1:80/7', dsn] },
        small: { ...free, maxBytes: MOST },
        hasty: { ...free, timeout: 700 },
        limited: { dsns: dsn, rateLimit: { requests: 3, seconds: 1 }, addressIn: ADDRESS },
        telling: { ...free, forwardAddress: true, addressIn: ADDRESS },
        open: { ...free, cors: true },
        choosy: { ...free, cors: ['https://shop.example', 'https://www.shop.example'] },
        inbox: { ...free, dsns: inbox.dsn },
        queue: { ...free, retryDelay: 1 },
        broken: free,
        bound: { dsns: dsn },
      });
    });
    after(() => Promise.all([site?.stop(), upstream?.stop(), decoy?.stop()]));
    beforeEach(() => {
      upstream.answers();
      upstream.clear();
    });
    afterEach(() => assert.deepEqual(decoy.requests(), []));

    const post = async (path, body, headers = {}) => {
      const response = await site.fetch(path, { method: 'POST', body, headers, duplex: 'half' });
      return { status: response.status, headers: response.headers, text: await response.text() };
    };
    const allowed = (how) => envelope(upstream.dsn, how);

    it('an envelope arrives as it was sent, with nothing of the request but who asks', async () => {
      const body = allowed();
      const headers = {
        ...{ 'content-type': 'text/plain;charset=UTF-8', 'user-agent': 'Browser/1.0', origin: 'https://shop.example' },
        ...{ cookie: 'session=abc123', authorization: 'Bearer abc123', referer: 'https://shop.example/abc123' },
        ...{ 'x-forwarded-for': '203.0.113.7', 'cf-connecting-ip': '203.0.113.7', 'x-sentry-auth': 'Sentry sentry_key=abc123', 'x-other': 'abc123' },
      };
      const answer = await post('/plain?sentry_key=abc123', body, headers);
      assert.deepEqual([answer.status, answer.text], [200, '{"id":"1"}']);
      assert.equal(answer.headers.get('content-type'), 'application/json');
      const [seen, ...more] = upstream.requests();
      assert.deepEqual([seen.method, seen.url, String(seen.body), more], ['POST', '/api/1/envelope/', body, []]);
      assert.deepEqual(Object.keys(seen.headers).filter((key) => !TOLD.test(key)), []);
      assert.doesNotMatch(JSON.stringify(seen.headers), /abc123|203\.0\.113/);
      assert.equal(seen.headers['user-agent'], 'Browser/1.0');
      assert.equal(seen.headers.origin, 'https://shop.example');
      assert.equal(seen.headers['content-type'], 'application/x-sentry-envelope');
      assert.match(seen.headers['x-sentry-auth'], /^Sentry sentry_version=7, sentry_key=public, /);
      assert.equal(seen.headers['content-length'], `${body.length}`);
    });

    it('of several DSNs each is found, however its host is written, and is asked as it was allowed', async () => {
      const base = `:${upstream.port}/a/b/2`;
      for (const dsn of [`http://Public@localhost${base}`, `HTTP://Public:secret@LOCALHOST${base}/`]) {
        assert.equal((await post('/several', envelope(dsn))).status, 200);
        const { url, headers } = upstream.requests().at(-1);
        assert.deepEqual([url, /sentry_key=(\w+)/.exec(headers['x-sentry-auth'])[1]], ['/a/b/api/2/envelope/', 'Public']);
      }
      assert.equal((await post('/several', envelope('http://public@127.0.0.1/7'))).status, 502, 'allowed with its port, and nobody is there');
      assert.equal((await post('/several', allowed())).status, 200);
      assert.equal((await post('/several', envelope(`http://public@localhost${base}`))).status, 403);
    });

    it('what is compressed arrives uncompressed', async () => {
      const body = allowed({ bytes: 100_000 });
      assert.equal((await post('/small', gzipSync(body), { 'content-encoding': 'GZIP' })).status, 200);
      assert.equal(String(upstream.requests()[0].body), body);
      assert.equal(upstream.requests()[0].headers['content-encoding'], undefined);
    });

    it('what should not go through is refused, and no server hears of it', async () => {
      const cases = abuse(upstream.port, decoy.port);
      assert.ok(cases.length >= 100, `${cases.length}`);
      const wrong = [];
      for (const { what, status, method, body, query, headers } of cases) {
        const response = await site.fetch(`/small${query}`, { method, body, headers, duplex: 'half' });
        const text = await response.text();
        if (response.status !== status) wrong.push(`${what}: ${response.status} for ${status}, ${text.slice(0, 100)}`);
        if (status === 405) assert.equal(response.headers.get('allow'), 'POST', what);
        else assert.ok(JSON.parse(text).detail, what);
      }
      assert.deepEqual(wrong, []);
      assert.deepEqual(upstream.requests(), []);
    });

    it('what is large is sent on while it comes, and what does not come to its end is no envelope for the server', async () => {
      const body = allowed({ bytes: 5_000_000 });
      assert.equal((await post('/plain', body)).status, 200);
      const [{ whole, body: seen }] = upstream.requests();
      assert.deepEqual([whole, seen.length], [true, body.length]);
      assert.ok(seen.equals(Buffer.from(body)));
      /** A body that begins well, and after so many parts is at its end or breaks. */
      const parts = (count, end) => {
        let at = 0;
        return new ReadableStream({
          async pull(controller) {
            controller.enqueue(Buffer.from(at++ ? 'x'.repeat(65_536) : body.slice(0, 1000)));
            if (at > count) await end(controller);
          },
        });
      };
      const broken = async () => {
        await until(() => upstream.requests().length && upstream.requests().every(({ body }) => body), 'the end of the request');
        assert.deepEqual(upstream.requests().map(({ whole }) => whole), [false]);
      };
      upstream.clear();
      assert.equal((await post('/plain', parts(330, (stream) => stream.close()))).status, 413);
      await broken();
      upstream.clear();
      await assert.rejects(post('/plain', parts(60, (stream) => sleep(200).then(() => stream.error(new Error('gone'))))));
      await broken();
    });

    it('a redirection is followed by nobody', async () => {
      for (const status of [301, 302, 303, 307, 308]) {
        upstream.answers({ status, headers: { location: `http://127.0.0.1:${decoy.port}/api/1/envelope/` } });
        const { status: seen, headers } = await post('/plain', allowed());
        assert.deepEqual([seen, headers.get('location')], [502, null]);
      }
    });

    it('the answer of the server goes back, with what clients obey, and nothing else', async () => {
      const limits = { 'retry-after': '17', 'x-sentry-rate-limits': '17:error:key' };
      const more = { 'set-cookie': 'a=b', 'x-powered-by': 'servers', 'x-sentry-error': 'no', server: 'upstream' };
      for (const status of [200, 400, 401, 403, 413, 429, 500, 503]) {
        upstream.answers({ status, headers: { ...limits, ...more }, body: '{"detail":"so"}' });
        const { status: seen, text, headers } = await post('/plain', allowed());
        assert.deepEqual([seen, text], [status, '{"detail":"so"}']);
        assert.deepEqual(Object.keys(limits).map((key) => headers.get(key)), Object.values(limits));
        assert.deepEqual(Object.keys(more).filter((key) => headers.get(key) === more[key]), []);
      }
      upstream.answers({ status: 503, headers: { 'content-type': 'text/html' }, body: '<script>alert(1)</script>' });
      assert.equal((await post('/plain', allowed())).text, '{}');
      upstream.answers({ body: `"${'x'.repeat(1_000_000)}"` });
      assert.equal((await post('/plain', allowed())).text, '{}');
      upstream.answers({ status: 204, body: undefined });
      assert.equal((await post('/plain', allowed())).status, 204);
      upstream.answers({ short: true });
      assert.deepEqual(await post('/plain', allowed()).then(({ status, text }) => [status, text]), [200, '{}']);
    });

    it('a server that does not answer, is not there, or hangs up is told from one that refuses', async () => {
      upstream.answers({ delayMs: 3000 });
      const start = performance.now();
      assert.equal((await post('/hasty', allowed())).status, 504);
      assert.ok(performance.now() - start < 2500);
      upstream.answers({ cut: true });
      assert.equal((await post('/plain', allowed())).status, 502);
      await upstream.down();
      assert.equal((await post('/plain', allowed())).status, 502);
      await upstream.up();
    });

    it('a client that does not come to an end is not waited for', async () => {
      const slow = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from(allowed())) });
      const status = await post('/hasty', slow).then(({ status }) => status);
      assert.equal(status, 408);
      assert.deepEqual(upstream.requests(), []);
    });

    it('an address that asks too often is told when to come again, and no other is held up', async () => {
      const ask = async (address) => post('/limited', allowed(), { [ADDRESS]: address });
      const statuses = async (...addresses) => Promise.all(addresses.map(async (address) => (await ask(address)).status));
      assert.deepEqual(await statuses('192.0.2.1', '192.0.2.1', '192.0.2.1'), [200, 200, 200]);
      const { status, headers } = await ask('192.0.2.1');
      assert.deepEqual([status, headers.get('retry-after')], [429, '1']);
      assert.deepEqual(await statuses('192.0.2.2', '::ffff:192.0.2.3'), [200, 200]);
      // Of one network of IPv6 all are one, however they are written.
      assert.deepEqual(await statuses('2001:db8::1', '2001:0DB8:0:0::2', '2001:db8:0:0:ffff::'), [200, 200, 200]);
      assert.deepEqual(await statuses('2001:db8::4', '2001:db8:0:1::4'), [429, 200]);
      const before = upstream.requests().length;
      assert.equal((await ask('192.0.2.1')).status, 429);
      assert.equal(upstream.requests().length, before, 'the server has not heard of it');
      await sleep(1100);
      assert.equal((await ask('192.0.2.1')).status, 200);
      assert.equal((await post('/limited', allowed())).status, 200, 'no address is known');
    });

    it('the server is told the address of the client where that is asked for', async () => {
      await post('/telling', allowed(), { [ADDRESS]: '203.0.113.7', 'x-forwarded-for': '198.51.100.1' });
      const { headers } = upstream.requests()[0];
      assert.deepEqual([headers['x-forwarded-for'], headers['x-sentry-forwarded-for']], ['203.0.113.7', '203.0.113.7']);
    });

    it('pages of other origins may ask where they are let in', async () => {
      const asked = { origin: 'https://shop.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' };
      const cors = async (path, method, headers) => {
        const response = await site.fetch(path, { method, headers, ...(method === 'POST' && { body: allowed() }) });
        await response.arrayBuffer();
        return [response.status, response.headers.get('access-control-allow-origin'), response.headers.get('access-control-expose-headers')];
      };
      const exposed = 'retry-after, x-sentry-rate-limits';
      assert.deepEqual(await cors('/open', 'OPTIONS', asked), [204, '*', exposed]);
      assert.deepEqual(await cors('/open', 'POST', asked), [200, '*', exposed]);
      assert.deepEqual(await cors('/open', 'GET', asked), [405, '*', exposed]);
      assert.deepEqual(await cors('/choosy', 'OPTIONS', asked), [204, asked.origin, exposed]);
      assert.deepEqual(await cors('/choosy', 'POST', asked), [200, asked.origin, exposed]);
      assert.deepEqual(await cors('/choosy', 'POST', { origin: 'https://evil.example' }), [200, null, null]);
      assert.deepEqual(await cors('/choosy', 'POST', { origin: 'null' }), [200, null, null]);
      assert.deepEqual(await cors('/plain', 'POST', asked), [200, null, null]);
      const response = await site.fetch('/choosy', { method: 'OPTIONS', headers: asked });
      assert.deepEqual(['vary', 'access-control-allow-methods'].map((key) => response.headers.get(key)), ['origin', 'POST']);
    });

    it('what SDKs send to their `tunnel` arrives, and is an envelope as it should be', async () => {
      const options = JSON.stringify({ dsn: inbox.dsn, tunnel: `${site.base}/inbox`, integrations: [] });
      const own = `
        import { init, captureMessage, captureException, flush } from ${JSON.stringify(`file://${dist}/server.js`)};
        init(${options});
        captureMessage('through the tunnel');
        captureException(new Error('also through it'));
        console.log('flushed', await flush(10_000));
      `;
      const other = `
        import { BrowserClient, defaultStackParser, makeFetchTransport, Scope } from '@sentry/browser';
        const client = new BrowserClient({ ...${options}, transport: makeFetchTransport, stackParser: defaultStackParser });
        client.captureMessage("another's", 'info', {}, new Scope());
        console.log('flushed', await client.flush(10_000));
      `;
      const sent = async (script) => {
        assert.match(await run(process.execPath, ['--input-type=module', '-e', script], { cwd: tests }), /flushed true/);
        return (await inbox.items({ type: 'event' })).map(({ payload }) => messageOf(payload) ?? payload.message ?? thrown(payload).value);
      };
      assert.deepEqual(await sent(other), ["another's"]);
      // Only our own events are held to what Relay would not change.
      await inbox.clear();
      assert.deepEqual((await sent(own)).sort(), ['also through it', 'through the tunnel']);
    });

    if (name === 'workerd') {
      it("the platform's own limits can take the place of the tunnel's", async () => {
        const headers = { 'cf-connecting-ip': '192.0.2.9' };
        const seen = [];
        for (let at = 0; at < 5; at++) seen.push((await post('/bound', allowed(), headers)).status);
        assert.deepEqual(seen, [200, 200, 200, 429, 429]);
      });

      queueTests({ post, allowed, site: () => site, upstream: () => upstream, decoy: () => decoy });
    }
  });
}

/** What holds of the durable path. */
function queueTests({ post, allowed, site, upstream, decoy }) {
  const arrived = () => upstream().requests().filter(({ status }) => status === 200);
  const dropped = (text) =>
    site().output().split('\n').filter((line) => line.startsWith('dropped: ')).map((line) => JSON.parse(line.slice(9))).filter(({ header }) => header.includes(text));

  it('what is put into the queue is answered at once, and delivered with what the request told', async () => {
    upstream().answers({ delayMs: 400 });
    const body = allowed();
    const start = performance.now();
    const { status, text } = await post('/queue', body, { 'user-agent': 'Browser/1.0', cookie: 'a=b' });
    assert.deepEqual([status, text], [200, '{}']);
    assert.ok(performance.now() - start < 400);
    await until(() => arrived().length, 'the envelope');
    const [{ body: seen, headers }] = arrived();
    assert.deepEqual([String(seen), headers['user-agent'], headers.cookie], [body, 'Browser/1.0', undefined]);
  });

  it('what a message cannot hold is compressed for it, and what cannot be is sent on at once', async () => {
    for (const how of [{ bytes: 600_000 }, { bytes: 600_000, random: true }, { bytes: 3_000_000 }]) {
      upstream().clear();
      const body = allowed(how);
      const { status, text } = await post('/queue', body);
      assert.deepEqual([status, text], [200, how.random || how.bytes > 1e6 ? '{"id":"1"}' : '{}']);
      await until(() => arrived().length, 'the envelope');
      assert.ok(arrived()[0].body.equals(Buffer.from(body)));
    }
  });

  it('a queue that takes nothing is gone round', async () => {
    assert.deepEqual([(await post('/broken', allowed())).text, arrived().length], ['{"id":"1"}', 1]);
  });

  it('an outage of the server loses none of 1,000 envelopes, and sends none twice', async () => {
    const { answers, lost, twice, tries } = await outage({ site: site(), upstream: upstream(), path: '/queue', envelopes: 1000, seconds: 6, patience: 40 });
    assert.deepEqual([answers, lost, twice], [{ 200: 1000 }, 0, 0]);
    assert.ok(tries > 1000, 'some were tried in vain');
  });

  it('what the server refuses is not sent again, and told; the others of its batch arrive', async () => {
    const statuses = [400, 403, 404, 413, 422];
    const ids = Array.from({ length: 30 }, id);
    const fate = new Map(statuses.map((status, at) => [ids[at * 5], status]));
    upstream().answers((request) => ({ status: fate.get(idOf(request)) ?? 200 }));
    await Promise.all(ids.map((event_id) => post('/queue', allowed({ event_id }))));
    await until(() => upstream().requests().length >= ids.length, 'all');
    await sleep(2500);
    assert.deepEqual(upstream().requests().map(idOf).sort(), [...ids].sort(), 'each was sent once');
    const told = [...fate].map(([event_id]) => dropped(event_id).map(({ reason, status }) => [reason, status]));
    assert.deepEqual(told, statuses.map((status) => [['refused', status]]));
  });

  it('what fails is tried again after pauses that grow, and holds up nothing else', async () => {
    const [bad, hung, ...good] = Array.from({ length: 12 }, id);
    const times = () => upstream().requests().filter((request) => idOf(request) === bad).map(({ at }) => at);
    upstream().answers((request) => {
      const its = idOf(request);
      const first = upstream().requests().filter(({ body }) => body && JSON.parse(String(body).split('\n')[0]).event_id === its).length === 1;
      if (its === hung && first) return { cut: true, status: 0 };
      return { status: its === bad && times().length < 4 ? 500 : 200 };
    });
    await Promise.all([bad, hung, ...good].map((event_id) => post('/queue', allowed({ event_id }))));
    await until(() => arrived().length >= good.length, 'the others', { timeoutMs: 900 });
    await until(() => arrived().length >= good.length + 2, 'all', { timeoutMs: 20_000 });
    const at = times();
    const pauses = at.slice(1).map((time, i) => time - at[i]);
    assert.equal(pauses.length, 3);
    for (const [i, least] of [1000, 2000, 4000].entries()) assert.ok(pauses[i] >= least - 50 && pauses[i] < least + 2000, `${pauses}`);
  });

  it('a limit of the server is waited for by all that it concerns, and by nothing else', async () => {
    const until_ = Date.now() + 3000;
    upstream().answers((request) =>
      Date.now() < until_ && String(request.body).includes('"type":"event"')
        ? { status: 429, headers: { 'x-sentry-rate-limits': '3:error:key' } }
        : {},
    );
    const dsn = `http://public@127.0.0.1:${upstream().port}/1`;
    const feedback = envelope(dsn).replace('"type":"event"', '"type":"feedback"');
    assert.equal((await post('/queue', allowed())).text, '{}');
    await until(() => upstream().requests().length === 1, 'the first');
    await Promise.all([...Array.from({ length: 20 }, () => post('/queue', allowed())), post('/queue', feedback)]);
    await until(() => arrived().length === 1, 'the feedback', { timeoutMs: 1500 });
    await until(() => arrived().length === 22, 'all', { timeoutMs: 10_000 });
    assert.equal(upstream().requests().length, 23, 'nothing was asked for in vain');
    assert.ok(Math.min(...arrived().slice(1).map(({ at }) => at)) >= until_ - 1000);
  });

  it('what is in the queue is looked at as what comes from a page is', async () => {
    const bytes = (text) => new TextEncoder().encode(text);
    const elsewhere = id();
    const own = id();
    const letters = [
      ...[null, 'text', 7, {}, { envelope: 'text', headers: {} }, { envelope: bytes('x') }, { envelope: bytes('{}\n'), headers: {} }],
      { envelope: bytes(envelope(`http://public@127.0.0.1:${decoy().port}/1`, { event_id: elsewhere })), headers: {}, gzip: false },
      { envelope: bytes(allowed({ event_id: own })), headers: {}, gzip: true },
      { envelope: bytes(allowed({ event_id: own })), headers: {}, gzip: false },
    ];
    const before = dropped('').length;
    for (const letter of letters) await site().enqueue(letter);
    await until(() => arrived().length === 1 && dropped('').length === before + letters.length - 1, 'all to be settled');
    assert.deepEqual(upstream().requests().map(idOf), [own]);
    assert.deepEqual(dropped(elsewhere).map(({ reason }) => reason), ['not_allowed']);
    assert.deepEqual(new Set(dropped('').slice(before).map(({ reason }) => reason)), new Set(['malformed', 'not_allowed']));
  });
}

describe('the example of a tunnel', { skip: hosts.workerd.missing, timeout: 60_000 }, () => {
  it('delivers by its queue what its pages send, with the bindings that its configuration names', async () => {
    const upstream = await startUpstream();
    const site = await startExample({ DSN: upstream.dsn });
    const ask = (body) => site.fetch('/', { method: 'POST', body, headers: { origin: 'https://shop.example.com' } });
    try {
      const body = envelope(upstream.dsn);
      const response = await ask(body);
      assert.deepEqual([response.status, response.headers.get('access-control-allow-origin')], [200, 'https://shop.example.com']);
      assert.deepEqual(await response.text(), '{}', 'it is in the queue');
      await until(() => upstream.requests()[0]?.body, 'the envelope');
      assert.equal(String(upstream.requests()[0].body), body);
      assert.equal((await ask(envelope('https://public@errors.example.com/1'))).status, 403);
    } finally {
      await Promise.all([site.stop(), upstream.stop()]);
    }
  });
});

describe('the making of a tunnel', { skip: needs(parts.dist) }, () => {
  const dsns = 'https://public@errors.example.com/1';
  let createTunnel;
  before(async () => ({ createTunnel } = await import(`file://${dist}/tunnel.js`)));

  it('refuses what is wrong, and says what', () => {
    const wrong = [
      [undefined, /options must be an object/],
      [{}, /dsns must be/],
      [{ dsns: [] }, /dsns must be/],
      [{ dsns: [1] }, /dsns must be/],
      [{ dsns: undefined }, /dsns must be/],
      [{ dsns: 'errors.example.com' }, /the syntax of DSN 1 is wrong/],
      [{ dsns: [dsns, 'https://errors.example.com/1'] }, /the key of DSN 2 is wrong/],
      [{ dsns: 'ftp://public@errors.example.com/1' }, /the scheme of DSN 1 is wrong/],
      [{ dsns, maxBytes: '1MB' }, /maxBytes must be a positive number/],
      [{ dsns, maxBytes: -1 }, /maxBytes/],
      [{ dsns, timeout: Infinity }, /timeout/],
      [{ dsns, rateLimit: true }, /rateLimit must be/],
      [{ dsns, rateLimit: { requests: 0, seconds: 1 } }, /rateLimit/],
      [{ dsns, clientAddress: 'cf-connecting-ip' }, /clientAddress must be a function/],
      [{ dsns, forwardAddress: 1 }, /forwardAddress/],
      [{ dsns, cors: [] }, /cors must be/],
      [{ dsns, queue: {} }, /queue must be a queue/],
      [{ dsns, retryDelay: 0 }, /retryDelay/],
      [{ dsns, onDrop: {} }, /onDrop/],
      [{ dsns, allowedDsns: dsns }, /there is no option allowedDsns/],
    ];
    for (const [options, message] of wrong) assert.throws(() => createTunnel(options), (error) => error instanceof TypeError && message.test(error.message));
  });

  it('no first line takes it long', async () => {
    const tunnel = createTunnel({ dsns });
    const lines = {
      ...{ slashes: '/'.repeat(8000) + 'x', blanks: `x${' '.repeat(8000)}x`, schemes: '://'.repeat(2600), ats: `http://${'@'.repeat(8000)}` },
      ...{ ways: `http://a@b${'/x'.repeat(4000)}`, quotes: '"'.repeat(4000), backslashes: '\\'.repeat(4000) },
    };
    for (const [what, dsn] of Object.entries(lines)) {
      const times = [];
      for (let at = 0; at < 5; at++) {
        const request = new Request('http://site.example/', { method: 'POST', body: `${JSON.stringify({ dsn })}\n` });
        const start = performance.now();
        assert.equal((await tunnel.fetch(request)).status, 400, what);
        times.push(performance.now() - start);
      }
      assert.ok(Math.min(...times) < 20, `${what}: ${times} ms`);
    }
  });

  it('takes what is right', () => {
    const queue = { send: async () => {} };
    for (const options of [{ dsns }, { dsns: [dsns] }, { dsns, queue }, { dsns, queue: () => queue, cors: '*' }, { dsns, rateLimit: () => true, maxBytes: 1 }])
      assert.deepEqual(Object.keys(createTunnel(options)), ['fetch', 'queue']);
  });

  it('an invocation is kept alive until the answer is there, though its page goes', async () => {
    const sent = [];
    const queue = { send: async (...args) => sleep(50).then(() => sent.push(args)) };
    const kept = [];
    const request = new Request('http://site.example/', { method: 'POST', body: envelope(dsns) });
    void createTunnel({ dsns, queue }).fetch(request, {}, { waitUntil: (promise) => kept.push(promise) });
    await Promise.all(kept);
    assert.deepEqual([kept.length, sent.length], [1, 1]);
  });

  it('remembers no more than 10,000 addresses', async () => {
    const tunnel = createTunnel({ dsns, rateLimit: { requests: 1, seconds: 1000 }, clientAddress: (request) => request.headers.get(ADDRESS) });
    const ask = async (address) => (await tunnel.fetch(new Request('http://site.example/', { method: 'POST', headers: { [ADDRESS]: address } }))).status;
    assert.deepEqual([await ask('first'), await ask('first')], [400, 429]);
    for (let at = 0; at < 9_999; at++) await ask(`address-${at}`);
    assert.equal(await ask('first'), 429, 'it is one of 10,000');
    await ask('one more');
    assert.equal(await ask('first'), 400, 'it was forgotten');
  });
});
