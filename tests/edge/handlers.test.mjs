// One suite for every runtime that serves requests: what a handler does and suffers is reported with its own request's
// scope, nothing is reported of what is fine, and no response waits for a report unless that is asked for.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { build } from 'esbuild';
import { dist } from '../lib/env.mjs';
import { breadcrumbs, expectContains, messageOf, thrown } from '../lib/expect.mjs';
import { run, sleep } from '../lib/process.mjs';
import { guestIs, receiver } from '../lib/receiver.mjs';
import { commands, runtimes, sitesIn } from '../lib/runtimes.mjs';
import { cases, slug } from './site/cases.mjs';

/** Longer than any response may take, and than the patience that is asked for. */
const SLOW = 3000;

const DEFAULT = {};
const TELLING = { sendRequest: true, sendBody: true, allowedIps: true, allowedCookies: ['theme'] };
const CHOOSY = { sendRequest: true, allowedHeaders: ['accept'], allowedSearchParams: ['guest'], requestIdHeader: 'x-trace' };
/** Sites of their own, since what the server has asked for stays; when they answer they have read what it was. */
const APART = { serverName: 'a', waitForDelivery: true };
const ALSO_APART = { serverName: 'b', waitForDelivery: true };
const SCRUBBING = { ...TELLING, scrubbing: true };
const WAITING = { waitForDelivery: true, timeout: 600 };

/** What each case did in each runtime. */
const results = new Map();
after(() => {
  const names = Object.keys(runtimes).filter((name) => !runtimes[name].missing);
  console.log([...names.map((name, at) => `${'|  '.repeat(at)}${name}`), '|  '.repeat(names.length)].join('\n'));
  for (const [title, row] of results) console.log(names.map((name) => row[name] ?? ' ').join('  ') + `  ${title}`);
  console.log(`${results.size} cases in ${names.length} runtimes`);
});

