// Reads DWARF of versions 2 to 4, as rustc and LLVM write it for wasm: functions, what was inlined into them, and lines.
// Addresses count from the beginning of the code section's contents. What the linker or wasm-bindgen has left out stays
// in there, at 0 or beyond the code.

import { Reader } from './bytes.js';
import { readLines, type Row } from './line-program.js';
import { Trouble } from './module.js';

/** A function, or a call that was inlined into one. */
export interface Scope {
  name: string;
  ranges: [number, number][];
  /** Of an inlined call, where it stood. */
  callFile: string;
  callLine: number;
  inlined: Scope[];
}

export interface Dwarf {
  functions: Scope[];
  /** By address. */
  rows: Row[];
}

const enum Tag {
  Structure = 0x13,
  Union = 0x17,
  Enumeration = 0x04,
  Inlined = 0x1d,
  Subprogram = 0x2e,
  Namespace = 0x39,
}

const enum At {
  Name = 0x03,
  StmtList = 0x10,
  LowPc = 0x11,
  HighPc = 0x12,
  CompDir = 0x1b,
  AbstractOrigin = 0x31,
  Specification = 0x47,
  Ranges = 0x55,
  CallFile = 0x58,
  CallLine = 0x59,
  LinkageName = 0x6e,
}

const FORM_ADDR = 0x01;
/** Where ranges have another base from here on. */
const BASE = 0xffff_ffff;
/** Attributes whose value is an offset from the beginning of the unit. */
const WITHIN_UNIT = new Set([0x11, 0x12, 0x13, 0x14, 0x15]);

/** How many bytes a value has of a form whose values are numbers of one size. */
const SIZES = new Map([
  [0x0b, 1], // data1
  [0x0c, 1], // flag
  [0x11, 1], // ref1
  [0x05, 2], // data2
  [0x12, 2], // ref2
  [0x06, 4], // data4
  [0x10, 4], // ref_addr
  [0x13, 4], // ref4
  [0x17, 4], // sec_offset
  [0x07, 8], // data8
  [0x14, 8], // ref8
  [0x20, 8], // ref_sig8
]);
/** How many bytes the length has of a block of bytes. */
const BLOCKS = new Map([
  [0x0a, 1], // block1
  [0x03, 2], // block2
  [0x04, 4], // block4
]);

interface Abbreviation {
  tag: number;
  children: boolean;
  attributes: [at: number, form: number][];
}

/** What a function is called, or where it says so. */
interface Name {
  name: string;
  origin: number;
}

type Sections = (name: string) => Uint8Array | undefined;
type Value = number | string | undefined;

/** What the sections say; nothing when there is no DWARF. */
export function readDwarf(section: Sections): Dwarf | undefined {
  const info = section('.debug_info');
  if (!info?.length) return undefined;
  try {
    return new Units(section, info).read();
  } catch (error) {
    if (error instanceof RangeError) throw new Trouble('the debug information is cut short');
    throw error;
  }
}

class Units {
  private readonly abbreviations = new Map<number, Map<number, Abbreviation>>();
  private readonly names = new Map<number, Name>();
  private readonly unnamed: { scope: Scope; origin: number }[] = [];
  /** By the offset of a line program, its files. */
  private readonly files = new Map<number, string[]>();
  private readonly functions: Scope[] = [];
  private readonly rows: Row[] = [];
  private readonly strings: Uint8Array;

  constructor(
    private readonly section: Sections,
    private readonly info: Uint8Array,
  ) {
    this.strings = section('.debug_str') ?? new Uint8Array();
  }

  read(): Dwarf {
    for (let at = 0; at < this.info.length; ) at = this.unit(at);
    for (const { scope, origin } of this.unnamed) scope.name = this.nameAt(origin);
    this.rows.sort((a, b) => a.start - b.start);
    return { functions: this.functions, rows: this.rows };
  }

  private nameAt(offset: number): string {
    for (let hops = 0; hops < 4; hops++) {
      const found = this.names.get(offset);
      if (!found || found.name) return found?.name ?? '';
      offset = found.origin;
    }
    return '';
  }

