// Makes of one wasm file two: the one to ship, and its debug companion, with one build id in both and the code at the same
// place in both.

import { createHash } from 'node:crypto';
import { debugId, hex, part } from '../build-id.js';
import { readDwarf, type Dwarf } from './dwarf.js';
import { writeDwarf } from './dwarf-writer.js';
import { CUSTOM, custom, customSection, DATA, file, prefixed, readModule, Trouble, type Module, type Section } from './module.js';
import { fit, pieces, type Origin, type Piece } from './places.js';
import { readMap, writeMap } from './source-map.js';

export interface Settings {
  /** Whether the shipped file keeps the names of functions, so that stacks have them without a server. */
  keepNames: boolean;
  /** Where the debug companion can be had, for debuggers. */
  debugUrl: string | undefined;
  /** What the module's own events call their build. */
  wasmDebugId: Reading;
  /** Runs wasm-opt on a file with its source map; none when the file is as it is to be. */
  optimise: ((wasm: Uint8Array, map: string) => { wasm: Uint8Array; map: string }) | undefined;
}

/** How a debug id is made of a build id: of the section as it is, its length included, which is what Sentry's tools do
 * today, or of the id itself. */
export type Reading = 'sentry-raw' | 'convention';

/** What servers call a build, in both readings. */
export function idsOf(id: Uint8Array): Record<Reading, { debugId: string; codeId: string }> {
  const both = (codeId: string) => ({ debugId: debugId(codeId), codeId });
  return { 'sentry-raw': both(hex(prefixed(id))), convention: both(hex(id)) };
}

export interface Prepared {
  shipped: Uint8Array;
  debug: Uint8Array;
  id: Uint8Array;
  /** What the debug companion has. */
  lines: boolean;
  /** Whether the module has the mark of the crate, by which its events know their build. */
  marked: boolean;
}

/** In the data of a module that has the crate `tailcone` in it: behind this stand 36 characters of a debug id and 34 of a
 * code id, or as many dots (`src/build_id.rs`). */
const MARK = Buffer.from('\u0001tailcone.build_id\u0001');
const UNSET = '.'.repeat(36 + 34);
/** How many bytes a build id has. */
const ID = 16;

/** What a shipped file goes without: only tools read it, and wasm-prep is the last of them. */
const FOR_TOOLS = ['name', 'producers', 'target_features', 'linking', 'sourceMappingURL'];
/** What is written anew. */
const OWN = ['build_id', 'external_debug_info'];

const isDebug = ({ id, name }: Section): boolean => id === CUSTOM && name.startsWith('.debug_');
const isFor = (list: string[], { id, name }: Section): boolean =>
  id === CUSTOM && (list.includes(name) || name.startsWith('reloc.'));

const NO_DEBUG = `there is no debug information in it. Build it with

    [profile.release]
    debug = "limited"
    strip = false

and let it through what comes before wasm-prep: wasm-bindgen --keep-debug, in Trunk data-keep-debug, in wasm-pack
dwarf-debug-info = true. Leave wasm-opt to wasm-prep --wasm-opt, or at least give it -g, which keeps the names`;

