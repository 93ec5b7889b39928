// `tailcone wasm-prep` on small modules: what it writes, what it leaves alone, and what it says of files that it cannot use.
// Lines and wasm-opt are tested on a real application, in tests/browser/symbols.test.mjs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { dist, needs, parts } from '../lib/env.mjs';
import { assemble, custom, prefixed } from '../lib/wasm.mjs';

let folder;
const at = (name) => join(folder, name);
const put = (name, bytes) => (writeFileSync(at(name), Buffer.from(bytes)), at(name));
const get = (name) => readFileSync(at(name));
const sections = (name, section) => WebAssembly.Module.customSections(new WebAssembly.Module(get(name)), section).map((one) => Buffer.from(one));
const all = ['name', 'producers', 'target_features', 'build_id', 'external_debug_info', 'sourceMappingURL', '.debug_info', 'mine'];
const has = (name) => all.filter((section) => sections(name, section).length);

function prep(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(dist, 'cli.js'), 'wasm-prep', ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

function works(...args) {
  const said = prep(...args);
  assert.equal(said.status, 0, said.stderr);
  return said;
}

/** It ends with `status`, says one thing, and has written nothing to a file, and to the output only what is expected. */
function refuses(expected, args, status = 1, stdout = /^$/) {
  const before = readdirSync(folder).map((name) => [name, get(name).toString('hex')]);
  const said = prep(...args);
  assert.equal(said.status, status, said.stdout + said.stderr);
  assert.match(said.stderr, /^tailcone wasm-prep: /);
  assert.match(said.stderr, expected);
  assert.doesNotMatch(said.stderr, /\n +at /, 'no stack of ours');
  assert.match(said.stdout, stdout);
  assert.deepEqual(readdirSync(folder).map((name) => [name, get(name).toString('hex')]), before);
}

const app = (more = [], options = {}) => [...assemble({ name: 'app.wasm', ...options }).bytes, ...more.flat()];
const tools = [custom('producers', [0]), custom('target_features', [0]), custom('mine', [1, 2, 3])];
/** The contents of a data section whose one segment, at 0, has this text. */
const data = (text) => {
  const inner = [1, 0, 0x41, 0, 0x0b, ...prefixed(text)];
  return [11, ...prefixed(inner)];
};
/** What the crate has in its data: a word, and room for a debug id and a code id. */
const MARK = '\u0001tailcone.build_id\u0001';
const ROOM = '.'.repeat(70);
const idOf = (name) => sections(name, 'build_id')[0].subarray(1);

describe('tailcone wasm-prep', { skip: needs(parts.dist) }, () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tailcone-wasm-prep-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('strips what is shipped, and keeps it all in the companion, with one build id', () => {
    put('app.wasm', app(tools));
    const { stdout, stderr } = works(at('app.wasm'));
    assert.deepEqual(has('app.wasm'), ['build_id', 'mine']);
    assert.deepEqual(has('app.debug.wasm'), ['name', 'producers', 'target_features', 'build_id', 'mine']);
    const [section] = sections('app.wasm', 'build_id');
    assert.deepEqual(sections('app.debug.wasm', 'build_id'), [section]);
    assert.deepEqual([section[0], section.length], [16, 17]);
    const id = section.subarray(1).toString('hex');
    assert.match(stdout, new RegExp(`build id +${id}\n`));
    const raw = section.toString('hex');
    assert.match(stdout, new RegExp(`debug id +${raw.slice(0, 8)}-${raw.slice(8, 12)}-.*sentry-raw`));
    assert.match(stdout, new RegExp(`\n +${id.slice(0, 8)}-${id.slice(8, 12)}-.*by convention`));
    assert.match(stdout, /upload +sentry-cli debug-files upload .*app\.debug\.wasm/);
    assert.match(stderr, /it has names and no lines; for lines build it with debug =/);
  });

  it('changes nothing that runs, and leaves every instruction where it was', () => {
    const { bytes, offsets } = assemble({ name: 'app.wasm' });
    put('app.wasm', bytes);
    works(at('app.wasm'));
    for (const name of ['app.wasm', 'app.debug.wasm']) {
      const { through } = new WebAssembly.Instance(new WebAssembly.Module(get(name)), { env: { callback() {} } }).exports;
      assert.throws(through, (error) => error.stack.includes(`:${offsets.unreachable}`) && error.stack.includes(`:${offsets.inner}`));
    }
  });

  it('gives the same id to the same code, and another one to other code', () => {
    const ids = [
      [app(), []],
      [app(tools), []],
      [app([custom('build_id', prefixed('somebody else’s'))]), []],
      [app(tools), ['--keep-names', '--debug-url', 'https://example.com/a.debug.wasm']],
      [app([], { salt: 1 }), []],
    ].map(([bytes, args]) => {
      put('app.wasm', bytes);
      works(at('app.wasm'), ...args);
      assert.equal(sections('app.wasm', 'build_id').length, 1);
      return idOf('app.wasm').toString('hex');
    });
    assert.equal(new Set(ids.slice(0, 4)).size, 1, ids.join(' '));
    assert.notEqual(ids[4], ids[0]);
  });

  it('leaves names in what is shipped if asked to, and says where the companion is', () => {
    put('app.wasm', app());
    works(at('app.wasm'), '--keep-names', '--debug-url', 'https://example.com/app.debug.wasm');
    assert.deepEqual(has('app.wasm'), ['name', 'build_id', 'external_debug_info']);
    assert.deepEqual([...sections('app.wasm', 'external_debug_info')[0]], prefixed('https://example.com/app.debug.wasm'));
    assert.deepEqual(has('app.debug.wasm'), ['name', 'build_id']);
  });

  it('tells the crate in the module its build id, without which its events have none', () => {
    const ids = [];
    for (const [reading, codeId] of [['sentry-raw', (id) => `10${id}`], ['convention', (id) => `${id}  `]]) {
      put('app.wasm', app([data(`before ${MARK}${ROOM} after`)]));
      assert.doesNotMatch(works(at('app.wasm'), '--wasm-debug-id', reading).stderr, /crate tailcone is not in it/);
      const id = idOf('app.wasm').toString('hex');
      const code = codeId(id);
      const debug = code.slice(0, 32).replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
      assert.ok(get('app.wasm').includes(`before ${MARK}${debug}${code} after`));
      assert.match(works(at('app.wasm'), '--check').stdout, /belong together/);
      ids.push(id);
    }
    assert.equal(ids[0], ids[1], 'the id is not of what it is written to');
    put('other.wasm', app());
    assert.match(works(at('other.wasm')).stderr, /the crate tailcone is not in it/);
  });

  it('leaves the input alone when it is told to write elsewhere', () => {
    const bytes = app();
    put('app.wasm', bytes);
    works(at('app.wasm'), '--out', at('shipped.wasm'), '--debug-out', at('symbols.wasm'));
    assert.deepEqual([...get('app.wasm')], bytes);
    assert.match(works(at('shipped.wasm'), '--check', '--debug-out', at('symbols.wasm')).stdout, /belong together/);
  });

  it('takes a folder, and replaces the companions of an earlier build', () => {
    for (const salt of [1, 2]) {
      put('one.wasm', app([], { salt }));
      put('two.wasm', app([], { salt: salt + 10 }));
      works(folder);
      assert.deepEqual(readdirSync(folder).sort(), ['one.debug.wasm', 'one.wasm', 'two.debug.wasm', 'two.wasm']);
      assert.equal(works(folder, '--check').stdout.match(/belong together/g).length, 2);
    }
  });

  describe('--check', () => {
    it('names the functions of a stack, by address or by index', () => {
      const { bytes, offsets } = assemble({ name: 'app.wasm' });
      put('app.wasm', bytes);
      works(at('app.wasm'));
      const stack = `RuntimeError: unreachable\n    at https://example.com/app.wasm:wasm-function[14]:${offsets.inner}\n`;
      assert.match(works(at('app.wasm'), '--check', '--resolve', stack).stdout, /\n0x\w+\n    inner  \(no line\)\n$/);
      assert.match(works(at('app.wasm'), '--check', '--resolve', offsets.through).stdout, /\n    through  \(no line\)\n$/);
      assert.match(works(at('app.wasm'), '--check', '--resolve', '<?>.wasm-function[14]@[wasm code]').stdout, /wasm-function\[14\]\n    inner/);
    });

    it('names the lines of a stack, and is not misled by functions that were left out', () => {
      const { bytes, offsets } = assemble({ name: 'app.wasm' });
      const u32 = (value) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255];
      const sized = (contents) => [...u32(contents.length), ...contents];
      // What addresses count from: behind the kind of the section and its length, of which the last byte is below 128.
      let code = 8;
      for (let kind = 0; kind !== 10; ) {
        kind = bytes[code++];
        let size = 0;
        for (let shift = 0; ; shift += 7) {
          size |= (bytes[code] & 127) << shift;
          if (bytes[code++] < 128) break;
        }
        if (kind !== 10) code += size;
      }
      // One call in it, and the list of locals before.
      const start = Number(offsets.inner) - 1 - code;
      const lines = (address, line) => [0, 5, 2, ...u32(address), 3, line - 1, 1, 2, 40, 0, 1, 1];
      const head = [1, 1, 1, 0xfb, 14, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, ...Buffer.from('lib.rs\0'), 0, 0, 0, 0];
      const sections = {
        '.debug_abbrev': [1, 0x11, 1, 0x1b, 8, 0x10, 0x17, 0, 0, 2, 0x2e, 0, 3, 8, 0x11, 1, 0x12, 6, 0, 0, 0],
        '.debug_info': sized([4, 0, ...u32(0), 4, 1, ...Buffer.from('/src\0'), ...u32(0), 2, ...Buffer.from('in\0'), ...u32(start), ...u32(4), 0]),
        '.debug_line': sized([4, 0, ...sized(head), ...lines(0, 99), ...lines(start, 7)]),
      };
      put('app.wasm', [...bytes, ...Object.entries(sections).flatMap(([name, contents]) => custom(name, contents))]);
      assert.match(works(at('app.wasm')).stdout, /with lines and names/);
      assert.deepEqual(has('app.wasm'), ['build_id']);
      assert.match(works(at('app.wasm'), '--check', '--resolve', offsets.inner).stdout, /\n    inner  \/src\/lib\.rs:7\n$/);
      assert.match(works(at('app.wasm'), '--check', '--resolve', offsets.unreachable).stdout, /\n    unreachable  \(no line\)\n$/);
    });

    it('objects to a pair that is none, and to an address that is nowhere', () => {
      put('app.wasm', app());
      put('other.wasm', app([], { salt: 1 }));
      works(folder);
      refuses(/they are of different builds: [0-9a-f]{32} is shipped/, [at('app.wasm'), '--check', '--debug-out', at('other.debug.wasm')]);
      refuses(/cannot be read/, [at('app.wasm'), '--check', '--debug-out', at('none.wasm')]);
      refuses(/neither lines nor names/, [at('app.wasm'), '--check', '--debug-out', at('app.wasm')]);
      refuses(/there is no address/, [at('app.wasm'), '--check', '--resolve', 'TypeError: boom'], 1, /belong together/);
      refuses(/nothing is known of any/, [at('app.wasm'), '--check', '--resolve', '0x999999'], 1, /nothing is known of it/);
    });

    it('objects to code that was changed since', () => {
      put('app.wasm', app([data(MARK + ROOM)]));
      works(at('app.wasm'));
      const debug = get('app.debug.wasm');
      const end = get('app.wasm').length;
      // In the data, and in the custom section behind it.
      for (const [place, expected] of [[get('app.wasm').indexOf(MARK), /different code/], [end - 1, /different builds/]]) {
        const bytes = get('app.wasm');
        bytes[place] ^= 1;
        put('changed.wasm', bytes);
        put('changed.debug.wasm', debug);
        refuses(expected, [at('changed.wasm'), '--check']);
      }
    });
  });

  describe('says what is wrong with', () => {
    const wrong = {
      'an empty file': [[], /is not a wasm file/],
      'a text': [[...Buffer.from('<!doctype html>')], /is not a wasm file/],
      'a component': [[0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0], /a component/],
      'another version': [[0, 0x61, 0x73, 0x6d, 2, 0, 0, 0], /version 2/],
      'a module without code': [[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...custom('name', [])], /has no code/],
      'a stripped module': [[...assemble().bytes], /no debug information[^]*debug = "limited"[^]*--keep-debug/],
      'debug information of another version': [app([custom('.debug_info', [7, 0, 0, 0, 5, 0, 1, 4, 0, 0, 0])]), /DWARF 5/],
      'debug information that is cut short': [app([custom('.debug_info', [200, 0, 0, 0, 4, 0, 0, 0, 0, 0, 4, 1])]), /debug information is cut short/],
    };
    for (const [title, [bytes, expected]] of Object.entries(wrong)) {
      it(title, () => refuses(expected, [put('app.wasm', bytes)]));
    }

    it('a file that ends too early, wherever that is', () => {
      const bytes = app(tools);
      for (let length = 0; length < bytes.length; length += 23) {
        put('app.wasm', bytes.slice(0, length));
        const { status, stderr } = prep(at('app.wasm'), '--out', at('out.wasm'), '--debug-out', at('out.debug.wasm'));
        // Between two sections it is a whole file, too.
        if (status === 0) assert.ok(WebAssembly.validate(get('out.wasm')));
        else {
          assert.equal(status, 1);
          assert.match(stderr, /cut short|broken|not a wasm file|no code|no debug information/);
        }
        rmSync(at('out.wasm'), { force: true });
        rmSync(at('out.debug.wasm'), { force: true });
      }
    });

    it('a file whose debug information was left behind by wasm-opt', () => {
      // One unit with one function, from 0x20 to 0x30: none begins there.
      const abbreviations = [1, 0x11, 1, 0, 0, 2, 0x2e, 0, 0x11, 1, 0x12, 6, 0, 0, 0];
      const unit = [4, 0, 0, 0, 0, 0, 4, 1, 2, 0x20, 0, 0, 0, 0x10, 0, 0, 0, 0];
      const bytes = app([custom('.debug_abbrev', abbreviations), custom('.debug_info', [unit.length, 0, 0, 0, ...unit])]);
      refuses(/of other code: of 1 functions 0 begin where it says.*--wasm-opt/, [put('app.wasm', bytes)]);
    });

    it('a file that has been prepared', () => {
      for (const names of [[], ['--keep-names']]) {
        put('app.wasm', app());
        works(at('app.wasm'), ...names);
        refuses(/prepared already/, [at('app.wasm')]);
      }
      refuses(/this is a debug companion/, [at('app.debug.wasm')]);
    });

    it('a file that is not there, a folder without any, an output that is not its own', () => {
      refuses(/cannot be read.*ENOENT/, [at('none.wasm')]);
      refuses(/no wasm file in this folder/, [folder]);
      put('app.wasm', app());
      refuses(/would overwrite it/, [at('app.wasm'), '--debug-out', at('app.wasm')]);
      refuses(/would overwrite it/, [at('app.wasm'), '--out', at('b.wasm'), '--debug-out', at('b.wasm')]);
      put('app.debug.wasm', Buffer.from('my notes'));
      refuses(/is there already and is no debug companion/, [at('app.wasm')]);
      rmSync(at('app.debug.wasm'));
      refuses(/cannot be written/, [at('app.wasm'), '--debug-out', at('no/such/folder.wasm')]);
    });

    it('a wasm-opt that is not there, fails, or takes the names away', () => {
      put('app.wasm', app());
      const before = get('app.wasm');
      const script = put('opt.mjs', Buffer.from(''));
      const optimise = (program) =>
        spawnSync(process.execPath, [join(dist, 'cli.js'), 'wasm-prep', at('app.wasm'), '--wasm-opt=-Oz'], {
          encoding: 'utf8',
          env: { ...process.env, WASM_OPT: program },
        });
      const says = (program, expected) => {
        const { status, stderr } = optimise(program);
        assert.equal(status, 1);
        assert.match(stderr, expected);
        assert.deepEqual(get('app.wasm'), before);
        assert.ok(!existsSync(at('app.debug.wasm')));
      };
      says(at('nowhere'), /could not be run.*install binaryen/);
      writeFileSync(script, '#!/usr/bin/env node\nconsole.error("Fatal: no such flag"); process.exit(1)');
      says(script, /failed:\nFatal: no such flag/);
      const bare = Buffer.from(assemble().bytes).toString('base64');
      writeFileSync(
        script,
        `#!/usr/bin/env node
         import { writeFileSync } from 'node:fs';
         const after = (flag) => process.argv[process.argv.indexOf(flag) + 1];
         writeFileSync(after('-o'), Buffer.from('${bare}', 'base64'));
         writeFileSync(after('-osm'), '{"version":3,"sources":[],"names":[],"mappings":""}');`,
      );
      says(script, /has taken the names away/);
    });

    it('a wrong command line', () => {
      put('app.wasm', app());
      for (const args of [[], [at('app.wasm'), at('b.wasm')], [at('app.wasm'), '--strip'], [at('app.wasm'), '--resolve', '0x1'], [at('app.wasm'), '--wasm-debug-id', 'raw'], [at('app.wasm'), '--check', '--out', at('b.wasm')]]) {
        refuses(/Try: tailcone wasm-prep --help/, args, 2);
      }
      put('b.wasm', app());
      refuses(/for one file/, [folder, '--out', at('c.wasm')], 2);
      assert.match(works('--help').stdout, /--debug-url/);
    });
  });
});
