// Small wasm modules made of bytes: functions that trap in each way, custom sections, and where each function stands in
// the file.

const encoder = new TextEncoder();

export const leb = (value) => {
  const bytes = [];
  do {
    const rest = value >>> 7;
    bytes.push((value & 0x7f) | (rest ? 0x80 : 0));
    value = rest;
  } while (value);
  return bytes;
};
const signed = (value) => {
  const bytes = [];
  for (;;) {
    const byte = value & 0x7f;
    value >>= 7;
    if ((value === 0 && !(byte & 0x40)) || (value === -1 && byte & 0x40)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
};
const vector = (items) => [...leb(items.length), ...items.flat()];
/** Bytes or a text with their length before them. */
export const prefixed = (bytes) => {
  const plain = typeof bytes === 'string' ? [...encoder.encode(bytes)] : [...bytes];
  return [...leb(plain.length), ...plain];
};
const section = (id, payload) => [id, ...prefixed(payload)];
export const custom = (name, payload) => section(0, [...prefixed(name), ...payload]);

const I32 = 0x7f;
const i32 = (value) => [0x41, ...signed(value)];
const DROP = 0x1a;
const LOAD = [0x28, 2, 0];
const call = (index) => [0x10, ...leb(index)];
const indirect = (type) => [0x11, type, 0];

/** Index of the imported function, of type 0; own functions follow it. */
const IMPORTED = 0;

/** Functions that trap, each with the instructions before the one that traps, and that one. Type 0 is () → (), type 1
 * () → i32. Of the table's three places the first has a function of type 1, the others none. */
export const traps = {
  unreachable: [[], [0x00]],
  out_of_bounds: [i32(-1), LOAD],
  divide_by_zero: [[...i32(1), ...i32(0)], [0x6d]],
  remainder_by_zero: [[...i32(1), ...i32(0)], [0x6f]],
  integer_overflow: [[...i32(-0x80000000), ...i32(-1)], [0x6d]],
  not_an_integer: [[0x43, 0, 0, 0xc0, 0x7f], [0xa8]],
  null_function: [i32(1), indirect(0)],
  wrong_signature: [i32(0), indirect(0)],
  no_such_function: [i32(99), indirect(0)],
  no_such_element: [i32(99), [0x25, 0]],
  fill: [[...i32(0x10000), ...i32(0), ...i32(9)], [0xfc, 11, 0]],
  unaligned: [i32(1), [0xfe, 0x10, 2, 0]],
};
const LEAVES_NOTHING = ['unreachable', 'null_function', 'wrong_signature', 'no_such_function', 'fill'];

/**
 * A module: `name` and the functions' names go to a name section unless `name` is undefined, `buildId` and `debugInfo`
 * (bytes, as they are) to custom sections, `padding` makes the file longer by about so many bytes.
 *
 * It exports for each trap a function of its name; `through`, which calls `inner`, which calls `unreachable`; `recurse`,
 * which never ends; `callback`, which calls the import `env.callback`, and `panic`, which does and is unreachable then.
 *
 * Gives `{bytes, offsets}`: `offsets` is where the instruction of each function is that does not return, counted
 * from the beginning of the file, as the text of a stack has it (`0x1f`).
 */
export function assemble({ name, buildId, debugInfo, padding = 0, salt = 0 } = {}) {
  const functions = [['typed', 1, [], i32(salt)]];
  const indexOf = (wanted) => 1 + functions.findIndex(([own]) => own === wanted);
  for (const [trap, [before, at]] of Object.entries(traps)) {
    functions.push([trap, 0, before, at, LEAVES_NOTHING.includes(trap) ? [] : [DROP]]);
  }
  functions.push(['inner', 0, [], call(indexOf('unreachable'))]);
  functions.push(['through', 0, [], call(indexOf('inner'))]);
  functions.push(['recurse', 0, [], call(functions.length + 1)]);
  functions.push(['callback', 0, [], call(IMPORTED)]);
  functions.push(['panic', 0, call(IMPORTED), [0x00]]);

  const bytes = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const add = (part) => bytes.push(...part);
  add(section(1, vector([[0x60, 0, 0], [0x60, 0, 1, I32]])));
  add(section(2, vector([[...prefixed('env'), ...prefixed('callback'), 0, 0]])));
  add(section(3, vector(functions.map(([, type]) => [type]))));
  add(section(4, vector([[0x70, 0, 3]])));
  add(section(5, vector([[0, 1]])));
  add(section(7, vector(functions.map(([own], i) => [...prefixed(own), 0, ...leb(i + 1)]))));
  add(section(9, vector([[0, ...i32(0), 0x0b, ...vector([leb(indexOf('typed'))])]])));

  const bodies = functions.map(([, , before, at, after = []]) => prefixed([0, ...before, ...at, ...after, 0x0b]));
  const code = section(10, vector(bodies));
  const offsets = {};
  let at = bytes.length + code.length - bodies.flat().length;
  functions.forEach(([own, , before], i) => {
    const size = bodies[i].length;
    // The length, the empty list of locals, and what comes before.
    offsets[own] = `0x${(at + leb(size - leb(size - 1).length).length + 1 + before.length).toString(16)}`;
    at += size;
  });
  add(code);

  if (name !== undefined) {
    const names = vector(functions.map(([own], i) => [...leb(i + 1), ...prefixed(own)]));
    add(custom('name', [...(name && section(0, prefixed(name))), ...section(1, names)]));
  }
  if (buildId) add(custom('build_id', buildId));
  if (debugInfo) add(custom('external_debug_info', debugInfo));
  if (padding) add(custom('padding', Array.from({ length: padding }, (_, i) => (i * 7 + salt) & 0xff)));
  return { bytes: Uint8Array.from(bytes), offsets };
}
