// Privacy with the default options: of 200 secrets in all the places that a page has, none arrives in any form; what
// the application sets or captures itself arrives as it is.
import assert from 'node:assert/strict';
import { without } from '../lib/browsers.mjs';
import { leaks, makeCanaries, places } from '../lib/canaries.mjs';
import { breadcrumbs, expectContains, messageOf, thrown } from '../lib/expect.mjs';
import { sleep } from '../lib/process.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

const CARDS = ['4111111111111111', '5500 0000 0000 0004', '3782-822463-10005'];
const query = (names, secrets) => names.map((name, i) => `${name}=${secrets[i]}`).join('&');

/** Says that these secrets have a place now, and gives them. */
function planting(canaries) {
  const left = new Map(Object.entries(canaries));
  return {
    take(place) {
      const secrets = left.get(place);
      left.delete(place);
      return secrets;
    },
    left: () => [...left.keys()],
  };
}

/** Everything that the inbox was sent: bodies, and of every request its line and its headers. */
async function bytes({ inbox, envelopeRequests }) {
  const items = await inbox.items();
  const envelopes = [...new Set(items.map((item) => item.envelope_seq ?? item.envelope?.seq))];
  assert.ok(envelopes.length > 0 && envelopes.every(Number.isInteger));
  const raw = await Promise.all(envelopes.map((seq) => inbox.raw(seq)));
  const requests = await envelopeRequests();
  assert.ok(requests.length >= envelopes.length);
  return [...raw, ...requests.map((request) => JSON.stringify(request)), JSON.stringify(await inbox.rejected())];
}

/** Opens the page by a link, with secrets in its address and in that of the page before. */
async function opened({ open, site, inbox }, take) {
  const referrer = query(['token', 'a=1&session', 'api_key', 'user[password]', 'sid', 'next=%2F%3Fjwt'], take('referrer'));
  const page = await open(`/pages/plain.html?${referrer}`);
  const names = ['token', 'page=2&secret', 'PASSWORD', 'pass%77ord', 'auth[]', 'csrf', 'X-Amz-Credential', 'jwt', 'sso', 'next=%2F%3Fkey'];
  const fragment = query(['access_token', 'id_token', 'state=1;session', 'saml', 'identity'], take('page fragment'));
  const url = `/pages/canaries.html?${query(names, take('page query')).replace('key=', 'key%3D')}#${fragment}`;
  await Promise.all([page.waitForNavigation(), page.evaluate((to) => void (location.href = to), url)]);
  await page.waitForFunction(() => globalThis.plant);
  assert.match(await page.evaluate(() => document.referrer), /\?token=zq/, 'the page has a referrer');
  await page.evaluate((dsn) => void start({ dsn }), inbox.dsn);
  return page;
}

