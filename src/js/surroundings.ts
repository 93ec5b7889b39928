// The page or worker in which an event happens.

import { framesOf } from './frames.js';
import { scrubUrl } from './scrub.js';
import type { Options } from './types.js';
import { cut, isObject, tagOf, type Bag } from './values.js';
import { runtime } from './runtime.js';

const enum Max {
  Url = 8192,
}

export interface Request {
  url?: string | undefined;
  headers?: { 'User-Agent'?: string | undefined; Referer?: string | undefined } | undefined;
}

const scope = globalThis as Partial<typeof globalThis>;
let culture: Bag | undefined;

/** Language and time zone. Asking for them may take 30 to 80 ms the first time, so it is done when the page is idle. */
export function readCulture(): void {
  try {
    const { locale, timeZone: timezone, calendar } = Intl.DateTimeFormat().resolvedOptions();
    culture = { locale, timezone, calendar };
  } catch {
    // The page has broken it.
  }
}

/** The contexts of every event. */
export const contexts = (): Bag =>
  __EDGE__ ? { runtime: { ...runtime } } : { culture, runtime: { name: 'browser', scope: tagOf(scope) } };

/** The protocol's `request`. */
export function request({ dataCollection }: Options): Request | undefined {
  const { location, navigator, document } = scope;
  if (!location) return;
  const url = (text: string): string => cut(scrubUrl(text, dataCollection?.queryParams === false), Max.Url);
  return {
    url: url(location.href),
    headers:
      dataCollection?.httpHeaders === false
        ? undefined
        : {
            'User-Agent': navigator?.userAgent,
            Referer: document?.referrer ? url(document.referrer) : undefined,
          },
  };
}

/** Debug ids of source maps, by file. Bundler plugins register each of their files by the stack of an error in it. */
const ids = new Map<string, { file: string | undefined; id: unknown }>();

/** The images of the files that stacks speak of. */
export function sourceMaps(stacks: string): Bag[] {
  const images: Bag[] = [];
  for (const name of ['_sentryDebugIds', '_debugIds']) {
    const known = (globalThis as unknown as Bag)[name];
    if (isObject(known)) {
      for (const stack of Object.keys(known)) {
        let entry = ids.get(stack);
        if (!entry) ids.set(stack, (entry = { file: framesOf(stack).at(-1)?.filename, id: (known as Bag)[stack] }));
        const { file, id } = entry;
        if (file && stacks.includes(file) && typeof id === 'string' && images.every((image) => image.code_file !== file))
          images.push({ type: 'sourcemap', code_file: file, debug_id: id });
      }
    }
  }
  return images;
}
