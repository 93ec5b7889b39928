// Which errors are not worth sending: what the application says, and what is known to be noise.

import { framesOf } from './frames.js';
import type { Exception } from './error.js';
import type { ErrorEvent, Options, Pattern } from './types.js';
import { get } from './values.js';

/** Noise that browsers, their extensions and other people's scripts make on any page; by the text of the error. */
const NOISE: Record<string, RegExp> = {
  scriptError: /^(Javascript error: )?Script error\.?/i,
  resizeObserver: /^ResizeObserver loop /,
  googletag: /^Cannot redefine property: googletag$/,
  gmo: /^Can't find variable: gmo$/,
  solana: /solana|\(evaluating 'a\.[A-Z]'\)$/,
  autofill: /_AutofillCallbackHandler/,
  cefsharp: /Object Not Found Matching Id:/,
  javaBridge: /^Java exception was raised during method invocation$/,
};

/** By the file of the innermost frame. */
const EXTENSIONS = /^(chrome|moz|safari|safari-web|webkit-masked-url)(-extension)?:\/\//;

/**
 * The filters that are on unless `defaultFilters` says otherwise; all but `extensions` look at the error's text. On
 * servers they are off unless it says so: there, what looks like a page's noise is an error of the application.
 */
export const defaultFilters = (): Record<string, RegExp> => ({ ...NOISE, extensions: EXTENSIONS });

const fits = (patterns: Pattern[] | undefined, text: string): boolean =>
  !!patterns?.some((pattern) => (typeof pattern === 'string' ? text.includes(pattern) : text.search(pattern) >= 0));

/** Marks frames as the application's own, or not, by their file or function. */
export function markFrames(event: ErrorEvent, { inAppInclude, inAppExclude }: Options): ErrorEvent {
  for (const exception of event.exception?.values ?? []) {
    for (const frame of exception.stacktrace?.frames ?? []) {
      const named = (patterns: Pattern[] | undefined): boolean =>
        fits(patterns, frame.filename ?? '') || fits(patterns, frame.function ?? '');
      if (named(inAppInclude)) frame.in_app = true;
      else if (named(inAppExclude)) frame.in_app = false;
    }
  }
  return event;
}

/** The name of the filter that stops an event. */
export function stoppedBy(event: ErrorEvent, options: Options): string | undefined {
  const thrown = event.exception?.values?.at(-1) as Partial<Exception> | undefined;
  const { type, value = '', stack, stacktrace } = thrown ?? {};
  const texts = [event.logentry?.formatted ?? event.logentry?.message, value, `${type}: ${value}`].filter(
    (text) => typeof text === 'string',
  );
  const { defaultFilters: on = !__EDGE__, allowUrls, denyUrls } = options;
  // To read a stack takes time, and on servers it is seldom asked for.
  const frames = __EDGE__ && !on && !allowUrls && !denyUrls ? [] : stack ? framesOf(stack) : (stacktrace?.frames ?? []);
  const file = [...frames].reverse().find(({ filename }) => filename && !/^(<|\[native)/.test(filename))?.filename;
  if (texts.some((text) => fits(options.ignoreErrors, text))) return 'ignoreErrors';
  if (file && allowUrls && !fits(allowUrls, file)) return 'allowUrls';
  if (file && fits(denyUrls, file)) return 'denyUrls';
  const noisy = ([name, pattern]: [string, RegExp]): unknown =>
    get(on, name) !== false &&
    (name === 'extensions' ? [file ?? ''] : thrown ? texts : []).some((text) => fits([pattern], text!));
  return on ? Object.entries(defaultFilters()).find(noisy)?.[0] : undefined;
}
