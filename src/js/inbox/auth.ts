// Who sends: the key from the query string, the X-Sentry-Auth header or the DSN in the envelope header.

import type { IncomingHttpHeaders } from 'node:http';
import type { Json } from './json.js';

export interface Credentials {
  key: string;
  /** Where the key was found, for sentences. */
  from: string;
}

/** Missing is 401, as in Relay; a wrong one 403. */
export class AuthFault {
  constructor(
    readonly status: 401 | 403,
    readonly sentence: string,
  ) {}
}

const PARTS = /^(\w+):\/\/(\w+)(?::(\w*))?@(\[[:.%\w]+\]|[\w.-]+)(?::(\d+))?\/(.+)$/;

/** Finds the key and checks that all places that name one agree. Any key and any project are let in: nothing is secret here. */
export function authenticate(
  query: URLSearchParams,
  headers: IncomingHttpHeaders,
  dsn: Json | undefined,
  project: string,
): Credentials | AuthFault {
  const found: Credentials[] = [];

  const inQuery = query.get('sentry_key');
  if (inQuery !== null) {
    const fault = version(query.get('sentry_version'), 'The query string');
    if (fault) return fault;
    found.push({ key: inQuery, from: 'the query string' });
  }

  const header = headers['x-sentry-auth'];
  if (typeof header === 'string') {
    const parts = /^Sentry\s+(.*)$/is.exec(header)?.[1];
    if (parts === undefined) return new AuthFault(403, 'X-Sentry-Auth must start with "Sentry ".');
    const values = new Map(
      parts.split(',').map((part) => {
        const [name = '', ...rest] = part.trim().split('=');
        return [name, rest.join('=')] as const;
      }),
    );
    const key = values.get('sentry_key');
    if (key === undefined) return new AuthFault(403, 'X-Sentry-Auth has no sentry_key.');
    const fault = version(values.get('sentry_version') ?? null, 'X-Sentry-Auth');
    if (fault) return fault;
    found.push({ key, from: 'X-Sentry-Auth' });
  }

  if (typeof dsn === 'string') {
    const parts = PARTS.exec(dsn);
    if (!parts) return new AuthFault(403, 'The dsn of the envelope header is not PROTOCOL://KEY@HOST/PROJECT.');
    const id = (parts[6] ?? '').replace(/\/+$/, '').split('/').pop() ?? '';
    if (id !== project) return new AuthFault(403, `The dsn of the envelope header names project ${id}, but the URL names ${project}.`);
    found.push({ key: parts[2] ?? '', from: 'the dsn of the envelope header' });
  }

  const first = found[0];
  if (!first) return new AuthFault(401, 'No key: send sentry_key in the query string, X-Sentry-Auth, or dsn in the envelope header.');
  for (const one of found) {
    if (!/^\w{1,128}$/.test(one.key)) return new AuthFault(403, `The key in ${one.from} must be letters, digits or "_".`);
    if (one.key !== first.key) return new AuthFault(403, `The keys in ${first.from} and in ${one.from} differ.`);
  }
  return first;
}

/** 7 is the version of today; one widespread SDK still says 5. */
function version(given: string | null, where: string): AuthFault | undefined {
  if (given === '7' || given === '5') return undefined;
  return new AuthFault(403, `${where} must say sentry_version=7, not ${given === null ? 'nothing' : JSON.stringify(given.slice(0, 20))}.`);
}
