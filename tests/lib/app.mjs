// The example applications, and those of frameworks driven as their user would, with what holds for each of these.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { without } from './browsers.mjs';
import { root } from './env.mjs';
import { breadcrumbs, expectContains, messageOf, thrown } from './expect.mjs';
import { until } from './process.mjs';

/** The line of a text in the source of an example. */
export function lineIn(name, text) {
  const source = readFileSync(join(root, `examples/${name}/src/lib.rs`), 'utf8');
  return source.slice(0, source.indexOf(text)).split('\n').length;
}

/** A page with the Rust app, which waits for commands. `watched`: breadcrumbs are left of what happens there. */
export async function rustApp(w, watched = false) {
  w.plan(/unreachable/i);
  const page = await w.open('/pages/rust-app.html');
  await page.waitForFunction(() => globalThis.ready === true);
  await page.evaluate((...how) => app.start(...how), w.inbox.dsn, false, watched);
  return page;
}

/** Names of wasm functions that are the application's or its framework's. */
const frameworks = /\b(?:leptos_app|tachys|reactive_graph|yew_app|yew)::/;

/** What takes part in the build of them only. */
const tools = ['leptos_macro', 'yew-macro', 'wasm-bindgen-macro', 'wasm-bindgen-cli-support', 'xtask'];

/** Runs a script of the page's own: errors in what tools run in a page are not told to it. */
export const withScript = (page, source) =>
  page.evaluate((source) => {
    const script = document.createElement('script');
    script.textContent = source;
    document.head.append(script);
  }, source);

/** Gives a page a function that throws an error which nobody catches. */
export const withFailure = (page) => withScript(page, 'const failWith = (message) => void setTimeout(() => { throw new Error(message); })');

export const click = (page, id) => page.evaluate((id) => document.querySelector(id).click(), id);

export const shown = (page, seat) =>
  page.waitForFunction((seat) => document.querySelector('#seat')?.textContent === seat, {}, seat);

/** The types and values of an event's exceptions. */
export const chain = ({ exception }) => exception.values.map(({ type, value }) => [type, value]);

/** The examples that are pages of a framework: what each writes where it looks up the seat that it shows, and what its
 * error for a booking comes from, the root first. */
const pages = {
  'yew-app': { lookUp: 'SEATS[*seat]', causes: [['ParseIntError', 'invalid digit found in string']] },
  'leptos-app': {
    lookUp: 'SEATS[seat.get()]',
    causes: [
      ['ParseIntError', 'invalid digit found in string'],
      ['NoSuchRow', 'there is no row 2A'],
    ],
  },
};

export function exampleApp(name, folder = name) {
  const { lookUp, causes } = pages[name];
  return {
    lookUp,
    /** What it reports when a seat is booked. */
    booking: [...causes, ['BookingFailed', 'the booking failed']],
    /** Who says what is logged. */
    logger: name.replace('-', '_'),

    async started(w) {
      const page = await w.open(`/pages/app.html?${folder}`);
      await page.waitForFunction(() => globalThis.ready === true);
      await page.evaluate((dsn) => app.start(dsn), w.inbox.dsn);
      await shown(page, '12A');
      return page;
    },

    /** The event is a panic at this text of the source; it is there once, and in the console once. */
    async expectPanic(w, page, { payload }, value, text) {
      const release = `${name}@0.1.0`;
      expectContains(payload, { level: 'fatal', release, environment: 'demo' });
      const panic = thrown(payload);
      assert.match(panic.value, value);
      assert.equal(panic.mechanism.handled, false);
      assert.match(panic.mechanism.data.location, new RegExp(`${name}/src/lib\\.rs:${lineIn(name, text)}:\\d+$`));
      assert.equal(payload.debug_meta, undefined, 'nobody has said which build it is: see symbols.test.mjs');
      if (!without.wasmFrames.includes(w.engine)) {
        // The framework's at least: what the application itself does there may be inlined.
        const names = panic.stacktrace.frames.filter(({ instruction_addr }) => instruction_addr).map((frame) => frame.function);
        assert.ok(names.some((name) => frameworks.test(name)), JSON.stringify(names));
      }
      // What the build script has listed: what the application is made of, and nothing that only built it.
      expectContains(payload.modules, { tailcone: '0.1.0', 'tailcone-core': '0.1.0' });
      assert.match(payload.modules[name.split('-')[0]], /^\d+\.\d+\.\d+/);
      assert.deepEqual(tools.filter((tool) => tool in payload.modules), []);
      await until(
        () => page.lines.some(({ type, text }) => type === 'error' && text.includes('panicked at')),
        () => `the panic in the console: ${JSON.stringify(page.lines)}`,
      );
      // The trap that it ended in is no event of its own.
      await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
      assert.equal((await w.inbox.items({ type: 'event' })).length, 1);
      assert.equal(page.lines.filter(({ text }) => text.includes('panicked at')).length, 1, 'once');
    },
  };
}

