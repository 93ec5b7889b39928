// JSON as servers read it: strict UTF-8, no lone surrogates, bounded nesting; plus the small type guards of the checks.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** serde_json, which Relay reads with, stops at this depth. */
const DEEPEST = 128;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The value, or one sentence's predicate about what is wrong with it ("is not valid UTF-8", …). */
export function readJson(bytes: Uint8Array): { value: Json } | { fault: string } {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { fault: 'is not valid UTF-8.' };
  }
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\s+/g, ' ').slice(0, 160) : 'unreadable';
    return { fault: `is not JSON: ${reason}.` };
  }
  const fault = scan(text);
  return fault ? { fault } : { value };
}

/** Finds what JSON.parse forgives and servers do not. The text is known to be JSON. */
function scan(text: string): string | undefined {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x5b || c === 0x7b) {
      if (++depth > DEEPEST) return `is nested deeper than ${DEEPEST} levels, where servers stop reading.`;
    } else if (c === 0x5d || c === 0x7d) {
      depth--;
    } else if (c === 0x22) {
      let high = false;
      for (i++; text.charCodeAt(i) !== 0x22; i++) {
        let unit = text.charCodeAt(i);
        if (unit === 0x5c) {
          i++;
          unit = text.charCodeAt(i) === 0x75 ? parseInt(text.slice(i + 1, i + 5), 16) : 0;
          if (text.charCodeAt(i) === 0x75) i += 4;
        }
        const low = unit >= 0xdc00 && unit <= 0xdfff;
        if (high !== low) return 'holds a lone surrogate, which is not Unicode text.';
        high = unit >= 0xd800 && unit <= 0xdbff;
      }
      if (high) return 'holds a lone surrogate, which is not Unicode text.';
    }
  }
  return undefined;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

export const isEventId = (value: Json | undefined): value is string => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);

/** RFC 3339, and in UTC: the only form that all servers read alike. Returns milliseconds. */
export function utcTime(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)$/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** How a value looks in a sentence. */
export function show(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (isObject(value)) return 'an object';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Characters as the protocol counts them: code points. */
export function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
