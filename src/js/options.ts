// Checks what `init` is given.

import { parseDsn, type Dsn } from './dsn.js';
import type { Options } from './types.js';
import { copyBag, get } from './values.js';

/** The names of the options by their type; lists are named by what they are of. */
const TYPES = {
  string: 'dsn release environment dist serverName tunnel inferIp sendResult sdkLogLevel',
  number: 'sampleRate maxBreadcrumbs maxValueLength normalizeDepth normalizeMaxBreadth sendMaxAttempts requestTimeout',
  boolean: 'enabled debug globalHandlers attachStacktrace dedupe floodControl reportModules sendDefaultPii retryOn5xx',
  function: 'beforeSend afterSend beforeBreadcrumb excludeException debugWriter transport',
  object: 'tags modules dataCollection',
  texts: 'includedEnvironments',
  'texts and RegExps': 'ignoreErrors allowUrls denyUrls inAppInclude inAppExclude',
  objects: 'integrations',
  any: 'initialScope breadcrumbs defaultFilters wasm fetchOptions',
};

/** Characters of a text, parts of a list. */
const MAX = 16_384;

/** Whether a value is of a type of `TYPES`. */
function fits(value: unknown, type: string): boolean {
  try {
    return (
      value === undefined ||
      type === 'any' ||
      (typeof value === type && !((value as string).length > MAX)) ||
      (/s$/.test(type) &&
        Array.isArray(value) &&
        value.length <= MAX &&
        value.every(
          (part) =>
            typeof (part ?? 0) === (type === 'objects' ? 'object' : 'string') ||
            (/R/.test(type) && typeof part?.exec === 'function'),
        ))
    );
  } catch {
    // A Proxy.
    return false;
  }
}

/** The options; the DSN, if there is one to send to; a sentence, if something is to be mended. */
export function read(from: Options | undefined): [options: Options, dsn?: Dsn, wrong?: string] {
  const options: Record<string, unknown> = {};
  for (const [type, names] of Object.entries(TYPES))
    for (const name of names.split(' ')) {
      const value = get(from, name) ?? undefined;
      options[name] = type === 'object' ? copyBag(value, MAX) : value;
      if (fits(value, type)) continue;
      const length = get(value, 'length');
      const long = typeof length === 'number' && length > MAX ? ` no longer than ${MAX}` : '';
      return [{}, undefined, `${name} must be a ${/s$/.test(type) ? 'list of ' : ''}${type}${long}`];
    }
  const { enabled, dsn } = options as Options;
  const parsed = enabled === false ? 'empty' : parseDsn(dsn ?? '');
  if (typeof parsed !== 'string') return [options, parsed];
  const wrong = `the ${parsed} of the DSN is wrong, it must look like https://key@host/project`;
  return [options, undefined, parsed === 'empty' ? undefined : wrong];
}
