// A Rust app as it is shipped: built for release with wasm-opt, stripped by `tailcone wasm-prep`. A panic of it arrives
// with addresses and a build id, and these are enough for a server to name the function, the file and the line.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { click, exampleApp, lineIn, shown } from '../lib/app.mjs';
import { without } from '../lib/browsers.mjs';
import { apps, dist, needs, parts, python, tests, wasmOpt } from '../lib/env.mjs';
import { thrown } from '../lib/expect.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

const app = exampleApp('yew-app');
/** The line of the index that is out of bounds. */
const line = lineIn('yew-app', app.lookUp);
const built = join(apps, 'yew-app-debug');
const folder = mkdtempSync(join(tmpdir(), 'tailcone-symbols-'));
/** The ways in which it is prepared. */
const ways = { 'optimised by wasm-opt': ['--wasm-opt=-Oz'], 'as wasm-bindgen made it': [] };
const shipped = (way) => join(folder, `${ways[way].length}.wasm`);
const companion = (way) => join(folder, `${ways[way].length}.debug.wasm`);

const wasmPrep = (args, options) =>
  spawnSync(process.execPath, [join(dist, 'cli.js'), 'wasm-prep', ...args], {
    encoding: 'utf8',
    env: { ...process.env, WASM_OPT: wasmOpt },
    ...options,
  });

/** What symbolic says of addresses in a companion. */
const symbolicate = (file, image, addresses) =>
  JSON.parse(
    execFileSync(python, [join(tests, 'servers/symbolicate.py')], {
      input: JSON.stringify({ file, debug_id: image.debug_id, code_id: image.code_id, addresses }),
      encoding: 'utf8',
    }),
  );

async function panicked(w, way) {
  w.plan(/unreachable|index out of bounds/i);
  for (const name of ['yew_app.js', 'yew_app_bg.wasm']) {
    const file = name.endsWith('.wasm') ? shipped(way) : join(built, name);
    w.site.rule(`/yew-app/${name}`, { body: readFileSync(file) });
  }
  const page = await app.started(w);
  for (const seat of ['12A', '12B', '12C']) {
    await shown(page, seat);
    await click(page, '#next');
  }
  const { payload } = await w.inbox.waitFor();
  assert.match(thrown(payload).value, /index out of bounds: the len is 3 but the index is 3/);
  return payload;
}

describe('what is shipped', { skip: needs(parts.dist, parts.yewAppDebug, parts.wasmOpt) }, () => {
  const said = {};
  before(() => {
    for (const [way, flags] of Object.entries(ways)) {
      const { status, stdout, stderr } = wasmPrep([join(built, 'yew_app_bg.wasm'), ...flags, '--out', shipped(way), '--debug-out', companion(way)]);
      assert.equal(status, 0, stderr);
      assert.equal(stderr, '', 'the crate is found in it');
      said[way] = stdout;
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  forEachBrowser(
    'the panic of a shipped app',
    (test, engine) => {
      // What wasm-opt does to lines is the same everywhere.
      const tried = Object.keys(ways).slice(0, engine === 'chromium' ? 2 : 1);
      for (const way of tried) {
        test(`is resolved to function, file and line by build id and address, ${way}`, { except: without.wasmFrames }, async (w) => {
          const event = await panicked(w, way);
          const { frames } = thrown(event).stacktrace;
          const own = frames.filter((frame) => frame.instruction_addr);
          assert.ok(own.length > 3);
          assert.ok(own.every((frame) => frame.addr_mode === 'rel:0' && frame.filename === event.debug_meta.images[0].code_file));
          assert.ok(!own.some((frame) => /yew_app/.test(frame.function)), 'the shipped file has no names');
          const [image, ...more] = event.debug_meta.images;
          assert.deepEqual(more, []);
          assert.equal(image.type, 'wasm');
          assert.match(said[way], new RegExp(`^debug id +${image.debug_id} `, 'm'));
          const places = symbolicate(companion(way), image, own.map((frame) => frame.instruction_addr).reverse()).flat();
          const place = places.find(({ file }) => file?.endsWith('examples/yew-app/src/lib.rs'));
          const told = JSON.stringify(places, null, 1);
          assert.equal(place?.line, line, told);
          assert.match(place.function, /yew_app.*run.*inner/, told);
          // What it was inlined into is the next; what called that is Yew.
          const [caller, next] = places.slice(places.indexOf(place) + 1);
          assert.match(caller.function, /yew_app.*App.*FunctionProvider/, told);
          assert.match(next.function, /yew/, told);
          // Further in there is nothing but the panic.
          const inner = places.slice(0, places.indexOf(place)).map((place) => place.function);
          assert.match(inner.at(-1), /panic_bounds_check$/, told);
          assert.ok(!inner.some((name) => /yew/.test(name)), told);
        });
      }

      test('is resolved by wasm-prep itself', async (w) => {
        const [way] = tried;
        const { frames } = thrown(await panicked(w, way)).stacktrace;
        const stack = frames
          .filter((frame) => frame.platform === 'native')
          .map((frame) => (frame.instruction_addr ? `${frame.function}:${frame.instruction_addr}` : frame.function))
          .reverse()
          .join('\n');
        const { status, stdout, stderr } = wasmPrep([shipped(way), '--debug-out', companion(way), '--check', '--resolve', '-'], { input: stack });
        assert.equal(status, 0, stderr);
        if (without.wasmFrames.includes(w.engine)) {
          // There is the function's index, and no address.
          assert.match(stdout, /panic_bounds_check.*\(no line\)\nwasm-function\[\d+\]\n    .*yew::.*\(no line\)$/m);
        } else {
          const [first] = stdout.split('\n').filter((text) => text.includes('examples/yew-app/src/lib.rs'));
          assert.match(first, new RegExp(`^ +yew_app::.*run::inner  .*examples/yew-app/src/lib\\.rs:${line}$`));
        }
      });
    },
    { more: [parts.python] },
  );
});