  /** Reads the unit at an offset, and says where the next one begins. */
  private unit(start: number): number {
    const reader = new Reader(this.info, start);
    const length = reader.u32();
    const end = reader.at + length;
    const version = reader.u16();
    if (version > 4)
      throw new Trouble(`the debug information is DWARF ${version}; wasm-prep reads what rustc writes by default, DWARF 4`);
    const abbreviations = this.abbreviationsAt(reader.u32());
    const addressSize = reader.u8();
    let files: string[] = [];
    let base = 0;
    /** What is open: the names of namespaces and types, and the function or call. */
    const open: { path: string; scope: Scope | undefined }[] = [];
    while (reader.at < end) {
      const offset = reader.at;
      const abbreviation = abbreviations.get(reader.uleb());
      if (!abbreviation) {
        open.pop();
        continue;
      }
      const { tag } = abbreviation;
      const found = new Map<number, Value>();
      let highIsAddress = false;
      for (const [at, form] of abbreviation.attributes) {
        const value = this.value(reader, form, addressSize);
        found.set(at, WITHIN_UNIT.has(form) ? (value as number) + start : value);
        if (at === At.HighPc) highIsAddress = form === FORM_ADDR;
      }
      const number = (at: number): number => (found.get(at) as number | undefined) ?? 0;
      const within = open.at(-1) ?? { path: '', scope: undefined };
      let { path, scope } = within;
      if (!open.length) {
        if (found.has(At.StmtList)) files = this.lines(number(At.StmtList), String(found.get(At.CompDir) ?? ''));
        base = number(At.LowPc);
      } else if (tag === Tag.Subprogram || tag === Tag.Inlined) {
        const own = String(found.get(At.Name) ?? found.get(At.LinkageName) ?? '');
        const name = own && path ? `${path}::${own}` : own;
        const origin = number(At.AbstractOrigin) || number(At.Specification);
        this.names.set(offset, { name, origin });
        const low = number(At.LowPc);
        const high = highIsAddress ? number(At.HighPc) : low + number(At.HighPc);
        const ranges: [number, number][] = found.has(At.Ranges)
          ? this.ranges(number(At.Ranges), base)
          : low < high
            ? [[low, high]]
            : [];
        const made: Scope = { name, ranges, callFile: '', callLine: number(At.CallLine), inlined: [] };
        if (tag === Tag.Inlined) {
          made.callFile = files[number(At.CallFile)] ?? '';
          within.scope?.inlined.push(made);
        } else if (ranges.length) this.functions.push(made);
        if (!name) this.unnamed.push({ scope: made, origin });
        scope = made;
        path = name || path;
      } else if ([Tag.Namespace, Tag.Structure, Tag.Union, Tag.Enumeration].includes(tag)) {
        const own = String(found.get(At.Name) ?? '');
        path = path ? `${path}::${own}` : own;
      }
      if (abbreviation.children) open.push({ path, scope });
      else if (!open.length) break;
    }
    return end;
  }

  /** Adds the rows of a line program, once, and gives its files. */
  private lines(offset: number, folder: string): string[] {
    let files = this.files.get(offset);
    if (!files) {
      const read = readLines(this.section('.debug_line') ?? new Uint8Array(), offset, folder);
      for (const row of read.rows) this.rows.push(row);
      files = read.files;
      this.files.set(offset, files);
    }
    return files;
  }

  private ranges(offset: number, base: number): [number, number][] {
    const found: [number, number][] = [];
    const reader = new Reader(this.section('.debug_ranges') ?? new Uint8Array(), offset);
    for (;;) {
      const [low, high] = [reader.u32(), reader.u32()];
      if (!low && !high) return found;
      if (low === BASE) base = high;
      else if (low < high) found.push([low + base, high + base]);
    }
  }

  private abbreviationsAt(offset: number): Map<number, Abbreviation> {
    let table = this.abbreviations.get(offset);
    if (!table) {
      table = new Map();
      this.abbreviations.set(offset, table);
      const reader = new Reader(this.section('.debug_abbrev') ?? new Uint8Array(), offset);
      for (let code; (code = reader.uleb()); ) {
        const abbreviation: Abbreviation = { tag: reader.uleb(), children: reader.u8() === 1, attributes: [] };
        for (;;) {
          const [at, form] = [reader.uleb(), reader.uleb()];
          if (!at && !form) break;
          abbreviation.attributes.push([at, form]);
        }
        table.set(code, abbreviation);
      }
    }
    return table;
  }

  /** The value of an attribute, or nothing when it is one that nobody here asks for. */
  private value(reader: Reader, form: number, addressSize: number): Value {
    const size = SIZES.get(form);
    if (size) return reader.uint(size);
    const prefix = BLOCKS.get(form);
    if (prefix) return void reader.skip(reader.uint(prefix));
    switch (form) {
      case FORM_ADDR:
        return reader.uint(addressSize);
      case 0x0d: // sdata
        return reader.sleb();
      case 0x0f: // udata
      case 0x15: // ref_udata
        return reader.uleb();
      case 0x08: // string
        return reader.text();
      case 0x0e: // strp
        return new Reader(this.strings, reader.u32()).text();
      case 0x19: // flag_present
        return 1;
      case 0x09: // block
      case 0x18: // exprloc
        return void reader.skip(reader.uleb());
      case 0x16: // indirect
        return this.value(reader, reader.uleb(), addressSize);
      default:
        throw new Trouble(`the debug information has a form (${form}) that wasm-prep does not know`);
    }
  }
}
