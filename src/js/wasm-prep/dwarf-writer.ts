// Writes DWARF 4 of what is known about each piece of a module's code: functions, what was inlined into them, and lines.
// Nothing else is in there: no types, no variables.

import { lebOf, customSection, functionNames, type Module } from './module.js';
import type { Origin, Piece, Place } from './places.js';

const enum Abbreviation {
  Unit = 1,
  Abstract = 2,
  Function = 3,
  Inlined = 4,
}

/** For each: its tag, whether there are children, and its attributes with their forms. */
const ABBREVIATIONS = [
  // DW_TAG_compile_unit: producer, language, name, stmt_list, low_pc, high_pc.
  [Abbreviation.Unit, 0x11, 1, 0x25, 0x0e, 0x13, 0x05, 0x03, 0x0e, 0x10, 0x17, 0x11, 0x01, 0x12, 0x06, 0, 0],
  // DW_TAG_subprogram: name, inline.
  [Abbreviation.Abstract, 0x2e, 0, 0x03, 0x0e, 0x20, 0x0b, 0, 0],
  // DW_TAG_subprogram: name, low_pc, high_pc.
  [Abbreviation.Function, 0x2e, 1, 0x03, 0x0e, 0x11, 0x01, 0x12, 0x06, 0, 0],
  // DW_TAG_inlined_subroutine: abstract_origin, low_pc, high_pc, call_file, call_line.
  [Abbreviation.Inlined, 0x1d, 1, 0x31, 0x13, 0x11, 0x01, 0x12, 0x06, 0x58, 0x0f, 0x59, 0x0f, 0, 0],
  [0],
];

const RUST = 0x1c;
const ADVANCE_PC = 2;
const ADVANCE_LINE = 3;
const SET_FILE = 4;
const COPY = 1;
const END_SEQUENCE = [0, 1, 1];
const LINE_BASE = -5;
const LINE_RANGE = 14;
const OPCODE_BASE = 13;
const OPERANDS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];

/** The sections, for the end of a file. */
export function writeDwarf(module: Module, pieces: Piece[]): Uint8Array[] {
  const writer = new Writer(functionNames(module));
  const size = module.code.contents.length;
  // A unit that begins at 0 is taken for one that the linker has left out.
  const first = module.functions[0]?.start ?? 1;
  let at = 0;
  for (const { index, start, end } of module.functions) {
    while (at < pieces.length && pieces[at]!.start < start) at++;
    const own: Piece[] = [];
    for (; at < pieces.length && pieces[at]!.start < end; at++) own.push(pieces[at]!);
    writer.function(index, start, end, own);
  }
  return writer.sections(first, size);
}

/** A piece of a function's code, and the calls that it is in: outermost first, without the function itself. */
interface Stretch {
  start: number;
  end: number;
  calls: Call[];
}

interface Call {
  name: string;
  file: string;
  line: number;
}

class Writer {
  private readonly strings = new Table();
  private readonly files: string[] = [];
  private readonly fileNumbers = new Map<string, number>();
  private readonly abstracts = new Map<string, number>();
  private readonly abstractEntries: number[] = [];
  private readonly entries: ((offsets: Map<string, number>) => number[])[] = [];
  private readonly program: number[] = [];

  constructor(private readonly names: Map<number, string>) {}

  function(index: number, start: number, end: number, pieces: Piece[]): void {
    const name = this.names.get(index) ?? `wasm-function[${index}]`;
    const stretches = pieces.map((piece, at) => ({
      start: piece.start,
      end: pieces[at + 1]?.start ?? end,
      calls: calls(piece.origin, name),
    }));
    const text = this.strings.at(name);
    this.entries.push(() => [Abbreviation.Function, ...u32(text), ...u32(start), ...u32(end - start)]);
    this.inlined(stretches, 0);
    this.entries.push(() => [0]);
    this.lines(start, end, pieces);
  }

  /** Entries for the calls at a depth: stretches beside each other that are in the same call are one. */
  private inlined(stretches: Stretch[], depth: number): void {
    for (let at = 0; at < stretches.length; ) {
      const first = stretches[at]!;
      const call = first.calls[depth];
      let after = at + 1;
      if (call) {
        const same = (other: Call | undefined): boolean =>
          other?.name === call.name && other.file === call.file && other.line === call.line;
        while (after < stretches.length && same(stretches[after]!.calls[depth])) after++;
        const end = stretches[after - 1]!.end;
        this.abstract(call.name);
        const place = [...lebOf(call.file ? this.file(call.file) : 0), ...lebOf(call.line)];
        this.entries.push((offsets) => [
          Abbreviation.Inlined,
          ...u32(offsets.get(call.name)!),
          ...u32(first.start),
          ...u32(end - first.start),
          ...place,
        ]);
        this.inlined(stretches.slice(at, after), depth + 1);
        this.entries.push(() => [0]);
      }
      at = after;
    }
  }

