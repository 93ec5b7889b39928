// The demo as a user starts it: every button pressed in a real browser, and what comes of it read in the inbox beside it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { engineMissing, launch } from '../lib/browsers.mjs';
import { parts, root } from '../lib/env.mjs';
import { startInbox } from '../lib/inbox.mjs';
import { start, until } from '../lib/process.mjs';
import { expectAccepted, relayMissing, startRelay } from '../lib/relay.mjs';

const require = createRequire(import.meta.url);
const axe = `${readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')};0`;
const hexId = /\b[0-9a-f]{32}\b/;
const schemes = ['light', 'dark'];
const widths = { wide: 1440, narrow: 360 };

/** What the page itself says of the errors that its buttons make. */
const planned = [/reading 'toFixed'/, /^no items$/, /^Object$/, /^unreachable$/, /thrown by the first script/];

/** Starts the demo; gives it with its addresses when it serves. The build before that may take minutes. */
async function startDemo(command, args) {
  const program = start(command, args, { cwd: root });
  const line = await until(
    () => {
      if (program.child.exitCode !== null) throw new Error(`the demo ended at once:\n${program.output()}`);
      return program.output().match(/^\{"url".*\}$/m)?.[0];
    },
    () => `the demo to serve; it printed:\n${program.output()}`,
    { timeoutMs: 900_000, everyMs: 100 },
  );
  return { ...program, ...JSON.parse(line) };
}

/** The end of its input is its end. */
async function endDemo(demo) {
  demo.child.stdin.end();
  return Promise.race([demo.exited, new Promise((done) => setTimeout(done, 5000, 'still there').unref())]);
}

const shows = (frame, selector, ...texts) =>
  frame
    .waitForFunction(
      (selector, texts) =>
        [...document.querySelectorAll(selector)].some((node) => node.checkVisibility() && texts.every((text) => node.textContent.includes(text))),
      {},
      selector,
      texts,
    )
    .catch(async (error) => {
      const seen = await frame.$$eval(selector, (nodes) => nodes.map((node) => node.textContent)).catch(() => []);
      throw new Error(`no ${selector} shows ${JSON.stringify(texts)}, but ${JSON.stringify(seen)}`, { cause: error });
    });

/** Presses a button with the mouse where it stands; gives what its line says then. */
async function press(page, id) {
  const output = `.act:has(#${id}) output`;
  await page.$eval(output, (node) => node.replaceChildren());
  await page.click(`#${id}`);
  await shows(page, output, ' ');
  return page.$eval(output, (node) => node.textContent);
}

async function pressed(page, id) {
  const said = await press(page, id);
  assert.match(said, hexId, `#${id} gives an event id`);
  return said.match(hexId)[0];
}

/** The inbox beside the buttons, which shows the newest event by itself. */
async function inboxOf(page, url) {
  const frame = await until(() => page.frames().find((one) => one.url().startsWith(url)), 'the inbox beside the buttons');
  await shows(frame, '.live.on', 'live');
  return frame;
}

const ready = (page, sender = 'wasm') => shows(page, '[data-fact=sender]', sender);

