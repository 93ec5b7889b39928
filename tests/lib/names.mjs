// The private names of the parts that the build leaves for tests, by those that stand in the source.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './env.mjs';

const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

/** What the module calls its exports and imports, by the source's names. */
export const crossing = () =>
  Object.fromEntries(Object.entries(read('src/js/crossing.json')).map(([name, short]) => [name.slice(0, -1), short]));

const names = () => Object.entries(read('target/npm/parts/names.json'));
const long = (short) => names().find(([, name]) => name === short)?.[0].slice(0, -1) ?? short;

/** An object of the tests, under the names that a part knows. */
export const shortened = (object) => new Proxy(object, { get: (_, short) => object[long(short)] });

/** An object of a part, under the names of the source. */
export const lengthened = (object) => Object.fromEntries(Object.entries(object).map(([short, value]) => [long(short), value]));
