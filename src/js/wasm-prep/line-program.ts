// Reads `.debug_line` of DWARF 2 to 4: which file and line the code at an address comes from.

import { Reader } from './bytes.js';

export interface Row {
  start: number;
  end: number;
  file: string;
  line: number;
}

interface State {
  address: number;
  file: number;
  line: number;
}

/** The rows of the program at `offset`, in the program's order, and its files, which are counted from 1. `folder` is that
 * of the compilation. */
export function readLines(section: Uint8Array, offset: number, folder: string): { rows: Row[]; files: string[] } {
  const head = new Reader(section, offset);
  const end = head.u32() + head.at;
  const version = head.u16();
  if (version < 2 || version > 4) return { rows: [], files: [] };
  const program = new Reader(section, head.u32(), end);
  program.at += head.at;
  const shortest = head.u8();
  if (version > 3) head.u8();
  head.u8();
  const lineBase = head.i8();
  const lineRange = head.u8();
  const opcodeBase = head.u8();
  const operands = Array.from({ length: opcodeBase - 1 }, () => head.u8());
  const folders = [folder];
  for (let name; (name = head.text()); ) folders.push(joined(folder, name));
  const files = [''];
  const readFile = (reader: Reader, name = reader.text()): string => {
    const within = folders[reader.uleb()] ?? '';
    reader.uleb();
    reader.uleb();
    return joined(within, name);
  };
  for (let name; (name = head.text()); ) files.push(readFile(head, name));

  const rows: Row[] = [];
  /** Where the rows of a sequence begin. */
  let sequence = 0;
  const fresh = (): State => ({ address: 0, file: 1, line: 1 });
  let state = fresh();
  let last: State | undefined;
  const emit = (ends: boolean): void => {
    if (last && last.address < state.address)
      rows.push({ start: last.address, end: state.address, file: files[last.file] ?? '', line: last.line });
    last = ends ? undefined : { ...state };
  };
  while (program.more) {
    const opcode = program.u8();
    if (opcode >= opcodeBase) {
      const step = opcode - opcodeBase;
      state.address += Math.floor(step / lineRange) * shortest;
      state.line += lineBase + (step % lineRange);
      emit(false);
    } else if (opcode === 0) {
      const next = program.uleb() + program.at;
      const kind = program.u8();
      if (kind === 1) {
        emit(true);
        // A function that begins at 0 has been left out by the linker.
        if (rows[sequence]?.start === 0) rows.length = sequence;
        sequence = rows.length;
        state = fresh();
      } else if (kind === 2) state.address = program.u32();
      else if (kind === 3) files.push(readFile(program));
      program.at = next;
    } else if (opcode === 1) emit(false);
    else if (opcode === 2) state.address += program.uleb() * shortest;
    else if (opcode === 3) state.line += program.sleb();
    else if (opcode === 4) state.file = program.uleb();
    else if (opcode === 8) state.address += Math.floor((255 - opcodeBase) / lineRange) * shortest;
    else if (opcode === 9) state.address += program.u16();
    else for (let count = operands[opcode - 1] ?? 0; count > 0; count--) program.uleb();
  }
  return { rows, files };
}

const joined = (folder: string, name: string): string =>
  !folder || /^(?:[\\/]|[A-Za-z]:|<)/.test(name) ? name : `${folder.replace(/[\\/]$/, '')}/${name}`;
