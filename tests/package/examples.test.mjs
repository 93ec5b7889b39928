// Every function, type, trait and macro that an application can reach from src/lib.rs has an example in its doc comment.
// A function of a type or trait may instead be called, or written, in the example of that type or trait, where readers
// see it: simple setters share one example. Trait implementations, fields, variants and modules need none. What is no
// Rust (`text`, `toml`) is no example. That examples compile, and that what they assert is true, is for `cargo test`.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../lib/env.mjs';

const lines = (path) => readFileSync(join(root, path), 'utf8').split('\n');

/** `a::{b, c::d}` as `['a::b', 'a::c::d']`; one level of braces is all there is. */
function paths(used) {
  const [, before, inner] = used.match(/^([^{]*)\{([^}]*)\}$/) ?? [, '', used];
  return inner.split(',').map((path) => before + path.trim()).filter((path) => path !== before);
}

/** What a file re-exports. */
const reexports = (path) =>
  [...lines(path).join('\n').matchAll(/^pub use ([^;]+);/gm)].flatMap(([, used]) => paths(used.replace(/\s+/g, ' ')));

const DECLARED = /^pub (?:const )?(fn|struct|enum|trait|type) (\w+)/;

/** What a file declares for others, by name: where it stands. */
function declared(path) {
  const found = new Map();
  lines(path).forEach((line, at) => {
    const [, kind, name] = line.match(DECLARED) ?? [];
    if (name) found.set(name, { path, at, kind, name });
  });
  return found;
}

/** The file of a module beside `path`, or below it. */
function moduleFile(path, name) {
  const folder = dirname(path);
  return [`${folder}/${name}.rs`, `${folder}/${name}/mod.rs`].find((file) => existsSync(join(root, file)));
}

/** Where what a `pub use` in `path` names is declared. */
function resolve(path, used) {
  const [first, ...rest] = used.split('::');
  const own = declared(path).get(first);
  if (own && rest.length === 0) return own;
  if (first === 'tailcone_core') return resolve('src/core/lib.rs', rest.join('::'));
  const further = reexports(path).find((name) => name.endsWith(`::${first}`));
  if (rest.length === 0) return further && resolve(path, further);
  const file = moduleFile(path, first);
  return file && resolve(file, rest.join('::'));
}

/** The visible lines of the Rust examples in the doc comment over a line; nothing when it has none. */
function example(file, at) {
  const doc = [];
  while (/^\s*(\/\/\/|#\[)/.test(file[--at])) {
    const [, text] = file[at].match(/^\s*\/\/\/ ?(.*)/) ?? [];
    if (text !== undefined) doc.unshift(text);
  }
  let kind;
  return doc
    .filter((line) => {
      const [, fence] = line.match(/^```(.*)/) ?? [];
      if (fence !== undefined) kind = kind === undefined ? fence : undefined;
      return fence === undefined && /^(rust|no_run)?$/.test(kind ?? 'none') && !/^\s*# /.test(line);
    })
    .join('\n');
}

/** The functions of a type or a trait. */
function methods({ path, kind, name, at }) {
  const file = lines(path);
  const found = [];
  const block = (start, pattern) => {
    for (let line = start + 1; line < file.length && file[line] !== '}'; line += 1) {
      const [, method] = file[line].match(pattern) ?? [];
      if (method) found.push({ name: method, at: line });
    }
  };
  if (kind === 'trait') block(at, /^ {4}fn (\w+)/);
  const inherent = new RegExp(`^impl(<[^>]*>)? ${name}(<[^>]*>)? \\{$`);
  file.forEach((line, start) => inherent.test(line) && block(start, /^ {4}pub (?:const )?fn (\w+)/));
  return found;
}

/** Everything that is reachable: what lib.rs re-exports, and what its public modules declare. */
function reachable() {
  const lib = 'src/lib.rs';
  const items = reexports(lib).map((used) => resolve(lib, used) ?? assert.fail(`where is ${used}?`));
  for (const [, name] of lines(lib).join('\n').matchAll(/^pub mod (\w+);/gm)) {
    // The npm package's face, which applications in Rust never see.
    if (name !== 'wasm') items.push(...declared(moduleFile(lib, name)).values());
  }
  const macros = lines('src/macros.rs');
  macros.forEach((line, at) => {
    const [, name] = line.match(/^macro_rules! (\w+)/) ?? [];
    if (name) items.push({ path: 'src/macros.rs', at, kind: 'macro', name });
  });
  return items;
}

/** What has no example, as `path: name`, among these items. */
function missing(items) {
  const lacking = [];
  for (const item of items) {
    const file = lines(item.path);
    const shared = example(file, item.at);
    if (!shared) lacking.push(`${item.path}: ${item.name}`);
    for (const { name, at } of methods(item)) {
      const named = new RegExp(`(\\.${name}\\(|::${name}\\b|\\bfn ${name}\\b)`).test(shared);
      if (!named && !example(file, at)) lacking.push(`${item.path}: ${item.name}::${name}`);
    }
  }
  return lacking;
}

describe('the examples of the Rust crate', () => {
  it('everything that an application can reach has one', () => {
    assert.deepEqual(missing(reachable()), []);
  });

  it('what is reachable is found: re-exports of both crates, modules, macros, and the functions of types', () => {
    const found = reachable();
    const names = found.map(({ path, name }) => `${path}: ${name}`);
    for (const known of [
      'src/capture.rs: init',
      'src/core/dsn.rs: Error',
      'src/core/json/value.rs: Object',
      'src/log.rs: Logger',
      'src/macros.rs: release_name',
      'src/options.rs: Options',
    ]) {
      assert.ok(names.includes(known), known);
    }
    const of = (wanted) => methods(found.find(({ name }) => name === wanted)).map(({ name }) => name);
    assert.ok(of('Options').includes('before_send'));
    assert.ok(of('EventId').includes('from_random'));
    assert.deepEqual(of('Integration'), ['name', 'setup', 'process_event']);
  });
});
