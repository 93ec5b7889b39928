// Checks what `init` is given.

import { parseDsn, type Dsn } from './dsn.js';
import type { Options } from './types.js';
import { get } from './values.js';

const TYPES: Record<keyof Options, string> = {
  dsn: 'string',
  release: 'string',
  environment: 'string',
  dist: 'string',
  serverName: 'string',
  tunnel: 'string',
  inferIp: 'string',
  maxBreadcrumbs: 'number',
  debug: 'boolean',
  enabled: 'boolean',
  globalHandlers: 'boolean',
  initialScope: 'object',
  wasm: '',
};

/** The options; the DSN, if there is one to send to; a sentence, if something is to be mended. */
export function read(from: Options | undefined): [options: Options, dsn?: Dsn, wrong?: string] {
  const options: Record<string, unknown> = {};
  for (const name in TYPES) {
    const type = TYPES[name as keyof Options];
    const value = (options[name] = get(from, name) ?? undefined);
    if (value !== undefined && type && typeof value !== type) return [{}, undefined, `${name} must be a ${type}`];
  }
  const { enabled, dsn } = options as Options;
  const parsed = enabled === false ? 'empty' : parseDsn(dsn ?? '');
  if (typeof parsed !== 'string') return [options, parsed];
  const wrong = `the ${parsed} of the DSN is wrong, it must look like https://key@host/project`;
  return [options, undefined, parsed === 'empty' ? undefined : wrong];
}