export function prepare(bytes: Uint8Array, settings: Settings): Prepared {
  let module = readModule(bytes);
  const dwarf = dwarfOf(module);
  const before = custom(module, 'build_id');
  // Again, it would lose its companion: the lines are in there.
  if (!dwarf && before && hex(part(before)) === hex(buildId(module.sections)))
    throw new Trouble('it has been prepared already; take it anew from the build');
  if (!dwarf && !custom(module, 'name')) throw new Trouble(NO_DEBUG);
  if (dwarf) expectFit(module, dwarf);
  let debug = module.sections.filter(isDebug).map((section) => section.bytes);
  if (settings.optimise) [module, debug] = optimised(module, dwarf, settings.optimise);
  const kept = module.sections.filter((section) => !isDebug(section) && !isFor([...FOR_TOOLS, ...OWN], section));
  const tools = module.sections.filter((section) => isFor(FOR_TOOLS, section) && section.name !== 'sourceMappingURL');
  const id = buildId(kept);
  const said = idsOf(id)[settings.wasmDebugId];
  const plain = kept.map((section) => stamped(section, said.debugId + said.codeId.padEnd(34)));
  const names = tools.filter(({ name }) => name === 'name').map((section) => section.bytes);
  const stamp = customSection('build_id', prefixed(id));
  const link = settings.debugUrl ? [customSection('external_debug_info', prefixed(Buffer.from(settings.debugUrl)))] : [];
  return {
    shipped: file([...plain, ...(settings.keepNames ? names : []), stamp, ...link]),
    debug: file([...plain, ...tools.map((section) => section.bytes), stamp, ...debug]),
    id,
    lines: debug.length > 0,
    marked: kept.some((section) => marks(section).length > 0),
  };
}

export const dwarfOf = (module: Module): Dwarf | undefined => readDwarf((name) => custom(module, name));

/** A tool that changes code and leaves the debug information as it was makes every line a wrong one. Some functions may
 * begin a byte beside where it says: wasm-bindgen has changed them. */
export function expectFit(module: Module, dwarf: Dwarf): void {
  const { known, fitting } = fit(module, dwarf);
  if (known && fitting < known / 2)
    throw new Trouble(
      `its debug information is of other code: of ${known} functions ${fitting} begin where it says. A wasm-opt that ` +
        'does not know DWARF, as npm’s, leaves it so. Leave wasm-opt out of the build, and let wasm-prep call it: --wasm-opt=-Oz',
    );
}

/** The module that wasm-opt makes, and new debug sections for it. */
function optimised(
  module: Module,
  dwarf: Dwarf | undefined,
  optimise: NonNullable<Settings['optimise']>,
): [Module, Uint8Array[]] {
  const bare = file(module.sections.filter((section) => !isDebug(section) && !isFor(OWN, section)).map(({ bytes }) => bytes));
  const start = readModule(bare).codeStart;
  const known = dwarf ? pieces(module, dwarf) : [];
  const origins: Origin[] = [];
  const numbers = new Map<Origin, number>();
  const entries = known.map(({ start: at, origin }) => {
    if (!origin) return { at: start + at, value: undefined };
    let value = numbers.get(origin);
    if (value === undefined) numbers.set(origin, (value = origins.push(origin) - 1));
    return { at: start + at, value };
  });
  const result = optimise(bare, writeMap(entries));
  const made = readModule(result.wasm);
  if (!custom(made, 'name')) throw new Trouble('wasm-opt has taken the names away: leave --strip-debug and the like to wasm-prep');
  if (!dwarf) return [made, []];
  const found: Piece[] = readMap(result.map).map(({ at, value }) => ({
    start: at - made.codeStart,
    origin: value === undefined ? undefined : origins[value],
  }));
  return [made, writeDwarf(made, found)];
}

/** The first 16 bytes of the SHA-256 of all that is run: neither of names nor of what the id itself is written to. */
export function buildId(sections: Section[]): Uint8Array {
  const hash = createHash('sha256');
  for (const section of sections) if (section.id !== CUSTOM) hash.update(stamped(section, UNSET));
  return hash.digest().subarray(0, ID);
}

/** Where in a section there is room for the ids. */
function marks({ id, bytes }: Section): number[] {
  const found: number[] = [];
  if (id !== DATA) return found;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = text.indexOf(MARK); at >= 0; at = text.indexOf(MARK, at + 1))
    if (at + MARK.length + UNSET.length <= text.length) found.push(at + MARK.length);
  return found;
}

function stamped(section: Section, ids: string): Uint8Array {
  const found = marks(section);
  if (!found.length) return section.bytes;
  const bytes = Uint8Array.from(section.bytes);
  for (const at of found) bytes.set(Buffer.from(ids), at);
  return bytes;
}
