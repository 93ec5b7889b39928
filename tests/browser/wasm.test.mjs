// Wasm modules of the application: their debug images, however they were loaded, and their traps.
import assert from 'node:assert/strict';
import { without } from '../lib/browsers.mjs';
import { parts } from '../lib/env.mjs';
import { expectContains, messageOf, reasons, thrown } from '../lib/expect.mjs';
import { until } from '../lib/process.mjs';
import { forEachBrowser } from '../lib/suite.mjs';
import { assemble, prefixed } from '../lib/wasm.mjs';

const idOf = (first) => Array.from({ length: 16 }, (_, i) => first + i);
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const uuid = (digits) => digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');

/** The image of a module whose build id begins with a byte, with the section as it is: so does symbolic 13.9.0, which
 * Sentry's tools are made with, give `10a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf` for the 16 bytes from a1 on. */
const imageOf = (first, { code_file, debug_file }) => {
  const raw = hex(prefixed(idOf(first)));
  return { type: 'wasm', debug_id: uuid(raw), code_id: raw, code_file, ...(debug_file && { debug_file }) };
};

/** Makes a module and puts it on the site. */
function publish({ site }, path, options) {
  const made = assemble(options);
  site.rule(path, { body: Buffer.from(made.bytes), type: 'application/wasm' });
  return { ...made, url: site.url + path };
}

async function started(w, { images, there, ...options } = {}) {
  w.plan(/unreachable/i);
  const page = await w.open('/pages/wasm.html');
  await page.waitForFunction(() => globalThis.ready === true);
  await page.evaluate((...given) => void start(...given), { dsn: w.inbox.dsn, ...options }, images, there);
  return page;
}

const load = (page, ...args) => page.evaluate((...given) => load(...given), ...args);
const runLater = (page, ...args) => page.evaluate((...given) => runLater(...given), ...args);
const framesOf = (event) => thrown(event).stacktrace.frames;
const wasmFrames = (event) => framesOf(event).filter((frame) => frame.instruction_addr);
const images = (event) => (event.debug_meta?.images ?? []).filter(({ type }) => type === 'wasm');

/** What the frames of `through` must be, in a module as `publish` gives it, with the image at `index`. */
const through = ({ offsets }, file, index = 0) =>
  ['through', 'inner', 'unreachable'].map((name) => ({
    platform: 'native',
    function: name,
    filename: file,
    instruction_addr: offsets[name],
    addr_mode: `rel:${index}`,
  }));

const streamed = ['instantiateStreaming, a promise', 'instantiateStreaming, a response', 'compileStreaming'];
const ofBytes = ['instantiate', 'compile', 'Module'];

/** What an engine calls a module that is made of bytes. */
const nameOfBytes = (engine, name, way) =>
  engine === 'chromium' ? new RegExp(`^wasm://wasm/${name ? `${name}-` : ''}[0-9a-f]{8}$`) : new RegExp(` > WebAssembly\\.${way}$`);

