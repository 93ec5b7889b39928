// What the build id of a wasm module is, on the page and on the command line: a custom section that has the id with its
// length before it (tool-conventions, BuildId.md).

/** A number in LEB128 at `at`, and where it ends; a number that is cut short ends beyond the bytes. */
export function leb(bytes: Uint8Array, at: number): [number, number] {
  let value = 0;
  let scale = 1;
  let byte;
  do {
    byte = bytes[at++]!;
    value += (byte & 127) * scale;
    scale *= 128;
  } while (byte > 127);
  return [value, at];
}

/** The part of a section that begins at `at` with its own length. */
export function part(bytes: Uint8Array, at = 0): Uint8Array {
  const [size, begin] = leb(bytes, at);
  return bytes.subarray(begin, begin + size);
}

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join('');

/** The debug id that the hexadecimal digits of a build id are read as. */
export const debugId = (digits: string): string =>
  digits.slice(0, 32).padEnd(32, '0').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
