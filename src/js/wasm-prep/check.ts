// Says whether a shipped file and a debug companion belong together, and what a stack of the one is in the other.

import { hex, part } from '../build-id.js';
import { address, CUSTOM, custom, functionNames, readModule, Trouble, type Module } from './module.js';
import { pieces, type Place } from './places.js';
import { buildId, dwarfOf, expectFit } from './prepare.js';

/** The debug companion of a shipped file, after everything was compared. */
export interface Companion {
  id: Uint8Array;
  /** How many functions have a name, and how many pieces of code a line. */
  named: number;
  lined: number;
  /** What a frame is, innermost first: places where lines are known, else the function. */
  resolve: (frame: Frame) => Place[];
}

export interface Frame {
  index: number | undefined;
  address: number | undefined;
}

export function check(shippedBytes: Uint8Array, debugBytes: Uint8Array): Companion {
  const [shipped, debug] = [readModule(shippedBytes), readModule(debugBytes)];
  const [own, other] = [idOf(shipped), idOf(debug)];
  if (!own) throw new Trouble('the shipped file has no build id');
  if (!other) throw new Trouble('the debug companion has no build id');
  if (hex(own) !== hex(other))
    throw new Trouble(`they are of different builds: ${hex(own)} is shipped, ${hex(other)} the companion's`);
  if (!running(shipped).equals(running(debug)))
    throw new Trouble('they have one build id and different code: one of them was changed since');
  if (hex(buildId(shipped.sections)) !== hex(own))
    throw new Trouble('the build id is not of this code: it was changed since, or another tool has made the id');
  if (shipped.codeStart !== debug.codeStart)
    throw new Trouble(
      `their code begins at ${address(shipped.codeStart)} and at ${address(debug.codeStart)}: addresses do not fit`,
    );
  const names = functionNames(debug);
  const dwarf = dwarfOf(debug);
  if (!dwarf && !names.size) throw new Trouble('the debug companion has neither lines nor names');
  if (dwarf) expectFit(debug, dwarf);
  const known = dwarf ? pieces(debug, dwarf) : [];
  const nameOf = (index: number): Place[] => {
    const name = names.get(index);
    return name ? [{ function: name, file: '', line: 0 }] : [];
  };
  return {
    id: own,
    named: names.size,
    lined: known.filter(({ origin }) => origin).length,
    resolve({ index, address }) {
      if (address === undefined) return nameOf(index!);
      const at = address - debug.codeStart;
      const within = debug.functions.find(({ start, end }) => start <= at && at < end);
      if (!within) return [];
      const piece = known.findLast(({ start }) => start <= at);
      return piece && piece.start >= within.start && piece.origin ? piece.origin.places : nameOf(within.index);
    },
  };
}

/** All that is run. */
const running = (module: Module): Buffer =>
  Buffer.concat(module.sections.filter(({ id }) => id !== CUSTOM).map(({ bytes }) => bytes));

const idOf = (module: Module): Uint8Array | undefined => {
  const section = custom(module, 'build_id');
  return section && part(section);
};

/** The frames in wasm modules of a stack, as engines write it, or of bare addresses. */
export function framesOf(text: string): Frame[] {
  return [...text.matchAll(/wasm-function\[(\d+)\](?::(0x[\da-f]+))?|\b(0x[\da-f]+)\b/gi)].map(([, index, at, bare]) => ({
    index: index === undefined ? undefined : Number(index),
    address: (at ?? bare) === undefined ? undefined : Number(at ?? bare),
  }));
}
