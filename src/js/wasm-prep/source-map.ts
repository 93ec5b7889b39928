// A source map of the one form that is needed here: an entry for a place in a wasm file is a number, as its line. That is
// how wasm-opt carries through its passes what it knows nothing of.

export interface Entry {
  /** Where in the file. */
  at: number;
  /** Nothing is known from there on when there is none. */
  value: number | undefined;
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function writeMap(entries: Entry[]): string {
  const segments: string[] = [];
  let [at, line] = [0, 0];
  for (const entry of entries) {
    const place = digits(entry.at - at);
    at = entry.at;
    if (entry.value === undefined) segments.push(place);
    else {
      segments.push(place + digits(0) + digits(entry.value - line) + digits(0));
      line = entry.value;
    }
  }
  return JSON.stringify({ version: 3, sources: ['origins'], names: [], mappings: segments.join(',') });
}

export function readMap(text: string): Entry[] {
  const entries: Entry[] = [];
  let [at, line] = [0, 0];
  for (const segment of (JSON.parse(text) as { mappings: string }).mappings.split(/[,;]/)) {
    if (!segment) continue;
    const [place = 0, , lines] = numbers(segment);
    at += place;
    if (lines !== undefined) line += lines;
    entries.push({ at, value: lines === undefined ? undefined : line });
  }
  return entries;
}

/** A number as base 64 VLQ. */
function digits(value: number): string {
  let rest = value < 0 ? -value * 2 + 1 : value * 2;
  let text = '';
  do {
    const more = rest > 31 ? 32 : 0;
    text += DIGITS[(rest % 32) + more];
    rest = Math.floor(rest / 32);
  } while (rest);
  return text;
}

function numbers(segment: string): number[] {
  const found: number[] = [];
  let [value, scale] = [0, 1];
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) * scale;
    scale *= 32;
    if (bits < 32) {
      found.push(value % 2 ? -(value - 1) / 2 : value / 2);
      [value, scale] = [0, 1];
    }
  }
  return found;
}
