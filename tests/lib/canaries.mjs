// Secrets that a page has in many places, none of which may ever arrive anywhere: 200 of them, all different, made anew in
// every run.
import { randomInt } from 'node:crypto';

/** Where they are, and how many in each place. */
export const places = {
  // What is collected, with secrets in it that can be told by their names or their form.
  'page query': 10,
  'page fragment': 5,
  'referrer': 6,
  'history': 14,
  'fetch URL': 15,
  'XHR URL': 8,
  'console': 38,
  'uncaught error': 10,
  'rejection': 9,
  'thrown object': 4,
  'script URL': 4,
  'data URL': 3,
  'blob URL': 2,
  'link URL': 3,
  'label': 4,
  // What is never collected.
  'fetch header': 8,
  'fetch body': 5,
  'XHR header': 3,
  'XHR body': 2,
  'beacon': 1,
  'answer': 4,
  'WebSocket URL': 2,
  'EventSource URL': 1,
  'image URL': 2,
  'worker URL': 2,
  'message': 2,
  'field': 8,
  'typed': 5,
  'clicked text': 4,
  'attribute': 7,
  'storage': 5,
  'title': 1,
  'global': 3,
};

// Without vowels and w no term can come about by chance, and no four digits stand side by side.
const LETTERS = 'bcdfghjmnpqrtvxz';

const letter = () => LETTERS[randomInt(LETTERS.length)];
const secret = () =>
  'zq' + Array.from({ length: 5 }, () => letter() + letter().toUpperCase() + (2 + randomInt(8))).join('');

/** Secrets by place. */
export const makeCanaries = () =>
  Object.fromEntries(Object.entries(places).map(([place, count]) => [place, Array.from({ length: count }, secret)]));

/** The ways in which a text may carry a secret: as it is, in any case, in base64 at any offset, backwards. */
function shapes(text) {
  const base64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.from('x'.repeat(offset) + text).toString('base64');
    // The ends depend on what stands beside it.
    return encoded.slice(offset && 4, -4);
  });
  return [text, ...base64, [...text].reverse().join('')].map((shape) => shape.toLowerCase());
}

/** Those whose secret is in one of the texts, as `place: secret: surroundings`. */
export function leaks(canaries, texts) {
  const found = [];
  const low = texts.map((text) => text.toLowerCase());
  for (const [place, secrets] of Object.entries(canaries)) {
    for (const text of secrets) {
      for (const shape of shapes(text)) {
        const where = low.findIndex((one) => one.includes(shape));
        if (where < 0) continue;
        const at = low[where].indexOf(shape);
        found.push(`${place}: ${text}: ${texts[where].slice(Math.max(at - 120, 0), at + 60)}`);
        break;
      }
    }
  }
  return found;
}