/** Uses the page until every secret has had its place. */
async function used(w, canaries) {
  const { take, left } = planting(canaries);
  const [json, header, cookie, text] = take('answer');
  const answer = { body: JSON.stringify({ token: json, text }), type: 'application/json' };
  w.site.rule(/^\/api\//, { ...answer, headers: { 'x-auth-token': header, 'set-cookie': `sid=${cookie}` } });
  w.site.rule(/^\/api\/fails/, { status: 401, headers: { 'x-auth-token': header } });
  w.site.rule('/scripts/fails.js', { body: 'setTimeout(() => { throw new Error("planned in a script"); });' });

  const page = await opened(w, take);
  const look = () => page.evaluate(() => void tailcone.captureMessage('planned look'));
  const fields = await page.$$('.typed');
  for (const [i, secret] of take('typed').entries()) {
    await fields[i].click();
    await page.keyboard.type(secret);
  }
  await look();
  for (const place of left()) {
    const steps = await page.evaluate((place, secrets) => plant(place, secrets), place, take(place));
    assert.equal(steps, places[place], `every secret of ${place} has its place`);
    await look();
  }
  await page.evaluate((cards) => cards.forEach((card) => console.log('paid with', card)), CARDS);
  return page;
}

forEachBrowser('canaries', (test) => {
  for (const by of ['wasm', 'fallback']) {
    test(`none of 200 secrets arrives, sent by ${by === 'wasm' ? 'the module' : 'the fallback sender'}`, async (w) => {
      // The page fails in every way, and each browser has its own words for it.
      w.plan(/./);
      if (by === 'fallback') w.site.rule(/\.wasm$/, { status: 404 });
      const canaries = makeCanaries();
      assert.equal(new Set(Object.values(canaries).flat()).size, 200);

      const page = await used(w, canaries);
      assert.equal(await page.evaluate(() => client.ready), by);
      const last = await page.evaluate(async () => {
        const id = tailcone.captureException(new Error('planned, the last'));
        tailcone.captureFeedback({ message: 'words' });
        await tailcone.flush(10_000);
        return id;
      });
      const { payload } = await w.inbox.waitFor({ event_id: last });
      await w.inbox.waitFor({ type: 'feedback' });
      const stored = await page.evaluate(() => stored());
      // What is sent while the page goes is looked at, too.
      await page.evaluate(() => {
        addEventListener('pagehide', () => tailcone.captureMessage('planned, going'));
        location.href = 'about:blank';
      });
      await w.inbox.waitFor({ where: (event) => messageOf(event) === 'planned, going' });
      await sleep(300);

      const texts = await bytes(w);
      assert.deepEqual(leaks(canaries, [...texts, JSON.stringify(stored)]), []);
      for (const card of CARDS) assert.ok(!texts.some((text) => text.includes(card)), card);

      // All that was not for want of anything collected.
      const trail = (await w.inbox.items({ type: 'event' })).flatMap((item) => breadcrumbs(item.payload));
      const kinds = new Set(trail.map(({ category }) => category));
      for (const kind of ['console', 'fetch', 'xhr', 'navigation', 'ui.click', 'ui.input']) assert.ok(kinds.has(kind), kind);
      const told = texts.join('\n');
      for (const part of [
        '/api/a?page=1&api_key=[Filtered]&sort=up',
        'GET /a?access_token=[Filtered]&page=2 404',
        '#access_token=[Filtered]&token_type=',
        'https://[Filtered]:[Filtered]@example.invalid/x.',
        'planned: password=[Filtered]',
        ...(without.stackQueries.includes(w.engine) ? [] : ['/scripts/fails.js?v=1&api_key=[Filtered]']),
        'paid with [Filtered]',
        '?token=[Filtered]&page=2&secret=[Filtered]&PASSWORD=[Filtered]',
      ]) {
        assert.ok(told.includes(part), part);
      }
      assert.match(payload.request.headers.Referer, /plain\.html\?token=\[Filtered\]&a=1&session=\[Filtered\]/);
    });

    test(`what the application sets and captures arrives as it is, sent by ${by}`, async (w) => {
      if (by === 'fallback') w.site.rule(/\.wasm$/, { status: 404 });
      const page = await w.open('/pages/canaries.html');
      const text = 'token=zqown, {"password":"zqown"}, https://ann:zqown@h/?key=zqown, Bearer zq1, 4111 1111 1111 1111';
      const bag = { token: text, nested: { password: text }, 'Set-Cookie': text };
      const user = { id: 'zqown-id', email: 'ann@example.com', username: text };
      const ids = await page.evaluate(
        (dsn, text, bag, user) => {
          start({ dsn, initialScope: { extra: { first_key: text } }, tags: { auth: 'zqown-tag' } });
          tailcone.setTag('token', 'token=zqown');
          tailcone.setExtra('secret', text);
          tailcone.setExtras({ credentials: bag });
          tailcone.setContext('session', bag);
          tailcone.setUser(user);
          tailcone.addBreadcrumb({ category: 'own', message: text, data: bag });
          return [
            tailcone.captureMessage(text),
            tailcone.captureException(new Error(text, { cause: new TypeError(text) })),
            tailcone.captureEvent({ message: 'event ' + text, request: { url: `https://h/?token=zqown`, headers: { Authorization: text } } }),
            tailcone.captureFeedback({ message: text, name: text, url: 'https://h/?token=zqown' }),
          ];
        },
        ...[w.inbox.dsn, text, bag, user],
      );
      const [message, exception, event, feedback] = await Promise.all(
        ids.map(async (event_id, i) => (await w.inbox.waitFor({ event_id, type: i === 3 ? 'feedback' : 'event' })).payload),
      );
      assert.equal(messageOf(message), text);
      assert.equal(thrown(exception).value, text);
      assert.deepEqual(exception.exception.values.map(({ value }) => value), [text, text]);
      assert.equal(messageOf(event), 'event ' + text);
      assert.equal(event.request.url, 'https://h/?token=zqown');
      assert.equal(event.request.headers.Authorization, text);
      expectContains(feedback.contexts.feedback, { message: text, name: text, url: 'https://h/?token=zqown' });
      for (const { tags, extra, contexts, user: who, breadcrumbs: trail } of [message, exception, event]) {
        expectContains(tags, { token: 'token=zqown', auth: 'zqown-tag' });
        expectContains(extra, { secret: text, credentials: bag, first_key: text });
        expectContains(contexts.session, bag);
        expectContains(who, user);
        const own = breadcrumbs({ breadcrumbs: trail }).find(({ category }) => category === 'own');
        expectContains(own, { message: text, data: bag });
      }
    });
  }
});