/** What a page may have in the place of `fetch`: none of it sends. */
const brokenFetch = {
  'throws no error': '() => { throw 7; }',
  'rejects with no error': "() => Promise.reject('no')",
  'resolves to nothing': 'async () => undefined',
  'resolves to something like a response': 'async () => ({ status: 200, ok: true })',
  'gives no promise': "() => 'here'",
};

/** Whoever sends does so by `fetch` of the page, which may be anything. `started`: gives a page with the app in it. */
export function fetchTest(test, started) {
  test('outlives any fetch that a page has, and sends what it could not', async (w) => {
    w.plan(/with a fetch that/);
    const page = await started(w);
    await withFailure(page);
    for (const [how, fetch] of Object.entries(brokenFetch)) {
      const message = `planned, with a fetch that ${how}`;
      await page.evaluate(
        async (fetch, message) => {
          const [own, beacon] = [globalThis.fetch, navigator.sendBeacon];
          globalThis.fetch = (0, eval)(fetch);
          // Else that would be the way.
          Object.defineProperty(navigator, 'sendBeacon', { value: () => false, configurable: true });
          failWith(message);
          await new Promise((done) => setTimeout(done, 200));
          globalThis.fetch = own;
          Object.defineProperty(navigator, 'sendBeacon', { value: beacon, configurable: true });
        },
        fetch,
        message,
      );
      await w.inbox.waitFor({ where: ({ exception }) => exception.values.at(-1).value === message });
    }
  });
}

/** What every one of them has: a seat, a next one, three times, and a server that is not there. */
export function commonTests(test, app) {
  test('reports the panic of a component with what the user did, and the console has it, too', async (w) => {
    w.plan(/unreachable|index out of bounds/i);
    const page = await app.started(w);
    for (const seat of ['12B', '12C']) {
      await click(page, '#next');
      await shown(page, seat);
    }
    await click(page, '#next');
    const event = await w.inbox.waitFor();
    await app.expectPanic(w, page, event, /index out of bounds: the len is 3 but the index is 3/, app.lookUp);
    expectContains(
      breadcrumbs(event.payload).map(({ message, category }) => ({ message, category })),
      Array(3).fill({ message: 'the next seat', category: 'ui' }),
    );
  });

  test('reports a request that was rejected, and goes on', async (w) => {
    w.plan(/9\/seats|ERR_|Failed to load|CORS|NetworkError|blocked/i);
    const page = await app.started(w);
    await click(page, '#look-up');
    const { payload } = await w.inbox.waitFor();
    assert.equal(thrown(payload).type, 'TypeError');
    expectContains(breadcrumbs(payload), [{ message: 'look up', category: 'ui', level: 'info' }]);
    await until(
      () => page.lines.some(({ text }) => text.endsWith(`tailcone: event ${payload.event_id} sent`)),
      () => `the line of \`debug\` in the console: ${JSON.stringify(page.lines)}`,
    );
    await click(page, '#next');
    await shown(page, '12B');
  });

  test('reports an error with its sources', async (w) => {
    const page = await app.started(w);
    await click(page, '#book');
    const { payload } = await w.inbox.waitFor();
    assert.deepEqual(chain(payload), app.booking);
    assert.ok(payload.exception.values.every(({ mechanism }) => mechanism.handled));
    assert.equal(payload.level, 'error');
  });

  test('reports an error that is logged, and what was logged before as a breadcrumb', async (w) => {
    const page = await app.started(w);
    await click(page, '#pay');
    const { payload } = await w.inbox.waitFor();
    assert.deepEqual([messageOf(payload), payload.logger, payload.level], ['not paid', app.logger, 'error']);
    assert.equal(payload.extra.seat, '12A');
    expectContains(breadcrumbs(payload), [{ message: 'about to pay', category: app.logger, level: 'info' }]);
  });
}