  private abstract(name: string): void {
    if (this.abstracts.has(name)) return;
    this.abstracts.set(name, this.abstractEntries.length);
    this.abstractEntries.push(Abbreviation.Abstract, ...u32(this.strings.at(name)), 1);
  }

  private file(name: string): number {
    let number = this.fileNumbers.get(name);
    if (!number) {
      number = this.files.push(name);
      this.fileNumbers.set(name, number);
    }
    return number;
  }

  /** The lines of a function, as a sequence of their own. */
  private lines(start: number, end: number, pieces: Piece[]): void {
    const { program } = this;
    program.push(0, 5, 2, ...u32(start));
    let [at, file, line] = [start, 1, 1];
    let last = '';
    for (const { start, origin } of pieces) {
      const place: Place | undefined = origin?.places[0];
      const wanted = { file: place?.file ? this.file(place.file) : file, line: place?.line ?? 0 };
      const key = `${wanted.file}:${wanted.line}`;
      if (key === last) continue;
      last = key;
      if (wanted.file !== file) program.push(SET_FILE, ...lebOf((file = wanted.file)));
      if (start > at) program.push(ADVANCE_PC, ...lebOf(start - at));
      if (wanted.line !== line) program.push(ADVANCE_LINE, ...sleb(wanted.line - line));
      program.push(COPY);
      [at, line] = [start, wanted.line];
    }
    program.push(ADVANCE_PC, ...lebOf(end - at), ...END_SEQUENCE);
  }

  sections(start: number, end: number): Uint8Array[] {
    const producer = this.strings.at('tailcone wasm-prep');
    const name = this.strings.at('');
    const unit = [Abbreviation.Unit, ...u32(producer), RUST, 0, ...u32(name), ...u32(0), ...u32(start), ...u32(end - start)];
    // Offsets count from the beginning of the unit, whose header has 11 bytes.
    const base = 11 + unit.length;
    const offsets = new Map([...this.abstracts].map(([name, at]) => [name, base + at]));
    const entries = Buffer.concat(this.entries.map((entry) => Uint8Array.from(entry(offsets))));
    const body = Buffer.concat([Uint8Array.from([4, 0, ...u32(0), 4, ...unit, ...this.abstractEntries]), entries, Uint8Array.of(0)]);
    const sections: [string, Uint8Array][] = [
      ['.debug_abbrev', Uint8Array.from(ABBREVIATIONS.flat())],
      ['.debug_info', Buffer.concat([Uint8Array.from(u32(body.length)), body])],
      ['.debug_line', this.lineSection()],
      ['.debug_str', this.strings.bytes()],
    ];
    return sections.map(([name, contents]) => customSection(name, contents));
  }

  private lineSection(): Uint8Array {
    const files = Buffer.concat(this.files.map((file) => Buffer.concat([Buffer.from(file), Uint8Array.from([0, 0, 0, 0])])));
    const settings = [1, 1, 1, LINE_BASE & 255, LINE_RANGE, OPCODE_BASE, ...OPERANDS, 0];
    const header = Buffer.concat([Uint8Array.from(settings), files, Uint8Array.of(0)]);
    const rest = Buffer.concat([
      Uint8Array.from([4, 0, ...u32(header.length)]),
      header,
      Uint8Array.from(this.program),
    ]);
    return Buffer.concat([Uint8Array.from(u32(rest.length)), rest]);
  }
}

/** The calls that code is in which has come into a function of that name. */
function calls(origin: Origin | undefined, name: string): Call[] {
  if (!origin) return [];
  const outermost = origin.places.length - 1;
  const found = origin.places.map((place, at) => {
    const caller = origin.places[at + 1];
    return { name: place.function, file: caller?.file ?? '', line: caller?.line ?? 0 };
  });
  // What wasm-opt has inlined: where from is known, where it was called is not.
  if (plain(origin.home) === plain(name)) found.length = outermost;
  return found.reverse();
}

/** Tools tell functions of one name apart by a number behind it. */
const plain = (name: string): string => name.replace(/[._]\d+$|\[\d+\]$/, '');

/** Texts, each with a 0 behind it. */
class Table {
  private readonly texts: Uint8Array[] = [];
  private readonly offsets = new Map<string, number>();
  private size = 0;

  at(text: string): number {
    let offset = this.offsets.get(text);
    if (offset === undefined) {
      const bytes = Buffer.from(`${text}\0`);
      offset = this.size;
      this.offsets.set(text, offset);
      this.texts.push(bytes);
      this.size += bytes.length;
    }
    return offset;
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.texts);
  }
}

const u32 = (value: number): number[] => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];

function sleb(value: number): number[] {
  const bytes = [];
  for (;;) {
    const byte = value & 127;
    value >>= 7;
    if ((value === 0 && !(byte & 64)) || (value === -1 && byte & 64)) return [...bytes, byte];
    bytes.push(byte | 128);
  }
}
