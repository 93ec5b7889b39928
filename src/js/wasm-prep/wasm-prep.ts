// `tailcone wasm-prep`: reads the command line, writes the files, says what came of it.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { hex } from '../build-id.js';
import { check, framesOf } from './check.js';
import { address, custom, readModule, Trouble } from './module.js';
import { idsOf, prepare, type Prepared, type Reading, type Settings } from './prepare.js';

const HELP = `tailcone wasm-prep: names and lines for the stacks of a shipped wasm file.

Usage: tailcone wasm-prep FILE.wasm|FOLDER [options]

Run it last, after wasm-bindgen. Writes a build id into the file, moves its debug
information to FILE.debug.wasm, which is for the server, and strips the file.

  --wasm-opt FLAGS  run wasm-opt with these flags first, e.g. --wasm-opt='-Oz', and
                    keep the lines right through it; WASM_OPT names the program
                    (default wasm-opt)
  --out PATH        write the shipped file there (default: in the place of FILE)
  --debug-out PATH  write the debug companion there (default: FILE.debug.wasm)
  --debug-url URL   say in the shipped file where the companion is, for debuggers
  --wasm-debug-id READING
                    how servers read the build id: sentry-raw, as Sentry's do today
                    (default), or convention
  --keep-names      leave the names of functions in the shipped file

  --check           change nothing; say whether FILE and its companion belong together
  --resolve TEXT    with --check: what an address (0x1a2b), a frame or a stack is;
                    - reads it from the standard input

  --help            show this
`;

