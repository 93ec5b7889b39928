// Where an envelope goes, by its first line: to one of the known DSNs, or nowhere. What is sent to is always the known DSN,
// never what the request says.

import { parseDsn, type Dsn } from '../dsn.js';
import { isObject } from '../values.js';
import { Refusal } from './refusal.js';

/** The known DSNs, by what tells them apart. */
export type Allowed = ReadonlyMap<string, Dsn>;

/** Longer than any DSN: to see that a longer text is none takes the reader time that grows with its square. */
const MAX_DSN = 1024;

/** The same for two DSNs that mean the same: hosts have no case, and schemes have a port of their own. The secret of old
 * DSNs is no part of it. */
export function identity({ protocol, publicKey, host, port, path, projectId }: Dsn): string {
  return `${protocol}://${publicKey}@${host.toLowerCase()}:${port ?? (protocol === 'https' ? 443 : 80)}${path}/${projectId}`;
}

/** The known DSN that the header of an envelope names. */
export function destination(header: Uint8Array, allowed: Allowed): Dsn {
  const { dsn: text } = read(header);
  if (typeof text !== 'string') throw new Refusal(400, 'The envelope header needs a dsn, which is a string.');
  const dsn = text.length > MAX_DSN ? 'length' : parseDsn(text);
  if (typeof dsn === 'string') throw new Refusal(400, `The ${dsn} of the dsn in the envelope header is wrong.`);
  const known = allowed.get(identity(dsn));
  if (!known) throw new Refusal(403, 'This tunnel does not forward to the dsn in the envelope header.');
  return known;
}

function read(header: Uint8Array): { dsn?: unknown } {
  let text;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
    value = JSON.parse(text);
  } catch {
    throw new Refusal(400, 'The envelope header is no JSON.');
  }
  if (!isObject(value) || Array.isArray(value)) throw new Refusal(400, 'The envelope header must be a JSON object.');
  if (repeats(text)) throw new Refusal(400, 'The envelope header has a name twice.');
  return Object.hasOwn(value, 'dsn') ? value : {};
}

/** Whether an object has a name twice, in any case: readers do not agree on which of the two counts. */
function repeats(json: string): boolean {
  const seen = new Set<string>();
  let depth = 0;
  for (const [token, key] of json.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (/[{[]/.test(token[0]!)) depth++;
    else if (/[}\]]/.test(token[0]!)) depth--;
    else if (key && depth === 1) {
      const name = (JSON.parse(key) as string).toLowerCase();
      if (seen.has(name)) return true;
      seen.add(name);
    }
  }
  return false;
}