for (const [name, runtime] of Object.entries(runtimes)) {
  /** A case that is told in the table. */
  const test = (title, fn, label = title) =>
    it(title, async () => {
      if (!results.has(label)) results.set(label, {});
      results.get(label)[name] = '✗';
      await fn();
      results.get(label)[name] = '✓';
    });

  describe(`handlers in ${name}`, { skip: runtime.missing, timeout: 180_000 }, () => {
    const inbox = receiver();
    const site = sitesIn(runtime, inbox);
    const get = async (path, options = DEFAULT, init = {}) => {
      const start = performance.now();
      const response = await (await site(options)).fetch(path, init);
      const text = await response.text();
      return { status: response.status, text, ms: performance.now() - start };
    };
    const events = () => inbox.items({ type: 'event' });

    /** What every event of a request has. */
    function expectGuest({ payload }, guest) {
      expectContains(payload, { release: 'site@1.0.0', environment: 'test', tags: { guest }, user: { id: guest }, platform: 'javascript' });
      assert.deepEqual(breadcrumbs(payload).map(({ message }) => message), [`${guest} came`], 'of this request only');
      assert.equal(payload.contexts.runtime.name, runtime.called ?? name);
      assert.equal(payload.contexts.sdk?.fallback, undefined, 'it was sent by the module');
    }

    test('a request that is fine is answered, and nothing is sent', async () => {
      const { status, text } = await get('/fine');
      assert.deepEqual([status, text], [200, 'fine']);
      assert.equal((await get('/nowhere')).status, 404);
      await sleep(100);
      assert.deepEqual(await inbox.requests(), []);
    });

    test('what is thrown at once is reported, and the runtime answers as it does', async () => {
      const { status } = await get('/throw?guest=tom');
      assert.equal(status, 500);
      const event = await inbox.waitFor(guestIs('tom'));
      expectGuest(event, 'tom');
      const { type, value, mechanism, stacktrace } = thrown(event.payload);
      assert.deepEqual([type, value, mechanism.handled, event.payload.level], ['TypeError', 'thrown at once', false, 'error']);
      assert.match(mechanism.type, /^auto\.(http|faas)\./);
      assert.match(stacktrace.frames.at(-1).filename, runtime.file ?? /site\.mjs$/);
      assert.equal(event.payload.request, undefined, 'nobody has asked for it');
    });

    test('what is rejected later is reported with its cause', async () => {
      assert.equal((await get('/reject?guest=rita')).status, 500);
      const event = await inbox.waitFor(guestIs('rita'));
      expectGuest(event, 'rita');
      assert.deepEqual(
        event.payload.exception.values.map(({ type, value }) => [type, value]),
        [
          ['Error', 'the reason'],
          ['RangeError', 'thrown later'],
        ],
      );
    });

    test('also what is no error at all is reported', async () => {
      assert.equal((await get('/null')).status, 500);
      const { payload } = await inbox.waitFor();
      assert.equal(thrown(payload).mechanism.handled, false);
    });

    test('a capture by hand has its id at once, and it is the last of its request', async () => {
      const { id, last } = JSON.parse((await get('/captured?guest=carl')).text);
      assert.deepEqual(last, { id, source: 'manual' });
      const event = await inbox.waitFor({ event_id: id });
      expectGuest(event, 'carl');
      assert.equal(thrown(event.payload).mechanism.handled, true);
    });

    test('a job is checked in when it begins and when it ends, and what it throws is reported, too', async () => {
      assert.equal((await get('/job?guest=good')).text, 'done');
      assert.equal((await get('/job?guest=bad')).status, 500);
      expectGuest(await inbox.waitFor(guestIs('bad')), 'bad');
      for (const [guest, end] of [
        ['good', 'ok'],
        ['bad', 'error'],
      ]) {
        const ofStatus = (status) =>
          inbox.waitFor({ type: 'check_in', where: (job) => job.monitor_slug === `job-${guest}` && job.status === status });
        const [{ payload: begun }, { payload: ended }] = [await ofStatus('in_progress'), await ofStatus(end)];
        assert.equal(begun.check_in_id, ended.check_in_id);
        assert.ok(ended.duration >= 0 && ended.duration < 2, `${ended.duration} s`);
        expectContains(begun, {
          release: 'site@1.0.0',
          environment: 'test',
          monitor_config: { schedule: { type: 'interval', value: 1, unit: 'hour' }, max_runtime: 5, timezone: 'Europe/Vienna' },
        });
        assert.match(begun.contexts.trace.trace_id, /^[0-9a-f]{32}$/);
        assert.deepEqual([begun.event_id, begun.tags, begun.user], [undefined, undefined, undefined]);
      }
    });

    test('a check-in by hand has the id of its run, and no limit of events holds it back', async () => {
      await inbox.behaviour({ headers: { 'x-sentry-rate-limits': '60:error:organization' } });
      await get('/message?guest=limited', APART);
      await inbox.waitFor(guestIs('limited'));
      await get('/message?guest=unheard', APART);
      const id = (await get('/begun', APART)).text;
      for (const status of ['in_progress', 'ok'])
        await inbox.waitFor({ type: 'check_in', where: (job) => job.check_in_id === id && job.status === status });
      assert.equal((await events()).length, 1);
    });

    test('check-ins that the server does not want are not sent', async () => {
      await inbox.behaviour({ headers: { 'x-sentry-rate-limits': '60:monitor:organization' } });
      await get('/message?guest=first', ALSO_APART);
      await inbox.waitFor(guestIs('first'));
      await get('/begun', ALSO_APART);
      await get('/message?guest=second', ALSO_APART);
      await inbox.waitFor(guestIs('second'));
      assert.deepEqual(await inbox.items({ type: 'check_in' }), []);
      await inbox.waitFor({
        type: 'client_report',
        where: ({ discarded_events: lost }) => lost.some(({ category, quantity }) => category === 'monitor' && quantity === 2),
      });
    });

    test('the last event of a request may be one that a wrapper has captured', async () => {
      const { id, source } = JSON.parse((await get('/source?guest=sam')).text);
      assert.equal(source, 'middleware');
      expectGuest(await inbox.waitFor({ event_id: id }), 'sam');
    });

    test('what the options do not say is taken from the environment', async () => {
      const variables = { SENTRY_DSN: inbox.dsn, SENTRY_ENVIRONMENT: 'staging', SENTRY_RELEASE: 'site@2.0.0' };
      const own = await runtime.start({ release: null, environment: null }, variables);
      try {
        await own.fetch('/message?guest=eva');
        const { payload } = await inbox.waitFor(guestIs('eva'));
        expectContains(payload, { environment: 'staging', release: 'site@2.0.0' });
      } finally {
        await own.stop();
      }
    });

    test('a message is sent with its level', async () => {
      await get('/message?guest=mia');
      const event = await inbox.waitFor(guestIs('mia'));
      expectGuest(event, 'mia');
      assert.deepEqual([messageOf(event.payload), event.payload.level], ['hello mia', 'warning']);
    });

    test('what is thrown in a handler within a handler is reported once', async () => {
      assert.equal((await get('/nested?guest=nora')).status, 500);
      expectGuest(await inbox.waitFor(guestIs('nora')), 'nora');
      await sleep(200);
      assert.equal((await events()).length, 1);
    });

    test('what is captured after the response arrives', async () => {
      assert.equal((await get('/late?guest=lara')).text, 'before that');
      expectGuest(await inbox.waitFor(guestIs('lara')), 'lara');
    });

    test('a response that is streamed comes whole, and what is captured meanwhile arrives', async () => {
      assert.equal((await get('/stream?guest=steve')).text, '1 2 3 4 5 ');
      expectGuest(await inbox.waitFor(guestIs('steve')), 'steve');
    });

    test('requests that are served at once have a scope each', async () => {
      const guests = Array.from({ length: 200 }, (_, i) => `guest-${i}`);
      // 50 at a time: of what waits to be sent a client keeps 100.
      for (let at = 0; at < guests.length; at += 50) {
        const some = guests.slice(at, at + 50);
        await Promise.all(some.map((guest) => get(`/message?guest=${guest}`)));
        for (const guest of some) expectGuest(await inbox.waitFor(guestIs(guest)), guest);
      }
      const all = await events();
      assert.equal(all.length, guests.length);
      for (const { payload } of all) assert.equal(messageOf(payload), `hello ${payload.tags.guest}`);
    });

    test(`what is set without naming the request ${runtime.ambient ? 'is its own' : 'comes into no event, and that is said once'}`, async () => {
      const guests = Array.from({ length: 40 }, (_, i) => `ambient-${i}`);
      const ids = await Promise.all(guests.map(async (guest) => [guest, (await get(`/ambient?guest=${guest}`)).text]));
      for (const [guest, id] of ids) {
        const found = await inbox.waitFor(runtime.ambient ? { event_id: id } : { where: (event) => messageOf(event) === `ambient ${guest}` });
        assert.equal(messageOf(found.payload), `ambient ${guest}`);
        if (runtime.ambient) {
          expectGuest(found, guest);
          assert.equal(found.payload.tags.inner, guest);
        } else {
          assert.deepEqual([found.payload.tags, found.payload.user, breadcrumbs(found.payload)], [undefined, undefined, []]);
        }
      }
      const said = (await site(DEFAULT)).output().match(/has no effect here/g) ?? [];
      assert.equal(said.length, runtime.ambient ? 0 : 1);
    }, 'what is set without naming the request is its own, or nobody’s');

    test('of a request is told what the options allow, without secrets', async () => {
      const headers = {
        accept: 'text/html',
        authorization: 'Bearer abc123abc123',
        cookie: 'theme=dark; session=abc123',
        'cf-connecting-ip': '203.0.113.7',
        'x-forwarded-for': '203.0.113.7, 10.0.0.1',
        'x-request-id': 'r-17',
      };
      await get('/throw?guest=paul&token=abc123', TELLING, { headers });
      const { payload } = await inbox.waitFor(guestIs('paul'));
      const { method, url, query_string, headers: told, cookies } = payload.request;
      assert.equal(method, 'GET');
      assert.match(url, /^http:\/\/[^?]+\/throw$/);
      // Next.js adds those of its routes.
      expectContains(Object.fromEntries(query_string), { guest: 'paul', token: '[Filtered]' });
      expectContains(told, { Accept: 'text/html', Authorization: '[Filtered]' });
      assert.equal(told.Cookie, undefined);
      assert.deepEqual(cookies, [['theme', 'dark']]);
      assert.equal(payload.tags.request_id, 'r-17');
      assert.deepEqual(payload.user, { id: 'paul', ip_address: '203.0.113.7' });
      assert.doesNotMatch(JSON.stringify(payload), /abc123/);
    });

    test('of headers and parameters only those that are allowed are told', async () => {
      const headers = { accept: 'text/html', 'x-other': 'yes', 'x-trace': 't-9', 'x-forwarded-for': '203.0.113.7' };
      await get('/throw?guest=nils&page=2', CHOOSY, { headers });
      const { payload } = await inbox.waitFor(guestIs('nils'));
      assert.deepEqual(payload.request.query_string, [['guest', 'nils']]);
      assert.deepEqual(payload.request.headers, { Accept: 'text/html' });
      assert.equal(payload.request.cookies, undefined);
      assert.equal(payload.tags.request_id, 't-9');
      assert.equal(payload.user.ip_address, undefined);
    });

    test('the application has the last look at what is told of a request', async () => {
      const headers = { accept: 'text/html', cookie: 'theme=dark', 'content-type': 'text/plain' };
      await get('/body?guest=sina', SCRUBBING, { method: 'POST', body: 'twelve bytes', headers });
      const { request } = (await inbox.waitFor(guestIs('sina'))).payload;
      assert.match(request.url, /\/PATH$/);
      assert.equal(request.headers.Accept, 'text/html, scrubbed');
      assert.deepEqual([request.cookies, request.data], [undefined, 12]);
    });

    test('the address of a client is told where that is allowed', async () => {
      await get('/null', TELLING, { headers: { 'cf-connecting-ip': '203.0.113.7', 'x-forwarded-for': '203.0.113.7, 10.0.0.1' } });
      const { payload } = await inbox.waitFor();
      assert.equal(payload.user.ip_address, '203.0.113.7');
    });

    test('of a body its first 8 kB are told, whether the handler has read it or not', async () => {
      for (const [path, guest] of [
        ['/body', 'bea'],
        ['/unread', 'una'],
      ]) {
        const body = JSON.stringify({ password: 'abc123', text: 'x'.repeat(20_000) });
        const { status } = await get(`${path}?guest=${guest}`, TELLING, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
        assert.equal(status, 500);
        const { payload } = await inbox.waitFor(guestIs(guest));
        assert.match(payload.request.data, /^\{"password":"\[Filtered\]","text":"x+…$/);
        assert.ok(payload.request.data.length <= 8192, `${payload.request.data.length}`);
        if (path === '/body') assert.equal(thrown(payload).value, `a body of ${body.length}`);
      }
      await get('/named-body?guest=nele', TELLING, { method: 'POST', body: 'something else' });
      assert.deepEqual((await inbox.waitFor(guestIs('nele'))).payload.request.data, { seat: '12A' });
      assert.equal((await get('/body?guest=ben', TELLING, { method: 'POST', body: 'all of it' })).text, 'all of it');
    });

    for (const [title, { status, thrown: throws, event, absent = [], exception, feedback, many, body, check }] of Object.entries(cases))
      test(title, async () => {
        const guest = slug(title);
        const init = body && { method: 'POST', body: JSON.stringify(body) };
        const response = await (await site(DEFAULT)).fetch(`/case?guest=${guest}`, { redirect: 'manual', ...init });
        const text = await response.text();
        if (status) assert.equal(response.status, status);
        if (feedback) expectContains((await inbox.waitFor({ type: 'feedback' })).payload, feedback);
        if (event === null) await sleep(50);
        else {
          const { payload } = await inbox.waitFor(guestIs(guest));
          expectContains(payload, event ?? {});
          if (exception) expectContains(thrown(payload), exception);
          for (const name of absent) assert.equal(payload[name], undefined, name);
          if (throws && !exception?.mechanism) assert.equal(thrown(payload).mechanism.handled, false);
          if (many) await sleep(100);
        }
        const items = await inbox.items();
        const seen = items.filter(({ type }) => type === 'event').map(({ payload }) => payload);
        if (!many) assert.equal(seen.length, event === null ? 0 : 1);
        check?.({ events: seen, attachments: items.filter(({ type }) => type === 'attachment'), text, headers: response.headers }, assert);
      });

    if (runtime.hono) {
      test('in Hono what a handler throws is reported, and answered as the application would, or as it is asked for', async () => {
        assert.equal((await get('/hono/fine')).text, 'fine');
        const answers = {
          '/hono/throw': [500, /^Internal Server Error$/],
          '/hono/null': [500, /^Internal Server Error$/],
          '/hono/own/throw': [418, /^own: thrown in Hono$/],
          '/hono/asked/throw': [503, /^asked: ID$/],
          '/hono/asked/null': [503, /^asked: ID$/],
          '/hono/repanic/throw': [500, /^Internal Server Error$/],
        };
        for (const [path, [status, text]] of Object.entries(answers)) {
          await inbox.clear();
          const guest = path.replace(/\W/g, '');
          const seen = await get(`${path}?guest=${guest}`);
          const { payload } = await inbox.waitFor(guestIs(guest));
          assert.equal(seen.status, status, path);
          assert.match(seen.text.replace(payload.event_id, 'ID'), text, path);
          expectContains(thrown(payload).mechanism, { type: 'auto.http.hono', handled: false });
          await sleep(50);
          assert.equal((await events()).length, 1, `${path}: once`);
        }
      });
    }

    test('no response waits for a server that is slow', async () => {
      await inbox.behaviour({ delayMs: SLOW });
      for (const path of ['/throw', '/captured', '/message']) {
        const { ms } = await get(`${path}?guest=slow${path.slice(1)}`);
        assert.ok(ms < SLOW / 3, `${path} took ${ms} ms`);
      }
      await Promise.all(['slowthrow', 'slowcaptured', 'slowmessage'].map((guest) => inbox.waitFor(guestIs(guest))));
    });

    test('where it is asked for, the response waits until the report is there, and no longer than it may', async () => {
      await get('/message?guest=wim', WAITING);
      assert.deepEqual((await events()).map(({ payload }) => payload.tags.guest), ['wim']);
      await inbox.behaviour({ delayMs: SLOW });
      const { ms } = await get('/throw?guest=wendy', WAITING);
      assert.ok(ms > WAITING.timeout - 50 && ms < SLOW / 2, `it took ${ms} ms`);
      assert.ok((await get('/fine', WAITING)).ms < 300, 'there is nothing to wait for');
    });

    test('without a DSN, and with wrong options, which is said, the site is what it was', async () => {
      for (const options of [{ dsn: '' }, { dsn: 'https://nowhere' }, { timeout: 'soon' }]) {
        for (const path of ['/fine', '/throw', '/reject', '/captured', '/stream', '/nested']) {
          const [seen, expected] = [await get(path, options), await get(path)];
          assert.equal(seen.status, expected.status, path);
        }
      }
      const wrong = (await site({ timeout: 'soon' })).output();
      assert.equal(wrong.match(/timeout must be a number/g)?.length, 1, wrong);
      const said = (await site({ dsn: 'https://nowhere' })).output();
      assert.equal(said.match(/the key of the DSN is wrong/g)?.length, 1, said);
    });
  });
}

describe('the package by its name', { skip: runtimes.node.missing, timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tailcone-name-'));
  before(() => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(dist, join(folder, 'node_modules/tailcone'), 'junction');
    writeFileSync(join(folder, 'name.mjs'), "import { wrapHandler, captureMessage } from 'tailcone';\nconsole.log('found', typeof wrapHandler, typeof captureMessage);\n");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const flags = { deno: ['--node-modules-dir=manual'] };
  for (const [name, [command, ...args]] of Object.entries(commands)) {
    it(`is the one for servers in ${name}`, { skip: runtimes[name].missing }, async () => {
      assert.match(await run(command, [...args, ...(flags[name] ?? []), 'name.mjs'], { cwd: folder }), /found function function/);
    });
  }

  it('is the one for Workers or for Vercel where a bundler is told of them, and the one for pages otherwise', async () => {
    const bundle = async (...conditions) => {
      const options = { entryPoints: [join(folder, 'name.mjs')], bundle: true, format: 'esm', write: false, external: ['*.wasm', '*.wasm?module'], logLevel: 'silent' };
      const { outputFiles } = await build({ ...options, conditions });
      return outputFiles[0].text;
    };
    assert.match(await bundle('workerd', 'worker', 'browser'), /from "\.\/tailcone_bg\.wasm"/);
    assert.match(await bundle('edge-light', 'worker', 'browser'), /from "\.\/tailcone_bg\.wasm\?module"/);
    await assert.rejects(bundle('browser'), /No matching export.*wrapHandler/s);
  });
});

describe('an older Node', { skip: runtimes.node.missing, timeout: 60_000 }, () => {
  const inbox = receiver();

  it('knows whose turn it is, too', async () => {
    // As before 20.16.
    const variables = { NODE_OPTIONS: '--import=data:text/javascript,delete%20process.getBuiltinModule' };
    const site = await runtimes.node.start({ dsn: inbox.dsn }, variables);
    try {
      await site.fetch('/ambient?guest=olga');
      assert.equal((await inbox.waitFor(guestIs('olga'))).payload.user.id, 'olga');
    } finally {
      await site.stop();
    }
  });
});

describe('workers of Cloudflare', { skip: runtimes.workerd.missing, timeout: 60_000 }, () => {
  const inbox = receiver();
  let site;
  before(async () => {
    site = await runtimes.workerd.start({ dsn: inbox.dsn });
  });
  after(() => site?.stop());

  const failure = (text) => inbox.waitFor({ where: (event) => thrown(event).value === text });

  it('a schedule that fails is reported, and fails as it did', async () => {
    const worker = await site.worker();
    assert.equal((await worker.scheduled({ cron: '* * * * *' })).outcome, 'ok');
    assert.equal((await worker.scheduled({ cron: '30 * * * *' })).outcome, 'exception');
    const { payload } = await failure('the schedule 30 * * * * fails');
    assert.equal(payload.contexts.scheduled.cron, '30 * * * *');
    assert.equal(thrown(payload).mechanism.type, 'auto.faas.cloudflare.scheduled');
  });

  it('an event says where it was served, and what else of that is allowed', async () => {
    const variables = { CF_VERSION_METADATA: { id: 'c0ffee00-1', tag: '', timestamp: '' } };
    const own = await runtimes.workerd.start({ dsn: inbox.dsn, release: null, allowedCf: ['country', 'colo'] }, variables);
    const cf = { colo: 'VIE', country: 'AT', city: 'Vienna' };
    try {
      for (const [one, release, cloudflare] of [
        [site, 'site@1.0.0', undefined],
        [own, 'c0ffee00-1', { country: 'AT', colo: 'VIE' }],
      ]) {
        await one.fetch('/throw?guest=vera', { cf });
        const { contexts } = (await inbox.waitFor({ where: (event) => event.release === release })).payload;
        assert.deepEqual(contexts.cloud_resource, { 'cloud.provider': 'cloudflare', 'cloud.region': 'VIE' });
        assert.deepEqual(contexts.cloudflare, cloudflare);
      }
    } finally {
      await own.stop();
    }
  });

  it('a schedule is checked in where that is asked for', async () => {
    assert.deepEqual(await inbox.items({ type: 'check_in' }), []);
    const own = await runtimes.workerd.start({ dsn: inbox.dsn, monitors: true });
    try {
      const worker = await own.worker();
      const runs = { '* * * * *': ['cron_x_x_x_x_x', 'ok'], '*/30 9-17 * * MON,FRI': ['cron_x-per-30_9--17_x_x_mon-fri', 'error'] };
      for (const [cron, [slug, end]] of Object.entries(runs)) {
        await worker.scheduled({ cron });
        for (const status of ['in_progress', end]) {
          const { payload } = await inbox.waitFor({ type: 'check_in', where: (job) => job.monitor_slug === slug && job.status === status });
          assert.deepEqual(payload.monitor_config, { schedule: { type: 'crontab', value: cron }, timezone: 'UTC' });
        }
      }
    } finally {
      await own.stop();
    }
  });

  it('mail that fails is reported, and so is a tail', async () => {
    const mail = { method: 'POST', body: 'From: a@b.example\r\nTo: c@d.example\r\nMessage-ID: <1@b.example>\r\n\r\nhello' };
    await site.fetch('/cdn-cgi/handler/email?from=a@b.example&to=c@d.example', mail);
    const { payload } = await failure('no room for mail to c@d.example');
    assert.equal(payload.tags.guest, 'a@b.example');
    assert.equal(thrown(payload).mechanism.type, 'auto.faas.cloudflare.email');
    await site.fetch('/fine?tailed');
    assert.equal(thrown((await failure('the tail fails')).payload).mechanism.type, 'auto.faas.cloudflare.tail');
  });

  it('a batch of a queue that fails is reported, and fails as it did', async () => {
    const worker = await site.worker();
    const messages = [{ id: '1', timestamp: new Date(), attempts: 1, body: 'a' }];
    assert.equal((await worker.queue('orders', messages)).outcome, 'exception');
    const { payload } = await failure('a batch of 1 fails');
    expectContains(payload.contexts.queue, { queue: 'orders', messages: 1 });
  });

  it('a Durable Object has a scope for each request, and its alarms are reported', async () => {
    await Promise.all(['dora', 'dan'].map(async (guest) => assert.equal((await site.fetch(`/room?guest=${guest}`)).status, 500)));
    for (const guest of ['dora', 'dan']) assert.equal((await failure(`no room for ${guest}`)).payload.tags.guest, guest);
    await site.fetch('/room?guest=alarm');
    const { payload } = await failure('the alarm fails');
    expectContains(payload.tags, { durable_object: 'alarm' });
    assert.equal(payload.tags.guest, undefined);
  });
});