const OPTIONS = {
  'wasm-opt': { type: 'string' },
  out: { type: 'string' },
  'debug-out': { type: 'string' },
  'debug-url': { type: 'string' },
  'wasm-debug-id': { type: 'string', default: 'sentry-raw' },
  'keep-names': { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
  resolve: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** The most that wasm-opt may print, in bytes. */
const PRINTED = 2 ** 26;

type Options = ReturnType<typeof parse>['values'];

const parse = (args: string[]) => parseArgs({ args, options: OPTIONS, allowPositionals: true });

/** Returns the exit code. */
export function wasmPrep(args: string[]): number {
  let parsed;
  try {
    parsed = parse(args);
  } catch (error) {
    return usage(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) return usage('it takes one file or folder');
  if (values.resolve !== undefined && !values.check) return usage('--resolve goes with --check');
  if (values.check && (values['wasm-opt'] ?? values.out ?? values['debug-url']) !== undefined)
    return usage('--check changes nothing, and takes only --debug-out and --resolve');
  const reading = values['wasm-debug-id'];
  if (reading !== 'sentry-raw' && reading !== 'convention') return usage('--wasm-debug-id is sentry-raw or convention');
  let current = path;
  try {
    const files = filesAt(path);
    if (files.length !== 1 && (values.out ?? values['debug-out']) !== undefined)
      return usage('--out and --debug-out are for one file');
    for (current of files) {
      if (values.check) inspect(current, values);
      else prepareFile(current, values, reading);
    }
    return 0;
  } catch (error) {
    process.stderr.write(`tailcone wasm-prep: ${current}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

/** The file, or those in a folder that are no debug companions. */
function filesAt(path: string): string[] {
  if (!read(() => statSync(path)).isDirectory()) return [path];
  const files = readdirSync(path).filter((name) => name.endsWith('.wasm') && !name.endsWith('.debug.wasm'));
  if (!files.length) throw new Trouble('there is no wasm file in this folder');
  return files.sort().map((name) => join(path, name));
}

const companionOf = (path: string, values: Options): string =>
  values['debug-out'] ?? `${path.replace(/\.wasm$/, '')}.debug.wasm`;

function prepareFile(path: string, values: Options, wasmDebugId: Reading): void {
  const out = values.out ?? path;
  const companion = companionOf(path, values);
  if (path.endsWith('.debug.wasm')) throw new Trouble('this is a debug companion; name the file that it belongs to');
  if ([path, out].some((other) => resolve(other) === resolve(companion)))
    throw new Trouble('the debug companion would overwrite it; give another --debug-out');
  const bytes = readBytes(path);
  expectReplaceable(companion);
  const flags = values['wasm-opt'];
  const made = prepare(bytes, {
    keepNames: values['keep-names'],
    debugUrl: values['debug-url'],
    wasmDebugId,
    optimise: flags === undefined ? undefined : wasmOpt(flags),
  });
  // The companion first: a shipped file without one could not be made again.
  write(companion, made.debug);
  write(out, made.shipped);
  report(path, out, companion, bytes, made);
}

/** What is there may be replaced when it is an earlier companion, and not when it is anything else. */
function expectReplaceable(path: string): void {
  if (!existsSync(path)) return;
  try {
    if (custom(readModule(readBytes(path)), 'build_id')) return;
  } catch {
    // No companion of ours.
  }
  throw new Trouble(`${path} is there already and is no debug companion; move it, or give another --debug-out`);
}

/** Runs wasm-opt in a folder of its own. */
const wasmOpt =
  (flags: string): NonNullable<Settings['optimise']> =>
  (wasm, map) => {
    const folder = mkdtempSync(join(tmpdir(), 'tailcone-'));
    const at = (name: string): string => join(folder, name);
    try {
      writeFileSync(at('in.wasm'), wasm);
      writeFileSync(at('in.map'), map);
      const program = process.env.WASM_OPT || 'wasm-opt';
      const files = [at('in.wasm'), '-o', at('out.wasm'), '-g', '-ism', at('in.map'), '-osm', at('out.map')];
      const args = [...files, ...flags.split(/\s+/).filter(Boolean)];
      const { error, status, stderr } = isScript(program)
        ? spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', maxBuffer: PRINTED })
        : spawnSync(program, args, { encoding: 'utf8', maxBuffer: PRINTED });
      if (error)
        throw new Trouble(`${program} could not be run (${error.message}); install binaryen, or say in WASM_OPT where it is`);
      if (status !== 0 || !existsSync(at('out.wasm'))) throw new Trouble(`${program} failed:\n${stderr.trim()}`);
      return { wasm: readFileSync(at('out.wasm')), map: readFileSync(at('out.map'), 'utf8') };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

/** Whether it is a script for Node, as npm's wasm-opt is: not every system runs one by itself. */
const isScript = (path: string): boolean =>
  existsSync(path) && readFileSync(path).subarray(0, 64).toString('latin1').startsWith('#!/usr/bin/env node');

function report(path: string, out: string, companion: string, before: Uint8Array, made: Prepared): void {
  const ids = idsOf(made.id);
  const lines: [string, string][] = [
    ['build id', hex(made.id)],
    ['debug id', `${ids['sentry-raw'].debugId}  as servers read it today (sentry-raw)`],
    ['', `${ids.convention.debugId}  by convention`],
    ['before', `${sizes(before)}  ${path}`],
    ['shipped', `${sizes(made.shipped)}  ${out}`],
    ['companion', `${sizes(made.debug)}  ${companion}, with ${made.lines ? 'lines and names' : 'names only'}`],
    ['upload', `sentry-cli debug-files upload ${companion}`],
  ];
  for (const [key, value] of lines) process.stdout.write(`${key.padEnd(11)}${value}\n`);
  const note = (text: string): void => void process.stderr.write(`tailcone wasm-prep: ${path}: ${text}\n`);
  if (!made.lines) note('it has names and no lines; for lines build it with debug = "limited"');
  if (!made.marked)
    note("the crate tailcone is not in it; only the npm package's tailcone/wasm can tell servers its build id");
}

function inspect(path: string, values: Options): void {
  const companion = companionOf(path, values);
  const found = check(readBytes(path), readBytes(companion));
  const has = `${found.named} functions with names, ${found.lined} places with lines`;
  process.stdout.write(`${path} and ${companion} belong together: build id ${hex(found.id)}, ${has}\n`);
  if (values.resolve === undefined) return;
  const frames = framesOf(values.resolve === '-' ? readFileSync(0, 'utf8') : values.resolve);
  if (!frames.length) throw new Trouble('there is no address and no wasm frame in what is to be resolved');
  let unknown = 0;
  for (const frame of frames) {
    const name = frame.address === undefined ? `wasm-function[${frame.index}]` : address(frame.address);
    const places = found.resolve(frame);
    if (!places.length) unknown++;
    process.stdout.write(`${name}\n`);
    for (const place of places)
      process.stdout.write(`    ${place.function}${place.file ? `  ${place.file}:${place.line}` : '  (no line)'}\n`);
    if (!places.length) process.stdout.write('    nothing is known of it\n');
  }
  if (unknown === frames.length) throw new Trouble('nothing is known of any of these frames');
}

const sizes = (bytes: Uint8Array): string =>
  `${String(bytes.length).padStart(9)} bytes, gzip ${String(gzipSync(bytes, { level: 9 }).length).padStart(8)}`;

const readBytes = (path: string): Uint8Array => read(() => readFileSync(path));

function read<T>(from: () => T): T {
  try {
    return from();
  } catch (error) {
    throw new Trouble(`it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Whole, or not at all. */
function write(path: string, bytes: Uint8Array): void {
  const half = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(half, bytes);
    renameSync(half, path);
  } catch (error) {
    rmSync(half, { force: true });
    throw new Trouble(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function usage(text: string): number {
  process.stderr.write(`tailcone wasm-prep: ${text}\nTry: tailcone wasm-prep --help\n`);
  return 2;
}
