// The shape of the house: who may know whom, in Rust and in TypeScript, what lies at the top, and what no file may say.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../lib/env.mjs';

const read = (path) => readFileSync(join(root, path), 'utf8');

/** Files under a folder whose names end so, as paths from the root. */
function files(folder, ending) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'target' || entry.name === 'node_modules' ? [] : files(path, ending);
    return entry.name.endsWith(ending) ? [path] : [];
  });
}

/** Rust without comments and texts, and without what is for its unit tests only, which may know more. */
const rust = (path) =>
  read(path)
    .replace(/"(?:[^"\\]|\\[^])*"|\/\/.*$/gm, (found) => (found.startsWith('"') ? '""' : ''))
    .replace(/#\[cfg\(test\)\]\s*extern crate \w+;/g, '')
    .split(/^#\[cfg\(test\)\]\s*mod /m)[0];

/** What of a file's Rust fits the pattern, which must be global. */
const says = (path, pattern) => rust(path).match(pattern) ?? [];

/** The keys of a table of a Cargo.toml, by name: enough of TOML for dependency tables. */
function table(toml, name) {
  const start = toml.split(/^\s*\[/m).find((part) => part.startsWith(`${name}]`));
  return start ? [...start.matchAll(/^\s*"?([\w-]+)"?(?:\.\w+)*\s*=/gm)].map(([, key]) => key) : [];
}

describe('the direction of dependencies in Rust', () => {
  const manifest = read('src/core/Cargo.toml');
  const core = files('src/core', '.rs').filter((path) => !path.includes('/tests/'));

  it('the core depends on no crate of the wasm world', () => {
    const known = table(manifest, 'dependencies');
    assert.deepEqual(known.filter((name) => /wasm|js-sys|web-sys|gloo|console_error|getrandom/.test(name)), []);
    assert.doesNotMatch(manifest, /^\s*[\w-]+\s*=.*path\s*=/m, 'nor on any other crate of this repository');
  });

  it('the core is pure: no std, no unsafe, nothing of a host', () => {
    const lib = read('src/core/lib.rs');
    assert.match(lib, /#!\[no_std\]/);
    assert.match(lib, /#!\[forbid\(unsafe_code\)\]/);
    for (const path of core) {
      assert.deepEqual(says(path, /\b(wasm_bindgen|js_sys|web_sys|gloo_net|std)\b(?=::|;)/g), [], path);
    }
  });

  // A file of src/ may use only modules of the layers below its own.
  const layer = (path) => {
    if (path.startsWith('src/host/') || path === 'src/host.rs') return 'host';
    if (path === 'src/lib.rs') return 'lib';
    if (path === 'src/wasm.rs') return 'wasm';
    return 'integration';
  };
  const inner = files('src', '.rs').filter((path) => !path.startsWith('src/core/') && !path.startsWith('src/js/'));

  it('the host side uses only the core and itself', () => {
    const host = inner.filter((path) => layer(path) === 'host');
    assert.ok(host.length > 0);
    for (const path of host) {
      const used = [...rust(path).matchAll(/\bcrate::(\w+)/g)].map(([, name]) => name);
      assert.deepEqual(used.filter((name) => name !== 'host'), [], path);
    }
  });

  it('nothing uses the face for the shim', () => {
    for (const path of inner.filter((path) => !['wasm', 'lib'].includes(layer(path)))) {
      assert.deepEqual(says(path, /\b(crate|super)::wasm\b/g), [], path);
    }
    assert.match(read('src/lib.rs'), /#\[cfg\([^\]]*feature = "npm"[^\]]*\)\]\s*(pub )?mod wasm;/);
  });
});

describe('the direction of dependencies in TypeScript', () => {
  const sources = files('src/js', '.ts').filter((path) => !path.endsWith('.d.ts'));

  /** What a file imports, as {path, kind: 'type' | 'value' | 'lazy'}. */
  function imports(path) {
    const text = read(path).replace(/^\s*(\/\/|\/?\*).*$/gm, '');
    const found = [];
    for (const [, type, , from] of text.matchAll(/^(?:import|export)\s+(type\b)?([^;'"]*?\bfrom\s*)?['"]([^'"]+)['"]/gm)) {
      found.push({ kind: type ? 'type' : 'value', from });
    }
    for (const [, before, from] of text.matchAll(/(typeof\s+)?\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) {
      const isType = before || new RegExp(`import\\(['"]${from}['"]\\)\\.`).test(text);
      found.push({ kind: isType && !text.includes(`await import('${from}')`) ? 'type' : 'lazy', from });
    }
    return found.map(({ kind, from }) => ({
      kind,
      path: from.startsWith('.') ? relative(root, join(root, dirname(path), from)).replace(/\.js$/, '.ts') : from,
    }));
  }
  const values = (path) => imports(path).filter(({ kind }) => kind === 'value').map((found) => found.path);
  const within = (path, ...places) => places.some((place) => path === place || path.startsWith(`${place}/`));

  it('every import of a file of ours names one that exists', () => {
    for (const path of sources) {
      for (const { path: imported } of imports(path)) {
        // The module stands beside the bundles.
        if (/\/tailcone_bg\.wasm(\?module)?$/.test(imported)) continue;
        if (imported.startsWith('src/')) assert.ok(existsSync(join(root, imported)), `${path} imports ${imported}`);
        else assert.ok(imported.startsWith('node:'), `${path} imports ${imported}`);
      }
    }
  });

  it('the entries are thin, and nothing runs them from inside', () => {
    for (const path of files('src/js/entry', '.ts')) {
      const statements = read(path).replace(/^\s*\/\/.*$/gm, '').split(';').map((text) => text.trim()).filter(Boolean);
      assert.ok(statements.length <= 15, `${path} has ${statements.length} statements`);
      for (const statement of statements) assert.match(statement, /^export (?:type )?(?:\{[^}]*\}|\*) from '[^']+'$/, path);
    }
    for (const path of sources) {
      const entered = imports(path).filter(({ kind, path: imported }) => kind !== 'type' && within(imported, 'src/js/entry'));
      assert.deepEqual(entered, [], path);
    }
  });

  it('what is for servers stands on the shim, and nothing of it below', () => {
    for (const path of sources.filter((path) => !within(path, 'src/js/edge', 'src/js/entry'))) {
      assert.deepEqual(imports(path).filter(({ path: imported }) => within(imported, 'src/js/edge')), [], path);
    }
  });

  it('the tunnel stands by itself: of the shim it takes what any handler could', () => {
    const tunnel = files('src/js/tunnel', '.ts');
    const may = ['dsn', 'limits', 'clock', 'values', 'runtime', 'instrument/patch'].map((name) => `src/js/${name}.ts`);
    for (const path of tunnel) assert.deepEqual(values(path).filter((imported) => !within(imported, 'src/js/tunnel', ...may)), [], path);
    for (const path of sources.filter((path) => !within(path, 'src/js/tunnel', 'src/js/entry'))) {
      assert.deepEqual(imports(path).filter(({ path: imported }) => within(imported, 'src/js/tunnel')), [], path);
    }
  });

  it('the loader brings nothing with it but what it has agreed on with the main module', () => {
    const agreement = 'src/js/carrier.ts';
    for (const path of files('src/js/loader', '.ts')) {
      assert.deepEqual(values(path).filter((imported) => imported !== agreement), [], path);
    }
    assert.deepEqual(values(agreement), []);
  });

  it('the dialog and the commands know of the rest only its types', () => {
    // What a build id is, pages and builds have agreed on.
    const agreement = 'src/js/build-id.ts';
    assert.deepEqual(values(agreement), []);
    const known = [
      [['src/js/dialog.ts', ...files('src/js/dialog', '.ts')], ['src/js/dialog.ts', 'src/js/dialog']],
      [['src/js/cli.ts'], ['src/js/inbox', 'src/js/wasm-prep']],
      [files('src/js/inbox', '.ts'), ['src/js/inbox']],
      [files('src/js/wasm-prep', '.ts'), ['src/js/wasm-prep', agreement]],
    ];
    for (const [paths, may] of known) {
      for (const path of paths) {
        const others = values(path).filter((imported) => !within(imported, ...may) && !imported.startsWith('node:'));
        assert.deepEqual(others, [], path);
      }
    }
  });

  it('the shim knows the module only by its guard, the dialog only by lazy import, and nothing of Node', () => {
    const own = ['src/js/host.ts', 'src/js/dialog.ts', 'src/js/cli.ts'];
    const shim = sources.filter((path) => !within(path, ...own, 'src/js/core.ts', 'src/js/dialog', 'src/js/inbox', 'src/js/wasm-prep', 'src/js/loader'));
    for (const path of shim) {
      // What is for Node, Deno and Bun alone may know of it.
      const ofNode = path === 'src/js/edge/file.ts' ? /^node:async_hooks$/ : /^$/;
      const wrong = values(path).filter((imported) => within(imported, ...own, 'src/js/inbox', 'src/js/wasm-prep') || (imported.startsWith('node:') && !ofNode.test(imported)) || imported.startsWith('tailcone-'));
      assert.deepEqual(wrong, [], path);
    }
  });
});

/** Every file that belongs to the project, built ones and fetched ones aside. */
function tracked() {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  return [...new Set(listed.split('\0'))].filter((path) => path && existsSync(join(root, path)));
}

describe('the files of the project', { skip: existsSync(join(root, '.git')) ? false : 'not a git checkout' }, () => {
  it('lie in the folders that the design knows', () => {
    const allowed = new Set([
      ...['src', 'www', 'tests', 'xtask', 'docs', 'examples', '.cargo', '.ci', '.github'],
      ...['Cargo.toml', 'Cargo.lock', 'pkg.json', 'README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE-MIT', 'LICENSE-APACHE'],
      ...['.gitignore', '.gitattributes', '.editorconfig', '.clippy.toml', '.rustfmt.toml', 'rust-toolchain.toml', 'SECURITY.md'],
    ]);
    assert.deepEqual([...new Set(tracked().map((path) => path.split('/')[0]))].filter((name) => !allowed.has(name)), []);
  });

  it('name no place of a machine and no registry', () => {
    // Put together here, so that this file does not say what it looks for.
    const hosts = ['registry.npmjs' + '.org', 'static.crates' + '.io', 'files.pythonhosted' + '.org', '"resolved' + '":'];
    const places = [root, homedir()].filter((place) => place.length > 4);
    for (const path of tracked()) {
      const size = statSync(join(root, path)).size;
      if (size > 4_000_000) continue;
      const text = read(path);
      if (text.includes('\0')) continue;
      for (const word of [...hosts, ...places.map((place) => place + '/')]) {
        assert.ok(!text.includes(word), `${path} says ${word}`);
      }
    }
  });

  it('do not depend on anything beside the repository', () => {
    const outside = /(?:from|import|include_str!|include_bytes!|path\s*=)\s*\(?\s*["'](?:\.\.\/)+shared\//;
    for (const path of tracked()) {
      if (/\.(mjs|js|ts|rs|toml|json|py)$/.test(path)) assert.equal(read(path).match(outside), null, path);
    }
  });
});
