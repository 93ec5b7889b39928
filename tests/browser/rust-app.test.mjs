// The Rust face, in a Rust-wasm app built with stable Rust: panics, errors with their sources, messages, JS values, scope.
import assert from 'node:assert/strict';
import { fetchTest, lineIn, rustApp as started, withFailure, withScript } from '../lib/app.mjs';
import { without } from '../lib/browsers.mjs';
import { parts } from '../lib/env.mjs';
import { breadcrumbs, expectContains, losses, messageOf, thrown } from '../lib/expect.mjs';
import { until } from '../lib/process.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

const panicText = 'the seat map has no such row';

const isWasmFrame = ({ filename, instruction_addr }) => /\.wasm$/.test(filename ?? '') && /^0x[0-9a-f]+$/.test(instruction_addr ?? '');

forEachBrowser(
  'a Rust app',
  (test) => {
    fetchTest(test, started);

    test('reports a panic with its message, place and wasm frames, before the trap', async (w) => {
      const page = await started(w);
      await page.evaluate(() => void setTimeout(() => app.do_panic()));
      const { payload } = await w.inbox.waitFor({ where: (event) => event.exception && thrown(event).value?.includes(panicText) });
      expectContains(payload, {
        level: 'fatal',
        release: 'rust-app@0.1.0',
        environment: 'demo',
        tags: { app: 'rust-app' },
        user: { id: '7', email: 'jane@example.com' },
      });
      const { value, type, mechanism, stacktrace } = thrown(payload);
      assert.equal(value, panicText);
      assert.match(type, /panic/i);
      assert.equal(mechanism.handled, false);
      assert.equal(mechanism.type, 'panic');
      assert.match(mechanism.data.location, new RegExp(`lib\\.rs:${lineIn('rust-app', '.expect("the seat map')}:\\d+$`));
      if (without.wasmFrames.includes(w.engine)) {
        const glue = { filename: `${w.site.url}/rust-app/rust_app.js`, function: 'do_panic' };
        expectContains(stacktrace.frames.find(({ filename }) => filename === glue.filename), glue);
      } else {
        const names = stacktrace.frames.filter(isWasmFrame).map((frame) => frame.function ?? '');
        const take = names.findLastIndex((name) => name.includes('take_seat'));
        const find = names.findLastIndex((name) => name.includes('find_seat'));
        assert.ok(find >= 0 && take > find, `take_seat is called by find_seat: ${names.join(' > ')}`);
      }
      expectContains(breadcrumbs(payload), [{ message: 'about to look up a seat', category: 'booking', level: 'info' }]);

      // The console keeps what console_error_panic_hook prints.
      await until(
        () => page.lines.some(({ type: kind, text }) => kind === 'error' && text.includes(panicText)),
        () => `the panic in the console: ${JSON.stringify(page.lines)}`,
      );
      assert.equal(page.lines.filter(({ text }) => text.includes('panicked at')).length, 1, 'once');
    });

    test('reports a panic when there is no memory left', async (w) => {
      w.plan(/unreachable/i);
      const page = await started(w);
      await page.evaluate(() => void setTimeout(() => app.do_panic_without_memory()));
      const { payload } = await w.inbox.waitFor();
      assert.deepEqual([thrown(payload).value, payload.level], ['no memory for another seat', 'fatal']);
      expectContains(payload, { release: 'rust-app@0.1.0', tags: { app: 'rust-app' }, user: { id: '7' } });
      assert.equal(await page.evaluate(() => 1 + 1), 2);
    });

    test('reports that there is no memory left', async (w) => {
      w.plan(/unreachable/i);
      const page = await started(w);
      await withScript(page, 'setTimeout(() => app.do_exhaust())');
      const { payload } = await w.inbox.waitFor();
      assert.equal(thrown(payload).type, 'RuntimeError');
      expectContains(payload, { release: 'rust-app@0.1.0', tags: { app: 'rust-app' } });
      const errors = await page.evaluate(
        () => new Promise((done) => (setTimeout(() => done(globalThis.errors), 500), (globalThis.errors = 0), addEventListener('error', () => globalThis.errors++))),
      );
      assert.equal(errors, 0, 'one does not lead to another');
    });

    test('counts what follows from a panic, and reports what does not', async (w) => {
      w.plan(/unreachable|aliasing in rust|just so/i);
      const page = await started(w);
      await withFailure(page);
      await withScript(page, 'const takeSeat = () => setTimeout(() => row.take())');
      await page.evaluate(() => {
        globalThis.row = new app.Row();
        row.take();
        failWith('just so, with aliasing in rust');
      });
      // Nothing has happened that this could follow from.
      await w.inbox.waitFor({ where: (event) => /just so/.test(thrown(event).value) });
      await page.evaluate(() => takeSeat());
      await w.inbox.waitFor({ where: (event) => thrown(event).type === 'panic' });
      await page.evaluate(() => (takeSeat(), takeSeat()));
      await page.evaluate(() => failWith('just so'));
      await w.inbox.waitFor({ where: (event) => thrown(event).value === 'just so' });
      assert.equal(await page.evaluate(() => app.do_flush(1000)), true);
      assert.equal((await w.inbox.items({ type: 'event' })).length, 3);
      assert.deepEqual(await losses(w), { 'error: ignored': 2 });
    });

    test('reports an error with its source chain, oldest first', async (w) => {
      const page = await started(w);
      const id = await page.evaluate(() => app.do_error());
      const { payload } = await w.inbox.waitFor({ event_id: id });
      assert.deepEqual(
        payload.exception.values.map(({ type, value }) => [type, value]),
        [
          ['SeatTaken', 'seat 12A is taken'],
          ['BookingFailed', 'the booking failed'],
        ],
      );
      assert.deepEqual(
        payload.exception.values.map(({ mechanism }) => [mechanism.exception_id, mechanism.parent_id, mechanism.handled]),
        [
          [1, 0, true],
          [0, undefined, true],
        ],
      );
      assert.equal(payload.level, 'error');
    });

    test('reports a message', async (w) => {
      const page = await started(w);
      const id = await page.evaluate(() => app.do_message('low disk ⛁'));
      const { payload } = await w.inbox.waitFor({ event_id: id });
      assert.deepEqual([messageOf(payload), payload.level], ['low disk ⛁', 'warning']);
      assert.equal(payload.tags.app, 'rust-app');
    });

    test('reports any value of JavaScript', async (w) => {
      const page = await started(w);
      const [error, text, object] = await page.evaluate(() => [
        app.do_js(new TypeError('planned', { cause: new Error('the cause') })),
        app.do_js('just words'),
        app.do_js({ message: 'an object', code: 7 }),
      ]);
      const first = (await w.inbox.waitFor({ event_id: error })).payload;
      assert.deepEqual(
        first.exception.values.map(({ type, value }) => [type, value]),
        [
          ['Error', 'the cause'],
          ['TypeError', 'planned'],
        ],
      );
      assert.ok(thrown(first).stacktrace.frames.length > 0);
      assert.match(JSON.stringify((await w.inbox.waitFor({ event_id: text })).payload.exception), /just words/);
      assert.match(JSON.stringify((await w.inbox.waitFor({ event_id: object })).payload.exception), /an object/);
    });

    test('keeps what is set in a scope to itself', async (w) => {
      const page = await started(w);
      const [inside, outside] = await page.evaluate(() => app.do_scope());
      const within = (await w.inbox.waitFor({ event_id: inside })).payload;
      expectContains(within, { tags: { app: 'rust-app', inside: 'yes' } });
      assert.deepEqual((await w.inbox.waitFor({ event_id: outside })).payload.tags, { app: 'rust-app' });
    });

    test('reports an error of the page that nobody caught, once, and the page hears of it, too', async (w) => {
      w.plan(/planned, and not caught/);
      const page = await started(w);
      await page.evaluate(() => {
        globalThis.heard = 0;
        addEventListener('error', () => globalThis.heard++);
        fail();
      });
      const { payload } = await w.inbox.waitFor();
      const { type, value, mechanism, stacktrace } = thrown(payload);
      assert.deepEqual([type, value, payload.level], ['TypeError', 'planned, and not caught', 'error']);
      assert.equal(payload.exception.values[0].value, 'no access with token=[Filtered]');
      expectContains(mechanism, { type: 'auto.browser.global_handlers.onerror', handled: false });
      assert.match(stacktrace.frames.at(-1).filename, /rust-app\.html$/);
      assert.equal(await page.evaluate(() => globalThis.heard), 1);
      await page.evaluate(() => app.do_flush(1000));
      assert.equal((await w.inbox.items({ type: 'event' })).length, 1);
    });

    test('reports an unhandled rejection of an async function', async (w) => {
      w.plan(/nobody waits for this/);
      const page = await started(w);
      await page.evaluate(() => void setTimeout(() => void app.do_reject()));
      const { payload } = await w.inbox.waitFor();
      expectContains(thrown(payload), {
        type: 'Error',
        value: 'nobody waits for this',
        mechanism: { type: 'auto.browser.global_handlers.onunhandledrejection', handled: false },
      });
    });

    test('reports contexts made of values of JavaScript and of Rust', async (w) => {
      const page = await started(w);
      const id = await page.evaluate(() => {
        app.do_context({ seats: 2, rows: ['a', 'b'], note: 'ünï' });
        return app.do_message('with contexts');
      });
      const { payload } = await w.inbox.waitFor({ event_id: id });
      expectContains(payload.contexts.from_js, { seats: 2, rows: ['a', 'b'], note: 'ünï' });
      assert.deepEqual(payload.extra.from_rust, ['A', 7, [1.5]]);
    });

    test('reports an error that is logged, with its sources, and what was logged before as a breadcrumb', async (w) => {
      const page = await started(w);
      await page.evaluate(() => app.do_log());
      const { payload } = await w.inbox.waitFor();
      assert.deepEqual([messageOf(payload), payload.logger, payload.level], ['no booking', 'rust_app', 'error']);
      assert.deepEqual(payload.exception.values.map(({ value }) => value), ['seat 12A is taken', 'the booking failed']);
      assert.deepEqual(payload.extra, { row: '12' });
      assert.match(payload.contexts.log.file, /examples\/rust-app\/src\/lib\.rs$/);
      assert.equal(payload.contexts.log.line, lineIn('rust-app', '"no booking"'));
      expectContains(breadcrumbs(payload), [{ message: 'about to book', category: 'rust_app', level: 'info' }]);
    });

    test('reports an error of anyhow with its contexts', async (w) => {
      const page = await started(w);
      const id = await page.evaluate(() => app.do_anyhow());
      const { payload } = await w.inbox.waitFor({ event_id: id });
      assert.deepEqual(payload.exception.values.map(({ value }) => value), ['seat 12A is taken', 'no seat for the guest']);
    });

    test('tasks that take turns keep what they set to themselves', async (w) => {
      const page = await started(w);
      const ids = await page.evaluate(() => app.do_tasks());
      const tags = await Promise.all(ids.map(async (id) => (await w.inbox.waitFor({ event_id: id })).payload.tags.task));
      assert.deepEqual(tags, ['one', 'two']);
    });

    test('what was collected without being asked for has no secrets; what was captured by hand is as it was', async (w) => {
      w.plan(/planned|unreachable/);
      const page = await w.open('/pages/rust-app.html?token=canary-of-the-page');
      await page.waitForFunction(() => globalThis.ready === true);
      await page.evaluate((dsn) => app.start(dsn), w.inbox.dsn);
      const secret = 'planned: https://jane:canary-of-the-error@example.com/?token=canary-of-the-query';
      await page.evaluate((secret) => void setTimeout(() => void app.do_reject(secret)), secret);
      const { payload } = await w.inbox.waitFor();
      assert.match(payload.request.url, /\/pages\/rust-app\.html\?token=/);
      assert.match(thrown(payload).value, /^planned: https:/);
      assert.doesNotMatch(JSON.stringify(payload), /canary/);
      const id = await page.evaluate((secret) => app.do_message(secret), secret);
      assert.equal(messageOf((await w.inbox.waitFor({ event_id: id })).payload), secret);
    });

    test('of the same panic again and again ten are sent, and the others are counted', async (w) => {
      w.plan(/unreachable/);
      const page = await started(w);
      const threw = await page.evaluate(() => {
        let threw = 0;
        for (let i = 0; i < 1000; i++)
          try {
            app.do_panic();
          } catch {
            threw++;
          }
        return threw;
      });
      assert.equal(threw, 1000);
      await page.evaluate(() => app.do_flush(2000));
      await page.evaluate(() => app.do_flush(2000));
      const events = await w.inbox.items({ type: 'event' });
      const lost = Object.values(await losses(w)).reduce((all, some) => all + some, 0);
      assert.equal(events.length + lost, 1000, `${events.length} and ${lost}`);
      assert.ok(events.length >= 1 && events.length < 30);
    });
  },
  { more: [parts.rustApp] },
);
