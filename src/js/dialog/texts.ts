// The dialog's texts and their language: the well-known defaults, replaced one by one by what the caller gives.

import type { ReportDialogOptions } from '../types.js';

const DEFAULTS = {
  title: "It looks like we're having issues.",
  subtitle: 'Our team has been notified.',
  subtitle2: "If you'd like to help, tell us what happened below.",
  labelName: 'Name',
  labelEmail: 'Email',
  labelComments: 'What happened?',
  labelClose: 'Close',
  labelSubmit: 'Submit Crash Report',
  errorGeneric: 'An unknown error occurred while submitting your report. Please try again.',
  errorFormEntry: 'Some fields were invalid. Please correct the errors and try again.',
  successMessage: 'Your feedback has been sent. Thank you!',
};

export type Texts = typeof DEFAULTS;

/** Characters of a text: more would keep the browser busy for long. */
const MAX = 2000;

/** Only the subtitles may be empty: everything else names a control or is all that a state has to say. */
export function textsOf(options: ReportDialogOptions): Texts {
  const texts = { ...DEFAULTS };
  for (const key of Object.keys(DEFAULTS) as (keyof Texts)[]) {
    const text: unknown = options[key];
    if (typeof text === 'string' && (text.trim() || key.startsWith('sub'))) texts[key] = text.slice(0, MAX);
  }
  return texts;
}

/** The placeholders have no option and are English, so each goes only with the default label of its field. */
export const placeholder = (texts: Texts, label: keyof Texts, text: string): string =>
  texts[label] === DEFAULTS[label] ? text : '';

/** `[lang, dir]`, or nothing when the texts are the caller's and of unknown language: then the page's hold. */
export function languageOf(options: ReportDialogOptions): [string, string] | undefined {
  try {
    const { lang } = options;
    // Anything else may have a function of that name that does something.
    const locale = new Intl.Locale(typeof lang === 'string' ? lang.replace(/_/g, '-') : '');
    return [`${locale}`, /Adlm|Arab|Hebr|Nkoo|Rohg|Syrc|Thaa/.test(locale.maximize().script!) ? 'rtl' : 'ltr'];
  } catch {
    // No tag, or none that could be read.
    return Object.keys(DEFAULTS).some((key) => key in options) ? undefined : ['en', 'ltr'];
  }
}
