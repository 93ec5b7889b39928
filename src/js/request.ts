// The page or worker in which an event happens, in the protocol's `request` form.

import { cut } from './values.js';

const enum Max {
  Url = 8192,
}

export interface Request {
  url?: string | undefined;
  headers: { 'User-Agent'?: string | undefined; Referer?: string | undefined };
}

export function request(): Request | undefined {
  const { location, navigator, document } = globalThis as Partial<typeof globalThis>;
  if (!location) return;
  return {
    url: cut(location.href, Max.Url),
    headers: {
      'User-Agent': navigator?.userAgent,
      Referer: document?.referrer ? cut(document.referrer, Max.Url) : undefined,
    },
  };
}
