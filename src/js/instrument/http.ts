// What the breadcrumbs of `fetch` and `XMLHttpRequest` have in common.

import { scrubUrl } from '../scrub.js';
import { cut, describe, get } from '../values.js';
import { tell } from './patch.js';

const enum Max {
  Url = 2048,
  Method = 20,
}

/** The absolute address of a text, a `URL`, a `Request` or whatever the page gives for one. */
export function address(from: unknown): string {
  const text = describe(get(from, 'url') ?? get(from, 'href') ?? from, Max.Url);
  try {
    return new URL(text, globalThis.document?.baseURI ?? location.href).href;
  } catch {
    return text;
  }
}

/** Called when the answer is there, or with a `status` that is not a number when there will be none. */
export function answered(
  kind: 'fetch' | 'xhr',
  method: unknown,
  url: string,
  status: number,
  hint: Record<string, unknown>,
): void {
  tell(
    kind,
    ({ dropQuery_ }) => ({
      type: 'http',
      category: kind,
      level: status < 400 ? 'info' : status < 500 ? 'warning' : 'error',
      data: {
        method: describe(method ?? 'GET', Max.Method).toUpperCase(),
        url: cut(scrubUrl(url, dropQuery_), Max.Url),
        status_code: status || undefined,
      },
    }),
    hint,
  );
}