forEachBrowser('debug images of wasm modules', (test, engine) => {
  for (const way of streamed) {
    test(`a streamed module has its image: ${way}`, async (w) => {
      const page = await started(w);
      const debugInfo = prefixed('debug/app.debug.wasm');
      const app = publish(w, '/made/app.wasm', { name: 'app.wasm', buildId: prefixed(idOf(0x20)), debugInfo });
      const other = publish(w, '/made/other.wasm', { name: 'other.wasm', buildId: prefixed(idOf(0x60)) });
      await load(page, 'other', way, other.url);
      await load(page, 'app', way, app.url);
      await runLater(page, 'app', 'through');
      const { payload } = await w.inbox.waitFor();
      const debug_file = `${w.site.url}/made/debug/app.debug.wasm`;
      assert.deepEqual(images(payload), [imageOf(0x20, { code_file: app.url, debug_file })]);
      expectContains(wasmFrames(payload), through(app, app.url));
    });
  }

  for (const way of ofBytes) {
    test(`a module made of bytes has its image: ${way}`, async (w) => {
      const page = await started(w);
      const app = publish(w, '/made/app.wasm', { name: 'app.wasm', buildId: prefixed(idOf(0x20)) });
      const other = publish(w, '/made/other.wasm', { name: 'other.wasm', buildId: prefixed(idOf(0x60)) });
      await load(page, 'other', streamed[0], other.url);
      await load(page, 'app', way, app.url);
      await runLater(page, 'app', 'through');
      const { payload } = await w.inbox.waitFor();
      const [{ filename }] = wasmFrames(payload);
      assert.match(filename, nameOfBytes(engine, 'app.wasm', way));
      assert.deepEqual(images(payload), [imageOf(0x20, { code_file: filename })]);
      expectContains(wasmFrames(payload), through(app, filename));
    });
  }

  test('a module that came from elsewhere as a module has its image', async (w) => {
    const page = await started(w);
    const app = publish(w, '/made/app.wasm', { name: 'app.wasm', buildId: prefixed(idOf(0x20)) });
    await page.evaluate(() => startWorker());
    await page.evaluate((dsn) => inWorker('start', { dsn }), w.inbox.dsn);
    await page.evaluate(async (url) => inWorker('take', 'app', await WebAssembly.compileStreaming(fetch(url))), app.url);
    await page.evaluate(() => inWorker('runLater', 'app', 'through'));
    const { payload } = await w.inbox.waitFor();
    assert.deepEqual(images(payload), [imageOf(0x20, { code_file: app.url })]);
    expectContains(wasmFrames(payload), through(app, app.url));
  });

  test('a redirected module is known by the URL that the engine calls it', async (w) => {
    const page = await started(w);
    const app = publish(w, '/made/app.wasm', { name: 'app.wasm', buildId: prefixed(idOf(0x20)) });
    w.site.rule('/made/latest.wasm', { status: 302, headers: { location: '/made/app.wasm?v=7' } });
    await load(page, 'app', streamed[0], '/made/latest.wasm#part');
    await runLater(page, 'app', 'through');
    const { payload } = await w.inbox.waitFor();
    const file = `${app.url}?v=7`;
    assert.deepEqual(images(payload), [imageOf(0x20, { code_file: file })]);
    expectContains(wasmFrames(payload), through(app, file));
  });

  test('a stack through two modules has both images', async (w) => {
    const page = await started(w);
    const outer = publish(w, '/made/outer.wasm', { name: 'outer.wasm', buildId: prefixed(idOf(0x20)) });
    const inner = publish(w, '/made/inner.wasm', { name: 'inner.wasm', buildId: prefixed(idOf(0x60)) });
    await load(page, 'outer', streamed[0], outer.url);
    await load(page, 'inner', streamed[2], inner.url);
    await page.evaluate(() => {
      globalThis.callback = () => loaded.inner.through();
      runLater('outer', 'callback');
    });
    const { payload } = await w.inbox.waitFor();
    assert.deepEqual(images(payload), [imageOf(0x20, { code_file: outer.url }), imageOf(0x60, { code_file: inner.url })]);
    expectContains(wasmFrames(payload), [
      { filename: outer.url, function: 'callback', instruction_addr: outer.offsets.callback, addr_mode: 'rel:0' },
      ...through(inner, inner.url, 1),
    ]);
  });

  test('an error that JavaScript throws has images of the modules it came through, after those it has', async (w) => {
    const there = { type: 'sourcemap', code_file: 'https://example.com/a.js', debug_id: uuid(hex(idOf(0x90))) };
    const page = await started(w, { there });
    const app = publish(w, '/made/app.wasm', { name: 'app.wasm', buildId: prefixed(idOf(0x20)) });
    await load(page, 'app', streamed[0], app.url);
    const id = await page.evaluate(() => {
      throwing('planned');
      return capture('app', 'callback');
    });
    const { payload } = await w.inbox.waitFor({ event_id: id });
    assert.equal(thrown(payload).value, 'planned');
    assert.deepEqual(payload.debug_meta.images, [there, imageOf(0x20, { code_file: app.url })]);
    expectContains(wasmFrames(payload), [{ function: 'callback', instruction_addr: app.offsets.callback, addr_mode: 'rel:1' }]);
  });

  test('a debug id is made as the conventions of the tools want it, if asked for', async (w) => {
    const page = await started(w, { images: { wasmDebugId: 'convention' } });
    const id = [...idOf(0x20), 0xaa, 0xbb, 0xcc, 0xdd];
    const app = publish(w, '/made/app.wasm', { name: 'app.wasm', buildId: prefixed(id) });
    await load(page, 'app', streamed[0], app.url);
    await runLater(page, 'app', 'unreachable');
    const { payload } = await w.inbox.waitFor();
    assert.deepEqual(images(payload), [{ type: 'wasm', debug_id: uuid(hex(id)), code_id: hex(id), code_file: app.url }]);
    const small = publish(w, '/made/small.wasm', { name: 'small.wasm', buildId: prefixed([0xab, 0xcd]) });
    await load(page, 'small', streamed[0], small.url);
    const shorter = await page.evaluate(() => capture('small', 'divide_by_zero'));
    const [image] = images((await w.inbox.waitFor({ event_id: shorter })).payload);
    assert.deepEqual([image.debug_id, image.code_id], ['abcd0000-0000-0000-0000-000000000000', 'abcd']);
  });

  test('a module without a build id has no image, and its frames keep file and address', async (w) => {
    const page = await started(w);
    const app = publish(w, '/made/app.wasm', { name: 'app.wasm' });
    const other = publish(w, '/made/other.wasm', { name: 'other.wasm', buildId: prefixed(idOf(0x20)) });
    await load(page, 'app', streamed[0], app.url);
    await load(page, 'other', 'instantiate', other.url);
    await runLater(page, 'app', 'through');
    const { payload } = await w.inbox.waitFor();
    assert.deepEqual(images(payload), []);
    expectContains(wasmFrames(payload), through(app, app.url).map(({ addr_mode, ...frame }) => frame));
    for (const frame of wasmFrames(payload)) assert.ok(!('addr_mode' in frame));
  });

  test('of modules made of bytes, the right one has its image, or none', async (w) => {
    const page = await started(w, { dedupe: false, floodControl: false });
    const load2 = async (name, options) => {
      const made = publish(w, `/made/${name}.wasm`, options);
      await load(page, name, 'instantiate', made.url);
      return made;
    };
    const imagesOf = async (name) => {
      const id = await page.evaluate((given) => capture(given, 'unreachable'), name);
      return images((await w.inbox.waitFor({ event_id: id })).payload).map(({ code_id }) => code_id.slice(2, 4));
    };
    // What two builds of one program look like, and two modules without a name.
    await load2('long1', { name: 'app', buildId: prefixed(idOf(0x10)), padding: 17_000 });
    await load2('long2', { name: 'app', buildId: prefixed(idOf(0x20)), padding: 18_000 });
    await load2('short1', { name: 'twin', buildId: prefixed(idOf(0x30)), salt: 1 });
    await load2('short2', { name: 'twin', buildId: prefixed(idOf(0x40)), salt: 2 });
    await load2('nameless', { buildId: prefixed(idOf(0x50)) });
    await load2('named', { name: 'named', buildId: prefixed(idOf(0x60)) });
    const found = {};
    for (const name of ['long1', 'long2', 'short1', 'short2', 'nameless', 'named']) found[name] = await imagesOf(name);
    // Firefox has one name for all that one script makes, V8 the module's own name and, of long ones, the length.
    const known = engine === 'chromium';
    assert.deepEqual(found, {
      long1: known ? ['10'] : [],
      long2: known ? ['20'] : [],
      short1: [],
      short2: [],
      nameless: known ? ['50'] : [],
      named: known ? ['60'] : [],
    });
  });

  test('events tell how much memory the instances have', async (w) => {
    const page = await w.open('/pages/wasm.html');
    await page.evaluate(async (dsn) => {
      start({ dsn });
      const capture = (text) => (tailcone.captureMessage(text), tailcone.flush());
      await capture('none');
      // (module (memory (export "m") 3))
      const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 0, 3, 7, 5, 1, 1, 109, 2, 0);
      globalThis.kept = [
        (await WebAssembly.instantiate(bytes)).instance,
        await WebAssembly.instantiate(await WebAssembly.compile(bytes)),
        new WebAssembly.Instance(new WebAssembly.Module(bytes)),
      ];
      await capture('three');
      kept[0].exports.m.grow(2);
      await capture('grown');
    }, w.inbox.dsn);
    const events = await w.inbox.items({ type: 'event' });
    const pages = events.map(({ payload }) => [messageOf(payload), payload.contexts.wasm]);
    assert.deepEqual(Object.fromEntries(pages), { none: undefined, three: { memory_pages: 9 }, grown: { memory_pages: 11 } });
  });

  test('the functions of WebAssembly are as they were, and are put back by close', async (w) => {
    const page = await started(w);
    const app = publish(w, '/made/app.wasm', { name: 'app.wasm', buildId: prefixed(idOf(0x20)) });
    w.plan(/magic|wasm|WebAssembly/i);
    const [during, after] = await page.evaluate(async (url) => {
      const names = ['instantiateStreaming', 'compileStreaming', 'instantiate', 'compile', 'Module', 'Instance'];
      const describe = ({ value, ...how }) =>
        JSON.stringify([value.name, value.length, /native code/.test(value), Object.keys(value.prototype ?? {}), how]);
      const now = Object.getOwnPropertyDescriptors(WebAssembly);
      const body = await (await fetch(url)).arrayBuffer();
      const module = new WebAssembly.Module(body);
      class Own extends WebAssembly.Module {}
      const failures = await Promise.all(
        [WebAssembly.compile(new Uint8Array(9)), WebAssembly.instantiateStreaming(fetch('/none'), {}), WebAssembly.instantiate(5)].map(
          (promise) => promise.catch((error) => error.constructor.name),
        ),
      );
      const thrownBy = (fn) => {
        try {
          return fn();
        } catch (error) {
          return error.constructor.name;
        }
      };
      const during = {
        wrapped: names.filter((name) => WebAssembly[name] !== originals[name].value).length,
        others: names.filter((name) => describe(now[name]) !== describe(originals[name])),
        module: [module instanceof WebAssembly.Module, module instanceof originals.Module.value, new Own(body) instanceof Own],
        resolved: Object.keys(await WebAssembly.instantiate(body, { env: { callback() {} } })).sort(),
        failures,
        thrown: [thrownBy(() => new WebAssembly.Module(body.slice(0, 9))), thrownBy(() => WebAssembly.Module(body))],
      };
      // Nobody catches this.
      setTimeout(() => void WebAssembly.compile(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])));
      await new Promise((done) => setTimeout(done, 200));
      await client.close();
      return [during, names.every((name) => WebAssembly[name] === originals[name].value)];
    }, app.url);
    assert.deepEqual(during, {
      wrapped: 6,
      others: [],
      module: [true, true, true],
      resolved: ['instance', 'module'],
      failures: ['CompileError', 'TypeError', 'TypeError'],
      thrown: ['CompileError', 'TypeError'],
    });
    assert.equal(after, true, 'close puts the originals back');
    const { payload } = await w.inbox.waitFor();
    expectContains(thrown(payload), {
      type: 'CompileError',
      mechanism: { type: 'auto.browser.global_handlers.onunhandledrejection', handled: false },
    });
  });

  if (engine === 'chromium') {
    test('no module is kept alive', async (w) => {
      const page = await started(w);
      const app = publish(w, '/made/app.wasm', { name: 'app.wasm', buildId: prefixed(idOf(0x20)) });
      for (const way of [...streamed, ...ofBytes]) await load(page, 'app', way, app.url);
      await page.evaluate(async (url) => {
        globalThis.loaded = {};
        globalThis.module = new WeakRef(await WebAssembly.compileStreaming(fetch(url)));
      }, app.url);
      const session = await page.createCDPSession();
      await until(
        async () => {
          await session.send('HeapProfiler.collectGarbage');
          return page.evaluate(() => globalThis.module.deref() === undefined);
        },
        'the module to be collected',
      );
    });
  }
}, { except: without.wasmFrames });

