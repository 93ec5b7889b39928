// Checks what `init` is given.

import { parseDsn, type Dsn } from './dsn.js';
import type { Options } from './types.js';
import { get } from './values.js';

/** The names of the options by their type; a list is one of texts, `pattern` one of texts and regular expressions. */
const TYPES = {
  string: 'dsn release environment dist serverName tunnel inferIp sendResult sdkLogLevel',
  number: 'sampleRate maxBreadcrumbs maxValueLength normalizeDepth normalizeMaxBreadth',
  boolean: 'enabled debug globalHandlers attachStacktrace dedupe floodControl reportModules sendDefaultPii',
  function: 'beforeSend afterSend beforeBreadcrumb excludeException debugWriter',
  object: 'tags modules dataCollection',
  list: 'includedEnvironments',
  pattern: 'ignoreErrors allowUrls denyUrls inAppInclude inAppExclude',
  any: 'initialScope integrations breadcrumbs defaultFilters wasm',
};

/** The options; the DSN, if there is one to send to; a sentence, if something is to be mended. */
export function read(from: Options | undefined): [options: Options, dsn?: Dsn, wrong?: string] {
  const options: Record<string, unknown> = {};
  for (const [type, names] of Object.entries(TYPES)) {
    for (const name of names.split(' ')) {
      const value = (options[name] = get(from, name) ?? undefined);
      const right =
        type === 'any' ||
        typeof value === type ||
        (Array.isArray(value) &&
          (type === 'list' || type === 'pattern') &&
          value.every((part) => typeof part === 'string' || (type === 'pattern' && typeof part?.exec === 'function')));
      if (value !== undefined && !right) {
        const plain = type === 'list' || type === 'pattern' ? `list of texts${type === 'list' ? '' : ' and RegExps'}` : type;
        return [{}, undefined, `${name} must be a ${plain}`];
      }
    }
  }
  const { enabled, dsn } = options as Options;
  const parsed = enabled === false ? 'empty' : parseDsn(dsn ?? '');
  if (typeof parsed !== 'string') return [options, parsed];
  const wrong = `the ${parsed} of the DSN is wrong, it must look like https://key@host/project`;
  return [options, undefined, parsed === 'empty' ? undefined : wrong];
}
