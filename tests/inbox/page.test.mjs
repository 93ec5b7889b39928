// The inbox page in a real browser: events appear as they arrive, and what they hold stays text.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { envelope, errorEvent, eventEnvelope, feedbackEvent, head, newId, now, startInbox } from './harness.mjs';

const chromium = process.env.TAILCONE_CHROMIUM ?? '/usr/bin/chromium';
const puppeteer = await import('puppeteer-core').then((module) => module.default).catch(() => undefined);
const missing = !puppeteer ? 'puppeteer-core is not installed' : !existsSync(chromium) ? `there is no Chromium at ${chromium}` : undefined;
if (missing && process.env.CI === 'true') throw new Error(missing);

describe('the page', { skip: missing ?? false }, () => {
  let inbox, browser, page;
  const complaints = [];

  before(async () => {
    inbox = await startInbox();
    browser = await puppeteer.launch({
      executablePath: chromium,
      headless: true,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    page = await browser.newPage();
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.setViewport({ width: 1200, height: 800 });
    await page.goto(inbox.url);
    await shows('.live.on', 'live');
  });
  after(async () => {
    await browser?.close();
    await inbox?.stop();
  });

  const shows = (selector, text) =>
    page.waitForFunction((s, t) => [...document.querySelectorAll(s)].some((node) => node.checkVisibility() && node.textContent.includes(t)), { timeout: 5000 }, selector, text);
  const count = (selector) => page.$$eval(selector, (nodes) => nodes.filter((node) => node.checkVisibility()).length);
  const pick = async (text) => {
    await shows('.row', text);
    await page.evaluate((t) => [...document.querySelectorAll('.row')].find((row) => row.textContent.includes(t)).click(), text);
  };

  test('while nothing has arrived it shows the DSN and how to use it', async () => {
    await shows('.empty h2', 'Nothing has arrived yet');
    await shows('.empty pre', inbox.dsn);
  });

  test('an event appears as it arrives, with stack newest first, breadcrumbs, tags, user, contexts and request', async () => {
    const id = newId();
    await inbox.send(envelope(head(id), ['event', errorEvent(id)]));
    await shows('.row', 'TypeError');
    await shows('.row .where', 'submitOrder · checkout.js:84:17');
    await shows('#detail h2', 'TypeError');
    await shows('#detail .message', 'x is not a function');
    await shows('#detail .facts', id);
    assert.deepEqual(await page.$$eval('.frame .fn', (nodes) => nodes.map((node) => node.textContent)), ['submitOrder', 'dispatch']);
    assert.deepEqual(await page.$$eval('.frame', (nodes) => nodes.map((node) => node.classList.contains('app'))), [true, false]);
    await shows('.frame .loc', 'checkout.js:84:17');
    await shows('.error-head', 'RangeError: out of range');
    await shows('.chain', 'caused by (cause)');
    await shows('.crumbs', 'ui.click');
    await shows('.chip', 'checkout');
    await shows('.card', 'ada@example.com');
    await shows('.card', 'Chrome');
    await shows('.line', 'https://app.example/checkout');
  });

  test('the same error again is one line that counts, and its occurrences can be turned', async () => {
    await inbox.send(eventEnvelope());
    await shows('.row .count', '×2');
    assert.equal(await count('.row'), 1);
    await shows('.turn', '2 of 2');
    await page.click('[data-turn=older]');
    await shows('.turn', '1 of 2');
    await page.keyboard.press('Escape');
  });

  test('feedback stands under its event, and by itself when it has none', async () => {
    const about = newId();
    await inbox.send(eventEnvelope({ exception: { values: [{ type: 'SyncError', value: 'not saved' }] } }, about));
    const [one, two] = [newId(), newId()];
    await inbox.send(envelope(head(one), ['feedback', feedbackEvent(one, { message: 'My draft was gone.', name: 'Ada', associated_event_id: about })]));
    await inbox.send(envelope(head(two), ['feedback', feedbackEvent(two, { message: 'I like it.' })]));
    await pick('SyncError');
    await shows('.said', 'My draft was gone.');
    await shows('.said', 'Ada');
    await shows('.row', '1 feedback');
    assert.equal(await page.$$eval('.row', (rows) => rows.filter((row) => row.textContent.includes('My draft')).length), 0);
    await pick('I like it.');
    await shows('#detail h2', 'Feedback');
    await page.keyboard.press('Escape');
  });

  test('wasm frames show their address, and an event of the fallback sender is marked', async () => {
    const frames = [{ platform: 'native', filename: 'https://a.example/app_bg.wasm', function: 'app::deep::boom', instruction_addr: '0x1a2b', addr_mode: 'rel:0', in_app: true }];
    await inbox.send(eventEnvelope({
      level: 'fatal', exception: { values: [{ type: 'panic', value: 'boom', stacktrace: { frames } }] }, contexts: { sdk: { fallback: 'wasm_timeout' } },
      debug_meta: { images: [{ type: 'wasm', code_file: 'https://a.example/app_bg.wasm', debug_id: newId() }] },
    }));
    await pick('panic');
    await shows('.frame .loc', 'app_bg.wasm @ 0x1a2b');
    await shows('.row .mark', 'fallback');
    await shows('.badge', 'fallback: wasm_timeout');
  });

  test('HTML in an event stays text', async () => {
    const html = '<img src=x onerror="document.title=1"><b>bold</b><script>document.title=1</script>';
    await inbox.send(eventEnvelope({
      level: 'warning',
      exception: { values: [{ type: html, value: html, stacktrace: { frames: [{ function: html, filename: html, context_line: html }] }, mechanism: { type: html } }] },
      tags: { html: html.slice(0, 100) }, user: { id: html, [html]: html }, contexts: { [html]: { [html]: html } }, extra: { [html]: { deep: [html] } },
      request: { url: `javascript:${html}`, headers: { [html]: html } }, breadcrumbs: { values: [{ category: html, message: html, data: { [html]: html } }] }, transaction: html,
      server_name: html, logger: html.slice(0, 60),
    }));
    await pick(html);
    await shows('#detail h2', html);
    await page.click('.raw summary');
    await page.waitForFunction(() => document.querySelector('.raw pre').textContent.includes('event_id'));
    assert.equal(await page.$$eval('#main :is(img, b b, script, a, iframe)', (nodes) => nodes.length), 0);
    assert.equal(await page.title(), 'Tailcone inbox');
  });

  test('events that are odd in every field are shown all the same', async () => {
    await inbox.send(eventEnvelope({ exception: { values: [{ value: 'only a value', stacktrace: { frames: [{}] } }] }, tags: [['a', 'b']], breadcrumbs: { values: [{}, {}] }, contexts: { empty: null, none: {} }, user: {}, request: {}, extra: { a: null } }));
    await pick('only a value');
    await shows('#detail .message', 'only a value');
  });

  test('client reports and refusals are listed with what they say', async () => {
    await inbox.send(envelope(head(), ['client_report', { timestamp: now(), discarded_events: [{ reason: 'network_error', category: 'error', quantity: 7 }] }]));
    await pick('Client report');
    await shows('.grid', 'network_error');
    await inbox.send(eventEnvelope({ level: 'loud' }));
    await pick('Refused with 400');
    await shows('.faults', 'level must be one of');
  });

  test('the list is filtered by kind and by text, and walked with the keyboard', async () => {
    await page.click('[data-kind=refused]');
    assert.equal(await count('.row'), 1);
    await page.click('[data-kind=all]');
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('sync');
    await page.waitForFunction(() => document.querySelectorAll('.row').length === 1);
    await page.keyboard.press('Escape');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const second = await page.$$eval('.row', (rows) => ({ focused: rows.indexOf(document.activeElement), current: rows.findIndex((row) => row.getAttribute('aria-current') === 'true') }));
    assert.deepEqual(second, { focused: 1, current: 1 });
    await page.keyboard.press('Escape');
  });

  test('at 360 pixels it is one pane at a time and nothing sticks out', async () => {
    await page.setViewport({ width: 360, height: 740 });
    const wide = () => page.evaluate(() => Math.max(document.documentElement.scrollWidth, document.getElementById('detail').scrollWidth));
    assert.equal(await count('.list'), 1);
    assert.equal(await count('#detail'), 0);
    assert.ok((await wide()) <= 360);
    await pick('panic');
    await shows('#detail h2', 'panic');
    assert.equal(await count('.list'), 0);
    assert.ok((await wide()) <= 360);
    await page.click('.back');
    assert.equal(await count('.list'), 1);
    await page.setViewport({ width: 1200, height: 800 });
  });

  test('framed by a page of another origin it works in its compact form', async () => {
    const host = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(`<iframe src="${inbox.url}?embed=1" width="420" height="600"></iframe>`));
    await new Promise((done) => host.listen(0, '127.0.0.1', done));
    const outer = await browser.newPage();
    await outer.goto(`http://127.0.0.1:${host.address().port}/`);
    const frame = await (await outer.waitForSelector('iframe')).contentFrame();
    await frame.waitForFunction(() => [...document.querySelectorAll('.row')].some((row) => row.textContent.includes('SyncError')), { timeout: 5000 });
    assert.ok(await frame.evaluate(() => document.documentElement.classList.contains('embed')));
    await outer.close();
    host.closeAllConnections();
    host.close();
    await page.bringToFront();
  });

  test('clearing empties the page and the inbox', async () => {
    await page.click('#clear');
    await shows('.empty h2', 'Nothing has arrived yet');
    assert.deepEqual((await inbox.get('items')).items, []);
  });

  test('the browser had nothing to complain about, and the policy allows nothing from outside', async () => {
    assert.deepEqual(complaints, []);
    const policy = (await fetch(inbox.url)).headers.get('content-security-policy');
    assert.match(policy, /default-src 'none'; script-src 'nonce-[^ ]+'; style-src 'sha256-/);
    assert.doesNotMatch(policy, /unsafe|https?:/);
  });
});