forEachBrowser('traps of wasm modules', (test, engine) => {
  const v8 = engine === 'chromium';
  const gecko = engine === 'firefox';
  const places = !without.wasmFrames.includes(engine);
  const kinds = {
    unreachable: 'unreachable',
    out_of_bounds: 'out_of_bounds',
    fill: 'out_of_bounds',
    divide_by_zero: 'divide_by_zero',
    remainder_by_zero: 'divide_by_zero',
    integer_overflow: 'integer_overflow',
    // WebKit has the same words for this and for memory, as Firefox has for a function that is not there.
    not_an_integer: v8 || gecko ? 'other' : 'out_of_bounds',
    null_function: 'indirect_call',
    wrong_signature: 'indirect_call',
    no_such_function: gecko ? 'out_of_bounds' : 'indirect_call',
    no_such_element: 'indirect_call',
    unaligned: 'unaligned',
    ...(!without.overflowsOfWasm.includes(engine) && { recurse: 'stack_overflow' }),
  };

  test('each is told by its kind', async (w) => {
    const page = await started(w, { dedupe: false, floodControl: false });
    w.plan(/zero|overflow|bounds|integer|function|indirect|unaligned|call stack|recursion|unrepresentable/i);
    const app = publish(w, '/made/app.wasm', { name: 'app.wasm' });
    await load(page, 'app', streamed[0], app.url);
    const found = {};
    const seen = new Set();
    for (const name of Object.keys(kinds)) {
      await runLater(page, 'app', name);
      const { payload } = await w.inbox.waitFor({ where: (event) => event.exception && !seen.has(event.event_id) });
      seen.add(payload.event_id);
      if (places) assert.equal(framesOf(payload).at(-1).function, name);
      const { type, mechanism } = thrown(payload);
      assert.deepEqual([mechanism.type, mechanism.handled], ['auto.wasm.trap', false], name);
      assert.equal(type, name === 'recurse' ? (v8 ? 'RangeError' : 'InternalError') : 'RuntimeError');
      found[name] = mechanism.data.trap;
    }
    assert.deepEqual(found, kinds);
  });

  test('one that is caught keeps its mechanism, and other errors are no traps', async (w) => {
    const page = await started(w);
    const app = publish(w, '/made/app.wasm', { name: 'app.wasm' });
    await load(page, 'app', streamed[0], app.url);
    const ids = await page.evaluate(() => {
      const trap = capture('app', 'out_of_bounds');
      throwing('the table of contents is unreachable');
      const error = capture('app', 'callback');
      const recurse = () => recurse();
      globalThis.loaded.script = { recurse, own: () => { throw Object.assign(new Error('unreachable'), { name: 'RuntimeError' }); } };
      globalThis.loaded.memory = { grow: () => new WebAssembly.Memory({ initial: 1, maximum: 2 }).grow(5) };
      return [trap, error, capture('script', 'recurse'), capture('script', 'own'), capture('memory', 'grow')];
    });
    const found = [];
    for (const id of ids) {
      const { mechanism } = thrown((await w.inbox.waitFor({ event_id: id })).payload);
      assert.deepEqual([mechanism.type, mechanism.handled], ['generic', true]);
      found.push(mechanism.data?.trap);
    }
    assert.deepEqual(found, ['out_of_bounds', undefined, undefined, undefined, 'out_of_memory']);
  });

  /** Makes `panic` print what `console_error_panic_hook` does, in the words of a Rust of today. */
  const panics = (page, message, location) =>
    page.evaluate((text) => void printing(text), `panicked at ${location}:\n${message}\n\nStack:\n\nError\n    at x\n\n`);

  test('a panic is reported with its own words, once, and what follows from it is counted', { except: without.wasmFrames }, async (w) => {
    const page = await started(w, { dedupe: false, floodControl: false });
    w.plan(/bounds|in rust/);
    const app = publish(w, '/made/app.wasm', { name: 'app.wasm' });
    const other = publish(w, '/made/other.wasm', { name: 'other.wasm' });
    await load(page, 'app', streamed[0], app.url);
    await load(page, 'other', streamed[0], other.url);

    await panics(page, 'no seat 12A:\n\nsold out', 'src/seats.rs:12:34');
    await runLater(page, 'app', 'panic');
    const first = await w.inbox.waitFor();
    expectContains(thrown(first.payload), {
      type: 'panic',
      value: 'no seat 12A:\n\nsold out',
      mechanism: { type: 'auto.wasm.trap', handled: false, data: { trap: 'unreachable', location: 'src/seats.rs:12:34' } },
    });
    expectContains(framesOf(first.payload).at(-1), { filename: app.url, function: 'panic' });

    // The same again, traps without words, and what the glue says of an instance in disorder: the module is dead.
    await runLater(page, 'app', 'panic');
    await page.evaluate(async () => {
      const wait = () => new Promise((done) => setTimeout(done, 50));
      await wait();
      throwing('recursive use of an object detected which would lead to unsafe aliasing in rust');
      runLater('app', 'callback');
      await wait();
      for (const name of ['out_of_bounds', 'unreachable']) runLater('app', name);
      await wait();
      printing('panicked at src/app.rs:5:6:\nalready borrowed: BorrowMutError\n\nStack:\n\nError');
      runLater('app', 'panic');
      await wait();
    });

    // News: another place in it (in the words of a Rust before 1.73), another error through it, and another module.
    await page.evaluate(() => void printing("panicked at 'no such row', src/rows.rs:1:2\n\nStack:\n\nError"));
    await runLater(page, 'app', 'panic');
    const second = await w.inbox.waitFor({ where: (event) => thrown(event).value === 'no such row' });
    assert.equal(thrown(second.payload).mechanism.data.location, 'src/rows.rs:1:2');
    await page.evaluate(() => {
      throwing('planned news');
      runLater('app', 'callback');
    });
    await w.inbox.waitFor({ where: (event) => thrown(event).value === 'planned news' });
    await runLater(page, 'other', 'unreachable');
    const elsewhere = await w.inbox.waitFor({ where: (event) => framesOf(event).at(-1).filename === other.url });
    expectContains(thrown(elsewhere.payload), { type: 'RuntimeError', mechanism: { data: { trap: 'unreachable' } } });
    await page.evaluate(() => client.close());
    assert.equal((await w.inbox.items({ type: 'event' })).length, 4);
    assert.deepEqual(await reasons(w), { ignored: 5 });
  });

  test('the words of a panic do not go to a trap that comes later', async (w) => {
    const page = await started(w);
    const app = publish(w, '/made/app.wasm', { name: 'app.wasm' });
    await load(page, 'app', streamed[0], app.url);
    await page.evaluate(async () => {
      console.error('panicked at src/a.rs:1:1:\nplanned long ago');
      await new Promise((done) => setTimeout(done, 1500));
      runLater('app', 'unreachable');
    });
    const { payload } = await w.inbox.waitFor();
    expectContains(thrown(payload), { type: 'RuntimeError', mechanism: { data: { trap: 'unreachable' } } });
  });
});

forEachBrowser(
  'a Rust app on a page with the npm package',
  (test) => {
    test('has its panic reported once, by the crate', async (w) => {
      const page = await started(w);
      await page.evaluate(async (dsn) => {
        const app = await import('/rust-app/rust_app.js');
        await app.default();
        app.start(dsn);
        setTimeout(() => app.do_panic());
      }, w.inbox.dsn);
      const { payload } = await w.inbox.waitFor({ where: (event) => event.exception });
      assert.equal(thrown(payload).type, 'panic');
      assert.match(payload.sdk.name, /rust/);
      await page.evaluate(() => client.close());
      assert.equal((await w.inbox.items({ type: 'event' })).length, 1);
      assert.deepEqual(await reasons(w), { ignored: 1 });
    });
  },
  { more: [parts.rustApp] },
);
