// Takes secrets out of what is collected without being asked for: URLs, free text, headers. What a user has set or
// captured never comes here. The core's `scrub` and the crate's `host/scrub.rs` are its twins;
// `tests/fixtures/scrub.json` pins all.

import { copyBag, cut, isObject, type Bag } from './values.js';

const enum Max {
  Text = 65_536,
  Bag = 16_384,
}

const FILTERED = '[Filtered]';

/** Found anywhere in a name: the terms of the specification, shortened where the rest is implied. */
const TERMS =
  'auth|token|secret|passw|passph|pwd|key|jwt|bearer|sso|saml|[cx]srf|credential|sess|sid|identity|cookie\\b|\\bsig\\b';

/** What a name is made of. The last alternative passes over every name that no other has taken, so that nothing is
 * looked at from more than a few starts. */
const NAME = '[^\\0-#&-),/:-@[-\\]{-}]';

const SECRETS = RegExp(
  // 1: a `data:` URL as far as its media type.
  '(data:(?:\\w+/[\\w.+-]*|(?=[,;])))[^\\0- "]*|' +
    // 2: a key in PEM, as far as the text or the string in it goes; a JWT.
    `(${NAME}*?---BEGIN[\\w ]{0,30}KEY[^"']*|eyJ\\w{9}${NAME}*)|` +
    // 3: digits grouped as those of a card's number are, or not grouped.
    '([2-6]\\d{3}([ -]?)\\d{4,6}\\4\\d{4,5}\\4?\\d{1,4}\\b)|' +
    // 5: a sensitive name, or an encoded one, and what makes it one: quotes, escaped or not, brackets, `=` or `:`. No
    // `:` is that of an error's message, a position, a port, a scheme, a path.
    `((?=${NAME}*?(?:${TERMS}|%[2-7]))(?!${NAME}*error:)${NAME}+(?!:(?:[:/]|\\d{1,5}\\b|wasm-f))` +
    `(?:\\[\\w*]|[\\\\\\]"']){0,32}[ \\t]*[=:][ \\t=>]*(\\\\*["'])?|bearer +(?=\\S*\\d))` +
    // 7: its value. As far as the quote that is escaped as often as the one before it; or as far as a space or a
    // fragment, but past an authentication scheme and what is in brackets.
    '((?:(?!\\6)\\\\*[^\\\\\n])+|(?:(?:b\\w+|token) +)?(?:\\{[^}]*|\\[[^\\]]*|[^\\0- "\'&;#]|#(?!/|[\\w-]*=))+)|' +
    // 8, 9: the userinfo of a URL, with its scheme or without.
    `(?:(//)|(?!mailto:)${NAME}+:)[^\\0- "#/<>?\\\\]{1,99}(@)|` +
    `${NAME}+`,
  'gi',
);

const SUSPECT = RegExp(TERMS + '|[%@]|eyJ|data:|\\d{4}[ -]?\\d{4}', 'i');

/** Without percent-encoding, however often it was done. Bytes stay bytes: the terms are ASCII. */
const plain = (text: string): string => unescape(text.replace(/%(25)+/g, '%')).replace(/%/g, '');

/** Whether there is a secret in what is encoded. */
const hidden = (text: string): boolean => /%/.test(text) && (text = plain(text)) !== scrubText(text);

/** Luhn's check: every other digit counts by the sum of the digits of its double. */
const isCard = (text: string): boolean =>
  text
    .match(/\d/g)!
    .reverse()
    .reduce((sum, digit, i) => sum + +(i % 2 ? (+digit * 2) % 9 || digit : digit), 0) %
    10 <
  1;

/** Free text. Most of it has nothing that could be a secret, and that is soon seen. */
export const scrubText = (text: string): string =>
  SUSPECT.test((text = cut(text, Max.Text)))
    ? text.replace(
        SECRETS,
        (all: string, media, secret, card, _, key, __, value, slashes = '', at) =>
          media ??
          (at
            ? `${slashes}${FILTERED}:${FILTERED}@`
            : secret || (key && SUSPECT.test(plain(key))) || hidden(all) || (card && isCard(card))
              ? // A position in a script stays, and the punctuation behind it.
                (key ?? '') + FILTERED + /((:\d+){2})?[),.]{0,2}$/.exec(value)![0]
              : all),
      )
    : text;

/** A URL of any form, also a broken one. `dropQuery` cuts off query and fragment. */
export function scrubUrl(url: string, dropQuery?: boolean): string {
  if (dropQuery) url = url.split(/[?#]/)[0]!;
  // As a browser would write it, for a space or a quote ends a value in free text.
  const text = url.replace(/[\0- "']/g, escape);
  const out = scrubText(text);
  return out === text ? url : out;
}

/** Cookies whose names have none of the terms. */
const COOKIES = 'remember|logged_in|nonce|oidc|pkce|__host-|__secure-|2fa|mfa|cfid';
/** Headers that speak of the user. */
const EXTENDED = 'forwarded|-ip|remote-|via|-user';

/** What tells a sensitive name; the first one with those that speak of the user. */
const names: RegExp[] = [];

/** A copy of headers, cookies, a query. Without `pii` also without what speaks of the user. */
export const scrubBag = (bag: Bag, pii = false): Bag =>
  clean(
    copyBag(bag, Max.Bag) ?? {},
    (names[+pii] ??= RegExp(`${TERMS}|${COOKIES}${pii ? '' : '|' + EXTENDED}`, 'i')),
  ) as Bag;

function clean(value: unknown, sensitive: RegExp): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (Array.isArray(value)) return value.map((one) => clean(one, sensitive));
  if (!isObject(value)) return value;
  const fields = Object.entries(value).map(([name, field]) => [
    name,
    sensitive.test(/%/.test(name) ? plain(name) : name) ? FILTERED : clean(field, sensitive),
  ]);
  return Object.fromEntries(fields);
}
