// A wasm file as its sections: read, told what is wrong with it, and put together again.

import { leb } from '../build-id.js';

export interface Section {
  id: number;
  /** Of a custom section. */
  name: string;
  /** Where the section stands in the file, its header included. */
  start: number;
  /** Where its contents begin: of a custom section, those behind its name. */
  body: number;
  end: number;
  /** The whole section, its header included. */
  bytes: Uint8Array;
  contents: Uint8Array;
}

export interface Module {
  sections: Section[];
  code: Section;
  /** Where the contents of the code section begin in the file: what DWARF counts from. */
  codeStart: number;
  /** The functions that have code, in order; their indices count on from those of the imports. */
  functions: { index: number; start: number; end: number }[];
}

/** Something that the user can mend, in one sentence. */
export class Trouble extends Error {}

export const CUSTOM = 0;
const IMPORT = 2;
const CODE = 10;
export const DATA = 11;
const HEADER = 8;

const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

export function readModule(bytes: Uint8Array): Module {
  if (bytes.length < HEADER || utf8(bytes.subarray(0, 4)) !== '\0asm') throw new Trouble('this is not a wasm file');
  const [version, layer] = [bytes[4]! | (bytes[5]! << 8), bytes[6]! | (bytes[7]! << 8)];
  if (layer === 1) throw new Trouble('this is a component; wasm-prep reads core modules, as wasm-bindgen makes them');
  if (version !== 1 || layer !== 0) throw new Trouble(`this is wasm of version ${version}, which wasm-prep does not know`);
  const sections: Section[] = [];
  for (let at = HEADER; at < bytes.length; ) {
    const start = at;
    const [size, begin] = leb(bytes, at + 1);
    const end = begin + size;
    // Also when the length itself is cut short: it ends beyond the file then.
    if (end > bytes.length) throw new Trouble(`this file is cut short: its section at ${address(start)} goes beyond its end`);
    const id = bytes[start]!;
    let [name, body] = ['', begin];
    if (id === CUSTOM) {
      const [length, from] = leb(bytes, begin);
      body = from + length;
      if (body > end) throw new Trouble(`this file is broken: the name of the section at ${address(start)} goes beyond its end`);
      name = utf8(bytes.subarray(from, body));
    }
    sections.push({ id, name, start, body, end, bytes: bytes.subarray(start, end), contents: bytes.subarray(body, end) });
    at = end;
  }
  const code = sections.find(({ id }) => id === CODE);
  if (!code) throw new Trouble('this module has no code');
  return { sections, code, codeStart: code.body, functions: functions(sections, code) };
}

function functions(sections: Section[], code: Section): Module['functions'] {
  let index = importedFunctions(sections.find(({ id }) => id === IMPORT)?.contents ?? new Uint8Array([0]));
  const found = [];
  const { contents } = code;
  let [count, at] = leb(contents, 0);
  for (; count > 0; count--) {
    const [size, start] = leb(contents, at);
    at = start + size;
    if (at > contents.length) throw new Trouble('this file is broken: a function goes beyond the end of the code');
    found.push({ index: index++, start, end: at });
  }
  return found;
}

/** How many of the imports are functions. */
function importedFunctions(contents: Uint8Array): number {
  let [count, at] = leb(contents, 0);
  let functions = 0;
  const number = (): number => {
    const [value, next] = leb(contents, at);
    at = next;
    return value;
  };
  const limits = (): void => {
    const flags = number();
    number();
    if (flags & 1) number();
    if (flags & 8) number();
  };
  /** A type of values: one byte, or a reference with the type of what it refers to. */
  const type = (): void => {
    const byte = contents[at++];
    if (byte === 0x63 || byte === 0x64) number();
  };
  for (; count > 0; count--) {
    for (let names = 0; names < 2; names++) at = number() + at;
    const kind = contents[at++];
    if (kind === 0) {
      functions++;
      number();
    } else if (kind === 1) {
      type();
      limits();
    } else if (kind === 2) limits();
    else if (kind === 3) {
      type();
      at++;
    } else if (kind === 4) {
      at++;
      number();
    } else throw new Trouble(`this file is broken, or newer than wasm-prep: an import of the kind ${kind}`);
  }
  return functions;
}

/** The last custom section of a name: of several, readers of the file take that one. */
export const custom = (module: Module, name: string): Uint8Array | undefined =>
  module.sections.findLast((section) => section.id === CUSTOM && section.name === name)?.contents;

/** The names of functions by their indices, from the name section. */
export function functionNames(module: Module): Map<number, string> {
  const names = new Map<number, string>();
  const contents = custom(module, 'name');
  if (!contents) return names;
  for (let at = 0; at < contents.length; ) {
    const id = contents[at]!;
    const [size, begin] = leb(contents, at + 1);
    at = begin + size;
    if (id !== 1) continue;
    let [count, next] = leb(contents, begin);
    for (; count > 0 && next < at; count--) {
      const [index, name] = leb(contents, next);
      const [length, from] = leb(contents, name);
      next = from + length;
      names.set(index, utf8(contents.subarray(from, next)));
    }
  }
  return names;
}

export function lebOf(value: number): number[] {
  const bytes = [];
  do {
    bytes.push((value & 127) | (value > 127 ? 128 : 0));
    value = Math.floor(value / 128);
  } while (value);
  return bytes;
}

/** A custom section. */
export function customSection(name: string, contents: Uint8Array): Uint8Array {
  const text = Buffer.from(name);
  const inner = Buffer.concat([Uint8Array.from(lebOf(text.length)), text, contents]);
  return Buffer.concat([Uint8Array.from([CUSTOM, ...lebOf(inner.length)]), inner]);
}

/** Bytes with their length before them. */
export const prefixed = (bytes: Uint8Array): Uint8Array => Buffer.concat([Uint8Array.from(lebOf(bytes.length)), bytes]);

/** A file of a module's header and sections. */
export const file = (sections: Uint8Array[]): Uint8Array =>
  Buffer.concat([Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]), ...sections]);

export const address = (value: number): string => `0x${value.toString(16)}`;