describe('the demo', { skip: engineMissing('chromium', parts.dist) }, () => {
  let demo, chromium, page, inbox;

  before(
    async () => {
      demo = await startDemo(process.env.CARGO || 'cargo', ['xtask', 'demo', '--once']);
      chromium = await launch('chromium');
      page = await chromium.page();
      await page.setViewport({ width: widths.wide, height: 900 });
      await page.goto(demo.url);
      await ready(page);
      inbox = await inboxOf(page, demo.inbox);
    },
    { timeout: 900_000 },
  );
  after(async () => {
    await chromium?.close();
    await demo?.stop();
  });

  const newest = async (id, title, ...more) => {
    await shows(inbox, '#detail .facts', id);
    await shows(inbox, '#detail h2', title);
    for (const [selector, ...texts] of more) await shows(inbox, `#detail ${selector}`, ...texts);
  };

  it('says who sends, what was loaded for it and when the recorder began', async () => {
    await shows(page, '#state', 'the WebAssembly module', 'kB gzip', '3 files', new URL(demo.inbox).host);
    const times = await page.$$eval('#start span', (spans) => spans.map((span) => Number.parseFloat(span.textContent)));
    assert.equal(times.length, 4);
    assert.deepEqual(times, times.toSorted((a, b) => a - b), 'loader, init and module, one after the other');
    assert.ok(times.every((time) => time >= 0 && time < 60_000));
  });

  it('prints beside every button the code that it runs', async () => {
    const rust = readFileSync(join(root, 'examples/rust-app/src/lib.rs'), 'utf8');
    const script = readFileSync(join(root, 'www/actions.js'), 'utf8') + readFileSync(join(root, 'www/index.html'), 'utf8');
    const flat = (text) => text.replace(/^\s+/gm, '').trim();
    const listed = await page.$$eval('.act', (acts) => acts.map((act) => [act.querySelector('button').id, act.querySelector('code').textContent]));
    assert.equal(listed.length, 11);
    for (const [id, code] of listed) {
      const lines = code.trim().split('\n').length;
      assert.ok(lines >= 1 && lines <= 6, `${id}: ${lines} lines`);
      const source = /panic|rust/.test(id) ? rust : script;
      assert.ok(flat(source).includes(flat(code)), `${id} prints what is in the source:\n${code}`);
    }
  });

  it('an uncaught TypeError arrives with the calls that led to it', async () => {
    const id = await pressed(page, 'throw');
    await newest(id, 'TypeError', ['.message', "reading 'toFixed'"], ['.badges', 'unhandled'], ['.chip', 'demo']);
    const calls = await inbox.$$eval('#detail .frame .fn', (nodes) => nodes.map((node) => node.textContent));
    assert.deepEqual(calls.slice(0, 3), ['format', 'total', 'checkout']);
    await shows(inbox, '#detail .frame .loc', 'actions.js:13:');
  });

  it('an unhandled rejection arrives', async () => {
    const id = await pressed(page, 'reject');
    await newest(id, 'RangeError', ['.message', 'no items'], ['.badges', 'unhandled'], ['.frame .fn', 'placeOrder']);
  });

  it('an unhandled rejection with a plain object arrives with what the object holds', async () => {
    const id = await pressed(page, 'reject-value');
    await newest(id, 'Object', ['.message', 'code, reason'], ['.badges', 'unhandled'], ['.sheet', 'card declined']);
  });

  it('a panic in Rust arrives once, with its message, place and wasm frames, and again from a fresh instance', async () => {
    for (const times of [1, 2]) {
      const said = await press(page, 'panic');
      assert.match(said, /trapped \(RuntimeError: unreachable\)/);
      await shows(inbox, '#detail h2', 'panic');
      if (times > 1) await shows(inbox, '#detail .turn', '2 of 2');
    }
    await shows(inbox, '#detail .message', 'the seat map has no such row');
    await shows(inbox, '#detail .sheet', 'src/lib.rs:');
    await shows(inbox, '#detail .crumbs', 'about to look up a seat');
    const trap = await inbox.$$eval('.row', (rows) => rows.filter((row) => row.textContent.includes('RuntimeError')).length);
    assert.equal(trap, 0, 'the trap is part of the panic');
    await shows(inbox, '#detail .frame', 'take_seat', 'rust_app_bg.wasm');
  });

  it('an error in a worker arrives from the worker, and from nowhere else', async () => {
    const id = await pressed(page, 'worker');
    await newest(id, 'TypeError', ['.message', "reading 'weight'"], ['.frame .fn', 'weigh'], ['.frame .loc', 'worker.js']);
    const rows = await inbox.$$eval('.row', (rows) => rows.map((row) => row.textContent).filter((text) => text.includes("'weigh")));
    assert.equal(rows.length, 1);
    assert.doesNotMatch(rows[0], /×/);
  });

  it('a caught error arrives with its cause and with the tag, user and context of its own scope', async () => {
    const id = await pressed(page, 'caught');
    await newest(
      id,
      'Error',
      ['.message', 'the price list could not be read'],
      ['.badges', 'handled'],
      ['.error-head', 'SyntaxError'],
      ['.chain', 'caused by'],
      ['.chip', 'berlin'],
      ['.card', 'user', '7'],
      ['.card', 'order', '4711'],
    );
  });

  it('a message arrives, without what belonged to the event before it', async () => {
    const id = await pressed(page, 'message');
    await newest(id, 'the card terminal is slow', ['.badges', 'warning']);
    const chips = await inbox.$$eval('#detail .chip', (nodes) => nodes.map((node) => node.textContent));
    assert.deepEqual(chips, ['pagedemo']);
  });

  it('an error captured in Rust arrives with its source', async () => {
    const id = await pressed(page, 'rust-error');
    await newest(id, 'BookingFailed', ['.message', 'the booking failed'], ['.error-head', 'SeatTaken']);
  });

  it('breadcrumbs send nothing and come with the next event', async () => {
    const rows = await inbox.$$eval('.row', (nodes) => nodes.length);
    assert.equal(await press(page, 'breadcrumb'), '1 kept. The next event carries it.');
    assert.equal(await press(page, 'breadcrumb'), '2 kept. The next event carries them.');
    assert.equal(await inbox.$$eval('.row', (nodes) => nodes.length), rows);
    const id = await pressed(page, 'message');
    await newest(id, 'the card terminal is slow', ['.crumbs', 'step 1', 'step 2']);
  });

  it('the dialog’s words arrive under the event that it asks about', async () => {
    const part = (selector) => `tailcone-report-dialog >>> ${selector}`;
    const id = await pressed(page, 'dialog');
    await page.waitForSelector(part('#comments'));
    assert.equal(await page.$eval(part('#name'), (input) => input.value), 'Jane');
    await page.focus(part('#comments'));
    await page.keyboard.type('I pressed “Ask the user” and it asked.');
    await page.click(part('button[type=submit]'));
    await page.waitForFunction(() => document.querySelector('tailcone-report-dialog')?.shadowRoot.querySelector('.done'));
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('tailcone-report-dialog'));
    await newest(id, 'Error', ['.message', 'the order got lost'], ['.said', 'I pressed “Ask the user” and it asked.', 'Jane']);
    await shows(inbox, '.row[aria-current=true]', '1 feedback');
  });

  it('an error of the first inline script, before anything is loaded, arrives too', async () => {
    await Promise.all([page.waitForNavigation(), page.click('#early')]);
    await ready(page);
    const output = '.act:has(#early) output';
    await shows(page, output, 'Event');
    const id = (await page.$eval(output, (node) => node.textContent)).match(hexId)[0];
    assert.equal(new URL(page.url()).search, '', 'a reload by hand is an ordinary one');
    inbox = await inboxOf(page, demo.inbox);
    await newest(id, 'RangeError', ['.message', 'thrown by the first script'], ['.badges', 'unhandled']);
  });

  it('the keyboard is enough to press a button', async () => {
    await page.focus('#message');
    await page.$eval('.act:has(#message) output', (node) => node.replaceChildren());
    await page.keyboard.press('Enter');
    await shows(page, '.act:has(#message) output', 'Event');
  });

  it('nothing else went wrong in the page, and the inbox refused nothing', async () => {
    const unplanned = page.failures.filter((text) => !planned.some((pattern) => pattern.test(text)));
    assert.deepEqual(unplanned, []);
    const errors = page.lines.filter(({ type, text }) => /error|warn/.test(type) && !text.includes('the seat map has no such row'));
    assert.deepEqual(errors, []);
    assert.deepEqual(await (await fetch(new URL('/api/inbox/rejected', demo.inbox))).json(), []);
  });

  it('Relay objects to nothing that was sent', { skip: relayMissing }, async () => {
    const { items } = await (await fetch(new URL('/api/inbox/items', demo.inbox))).json();
    assert.ok(items.length >= 13, `${items.length} items`);
    const relay = startRelay();
    try {
      await expectAccepted(relay, items);
    } finally {
      await relay.stop();
    }
  });

  for (const scheme of schemes) {
    for (const [name, width] of Object.entries(widths)) {
      it(`axe finds nothing to object to, and nothing is wider than the screen, ${name} and in ${scheme}`, async () => {
        await page.setViewport({ width, height: 900 });
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
        await page.evaluate(axe);
        const { violations, passes } = await page.evaluate(() => globalThis.axe.run({ exclude: ['iframe'] }));
        assert.deepEqual(
          violations.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => `${html}: ${failureSummary}`)]),
          [],
        );
        assert.ok(passes.some(({ id }) => id === 'color-contrast'), 'contrast was looked at');
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
      });
    }
  }

  it('where the module cannot run, it says so and the events arrive all the same', async () => {
    const poor = await chromium.page();
    await poor.setViewport({ width: widths.wide, height: 900 });
    await poor.setRequestInterception(true);
    poor.on('request', (request) => (request.url().endsWith('tailcone_bg.wasm') ? request.respond({ status: 404 }) : request.continue()));
    await poor.goto(demo.url);
    await ready(poor, 'fallback');
    const beside = await inboxOf(poor, demo.inbox);
    const id = await pressed(poor, 'throw');
    await shows(beside, '#detail .facts', id);
    await shows(beside, '#detail .badge', 'fallback');
    await poor.close();
  });

  it('with a server of one’s own it shows where the events go, and their ids', async () => {
    const server = await startInbox();
    const other = await startDemo(process.execPath, ['xtask/demo.mjs', '--once', '--dsn', server.dsn]);
    try {
      assert.equal(other.inbox, null);
      const lone = await chromium.page();
      await lone.goto(other.url);
      await ready(lone);
      assert.equal(await lone.$$eval('iframe:not([hidden])', (frames) => frames.length), 0);
      const ids = [await pressed(lone, 'throw'), await pressed(lone, 'message')];
      await shows(lone, '#log-where', new URL(server.dsn).host, 'project 1');
      const listed = await lone.$$eval('#log li code', (nodes) => nodes.map((node) => node.textContent));
      assert.deepEqual(listed, ids.toReversed(), 'newest first');
      for (const id of ids) await server.waitFor({ event_id: id });
      await lone.evaluate(axe);
      const { violations } = await lone.evaluate(() => globalThis.axe.run());
      assert.deepEqual(violations.map(({ id }) => id), []);
      await lone.close();
    } finally {
      await endDemo(other);
      await other.stop();
      await server.stop();
    }
  });

  it('ends with its input, and its inbox with it', async () => {
    assert.deepEqual(await endDemo(demo), { code: 0, signal: null });
    const gone = (url) => fetch(url).then(() => false, () => true);
    await until(async () => (await gone(demo.url)) && (await gone(demo.inbox)), 'both servers to be gone');
  });
});
