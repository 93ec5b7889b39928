// Where each piece of a module's code comes from, through all that was inlined.

import type { Dwarf, Scope } from './dwarf.js';
import type { Row } from './line-program.js';
import { functionNames, type Module } from './module.js';

/** A place in a source file, and the function that it is in. */
export interface Place {
  function: string;
  file: string;
  line: number;
}

/** Where code comes from. */
export interface Origin {
  /** The name of the function that had the code, as the name section has it. */
  home: string;
  /** Innermost first: each was inlined into the next. */
  places: Place[];
}

/** Code up to the next piece; without an origin when nothing is known. */
export interface Piece {
  /** Counted from the beginning of the code section's contents. */
  start: number;
  origin: Origin | undefined;
}

/** The pieces of all code, in order. */
export function pieces(module: Module, dwarf: Dwarf): Piece[] {
  const names = functionNames(module);
  const scopes = living(module, dwarf);
  const known = new Map<string, Origin>();
  const found: Piece[] = [];
  let [row, next] = [0, 0];
  for (const { index, start, end } of module.functions) {
    const home = names.get(index) ?? '';
    while (next < scopes.length && scopes[next]!.middle < start) next++;
    const own = scopes[next] && scopes[next]!.middle < end ? scopes[next]!.scope : undefined;
    while (row < dwarf.rows.length && dwarf.rows[row]!.end <= start) row++;
    const rows: Row[] = [];
    for (let at = row; at < dwarf.rows.length && dwarf.rows[at]!.start < end; at++) rows.push(dwarf.rows[at]!);
    const edges = new Set([start]);
    for (const { start, end } of rows) edges.add(start).add(end);
    if (own) for (const edge of inner(own)) edges.add(edge);
    let at = 0;
    for (const edge of [...edges].filter((edge) => edge >= start && edge < end).sort((a, b) => a - b)) {
      while (at < rows.length && rows[at]!.end <= edge) at++;
      const line = rows[at] && rows[at]!.start <= edge ? rows[at] : undefined;
      found.push({ start: edge, origin: line && originOf(edge, line, own, home) });
    }
  }
  return found;

  function originOf(at: number, line: Row, own: Scope | undefined, home: string): Origin {
    const places: Place[] = [];
    let scope = own;
    // With `line-tables-only` DWARF has no paths in its names, the name section has.
    let place: Place = { function: home || own?.name || '', file: '', line: 0 };
    for (;;) {
      const call: Scope | undefined = scope?.inlined.find(({ ranges }) => covers(ranges, at));
      if (!call) break;
      places.unshift({ ...place, file: call.callFile, line: call.callLine });
      place = { function: call.name, file: '', line: 0 };
      scope = call;
    }
    places.unshift({ ...place, file: line.file, line: line.line });
    const key = JSON.stringify([home, places.map((place) => Object.values(place))]);
    let origin = known.get(key);
    if (!origin) known.set(key, (origin = { home, places }));
    return origin;
  }
}

const covers = (ranges: [number, number][], at: number): boolean => ranges.some(([low, high]) => low <= at && at < high);

/** Where what was inlined into a function begins and ends. */
function* inner(scope: Scope): Generator<number> {
  for (const call of scope.inlined) {
    for (const range of call.ranges) yield* range;
    yield* inner(call);
  }
}

/** The functions that have code, in order, each with where its middle is: what wasm-bindgen has changed may begin a byte
 * or two beside where it did. */
function living(module: Module, dwarf: Dwarf): { middle: number; start: number; scope: Scope }[] {
  const all = dwarf.functions.flatMap((scope) =>
    scope.ranges.map(([start, end]) => ({ start, middle: (start + end) / 2, scope })),
  );
  const first = module.functions[0]?.start ?? 0;
  const size = module.code.contents.length;
  return all.filter(({ start }) => start >= first && start < size).sort((a, b) => a.middle - b.middle);
}

/** Whether the functions are where the debug information says: of those that it knows, how many. */
export function fit(module: Module, dwarf: Dwarf): { known: number; fitting: number } {
  const starts = new Set(module.functions.map(({ start }) => start));
  const known = living(module, dwarf);
  return { known: known.length, fitting: known.filter(({ start }) => starts.has(start)).length };
}
