// The crate's automatic breadcrumbs: what happens in the page of a Rust app is told by the app's next event, as the npm
// package would tell it.
import assert from 'node:assert/strict';
import { rustApp as started } from '../lib/app.mjs';
import { parts } from '../lib/env.mjs';
import { breadcrumbs, expectContains } from '../lib/expect.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

let looks = 0;

const plain = ({ timestamp, ...crumb }) => crumb;

/** The breadcrumbs of an event that is sent now. */
async function crumbsOf({ inbox }, page) {
  const id = await page.evaluate((text) => app.do_message(text), `planned look ${++looks}`);
  const { payload } = await inbox.waitFor({ event_id: id });
  return breadcrumbs(payload);
}

forEachBrowser(
  'breadcrumbs of a Rust app',
  (test) => {
    test('tell of the console, of clicks and typing, of requests and of navigation, without secrets', async (w) => {
      w.plan(/9\/seats|ERR_|Failed to load|CORS|NetworkError|blocked/i);
      const page = await started(w, true);
      await page.evaluate(async () => {
        console.warn('low on', { seats: 2 }, 'token=abc123');
        const button = document.createElement('button');
        const field = document.createElement('input');
        button.id = 'book';
        field.name = 'guest';
        document.body.append(button, field);
        button.click();
        field.dispatchEvent(new KeyboardEvent('keydown', { key: 'J', bubbles: true, composed: true }));
        history.pushState(null, '', '?seat=12A#plan');
        await fetch('/pages/app.html?password=abc123', { method: 'post' }).catch(() => {});
        await fetch('http://127.0.0.1:9/seats').catch(() => {});
        await new Promise((done) => {
          const xhr = new XMLHttpRequest();
          xhr.onloadend = done;
          xhr.open('GET', '/pages/app.html');
          xhr.send();
        });
      });
      const crumbs = await crumbsOf(w, page);
      assert.ok(crumbs.every(({ timestamp }) => timestamp > 0));
      const here = `${w.site.url}/pages`;
      const expected = [
        { category: 'console', level: 'warning', message: 'low on {"seats":2} token=[Filtered]' },
        { category: 'ui.click', message: 'html > body > button#book' },
        { category: 'ui.input', message: 'html > body > input[name="guest"]' },
        { type: 'navigation', category: 'navigation', data: { from: '/pages/rust-app.html', to: '/pages/rust-app.html?seat=12A#plan' } },
        { type: 'http', category: 'fetch', level: 'info', data: { method: 'POST', url: `${here}/app.html?password=[Filtered]`, status_code: 200 } },
        { type: 'http', category: 'fetch', level: 'error', data: { method: 'GET', url: 'http://127.0.0.1:9/seats' } },
        { type: 'http', category: 'xhr', level: 'info', data: { method: 'GET', url: `${here}/app.html`, status_code: 200 } },
      ];
      expectContains(crumbs.map(plain), expected);
    });

    test('tell nothing of what the recorder does itself', async (w) => {
      const page = await started(w, true);
      assert.deepEqual(await crumbsOf(w, page), []);
      await page.evaluate(() => app.do_flush(2000));
      assert.deepEqual(await crumbsOf(w, page), [], 'the first was sent by fetch');
      await page.evaluate(() => void setTimeout(() => app.do_panic()));
      const { payload } = await w.inbox.waitFor({ where: (event) => event.level === 'fatal' });
      assert.deepEqual(breadcrumbs(payload).map(({ category }) => category), ['booking'], 'the panic was printed');
    });

    test('are left out, and the page is left as it was, when they are not wanted', async (w) => {
      const page = await started(w);
      assert.deepEqual(
        await page.evaluate(() => [fetch, XMLHttpRequest.prototype.open, history.pushState].map((fn, i) => fn === globalThis.before[i])),
        [true, true, true],
      );
      await page.evaluate(() => console.warn('low on seats'));
      assert.deepEqual(await crumbsOf(w, page), []);
    });
  },
  { more: [parts.rustApp] },
);
