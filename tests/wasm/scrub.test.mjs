// The shim's scrubber agrees with the fixtures, which the core's is tested with, too. Here it is bundled by itself.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { build } from 'esbuild';
import { dist, needs, parts, root, tests } from '../lib/env.mjs';

const FILTERED = '[Filtered]';
const rows = JSON.parse(await readFile(join(tests, 'fixtures/scrub.json')));
const texts = rows.filter(({ input }) => typeof input === 'string');
let scrub;

before(async () => {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/js/scrub.ts')],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    mangleProps: /[^_]_$/,
    write: false,
  });
  const { scrubBag, scrubText, scrubUrl } = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
  );
  scrub = {
    text: scrubText,
    url: (url) => scrubUrl(url),
    'url-no-query': (url) => scrubUrl(url, true),
    bag: (bag) => scrubBag(bag),
    'bag-pii': (bag) => scrubBag(bag, true),
  };
});

describe('the fixtures', () => {
  test('everything comes out as they say, and stays so', () => {
    assert.ok(rows.length > 150);
    for (const { kind, input, output } of rows) {
      const before = JSON.stringify(input);
      assert.deepEqual(scrub[kind](input), output, `${kind} ${before}`);
      assert.equal(JSON.stringify(input), before, 'what comes in is not changed');
      assert.deepEqual(scrub[kind](output), output, `a second time, ${kind} ${before}`);
    }
  });

  test('what grows grows by little', () => {
    for (const { kind, input } of texts) {
      const out = scrub[kind](input);
      const encoded = (input.match(/[\0- "']/g) ?? []).length;
      assert.ok(out.length <= input.length + 12 * (out.split(FILTERED).length - 1) + 2 * encoded, `${kind} ${input}`);
    }
  });
});

describe('text', () => {
  const names = 'auth token secret password passwd pwd key jwt bearer sso saml csrf xsrf credentials session sid identity';

  test('every term is found anywhere in a name, in any case', () => {
    for (const name of names.split(' ')) {
      for (const key of [name, name.toUpperCase(), `x_${name}`, `${name}2`, `my-${name}.x`, `data[${name}]`, `${name}[]`]) {
        for (const [kind, text] of [
          ['url', `https://h/?a=1&${key}=hunter2&b=2`],
          ['url', `https://h/#${key}=hunter2`],
          ['text', `${key}=hunter2`],
          ['text', `{"${key}":"hunter2"}`],
          ['text', `${key}: hunter2`],
        ]) {
          assert.equal(scrub[kind](text), text.replace('hunter2', FILTERED));
        }
      }
      assert.deepEqual(scrub.bag({ [`X-${name}-Y`]: 'hunter2' }), { [`X-${name}-Y`]: FILTERED });
    }
  });

  test('random words and signs make it neither throw nor leak what is named', () => {
    const bits = [...'abk :=;&?#/@%"\'\\[]{}()<>,.\n\t-_09é漢', '😀', '\ud800', 'key', 'token=', '%25', '%3D', 'eyJ', '//', 'data:', ': '];
    let seed = 1;
    const random = (below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let i = 0; i < 20_000; i++) {
      const text = Array.from({ length: random(20) }, () => bits[random(bits.length)]).join('');
      for (const kind of ['text', 'url', 'url-no-query']) assert.equal(typeof scrub[kind](text), 'string');
      // On a line of its own it is in no quote that was opened before.
      const line = `${text}\n{"token":"hunter2"}`;
      assert.ok(!scrub.text(line).includes('hunter2'), JSON.stringify(line));
    }
  });

  test('a text that is too long is cut', () => {
    const long = 'x '.repeat(100_000) + 'token=hunter2';
    for (const kind of ['text', 'url']) assert.ok(scrub[kind](long).length <= 65_536);
  });
});

describe('bags', () => {
  test('hostile ones give a copy of what can be read', () => {
    const cycle = { token: 'hunter2' };
    cycle.self = cycle;
    const hostile = [
      [{ get token() { throw new Error('hunter2'); }, page: 1 }, { token: FILTERED, page: 1 }],
      [new Proxy({}, { ownKeys() { throw new Error('hunter2'); } }), undefined],
      [cycle, undefined],
      [JSON.parse('{"__proto__":{"token":"hunter2"},"constructor":"x"}'), undefined],
      [null, {}],
      [7, {}],
      [{ a: { b: { c: { d: { token: 'hunter2' } } } } }, undefined],
      [{ big: 1n, none: undefined, date: new Date(0), list: [{ pwd: 'hunter2' }, 'sid=hunter2'] }, undefined],
    ];
    for (const [bag, expected] of hostile) {
      const out = scrub.bag(bag);
      assert.ok(!JSON.stringify(out).includes('hunter2'));
      if (expected) assert.deepEqual(out, expected);
    }
    assert.equal({}.token, undefined);
  });

  test('many members are bounded', () => {
    const bag = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`name${i}`, 'x'.repeat(1000)]));
    assert.ok(JSON.stringify(scrub.bag(bag)).length < 40_000);
  });
});

test('time grows with length and no faster', () => {
  // What begins much and ends nothing.
  const hostile = [
    ...['a', 'key', 'key:', 'key=', 'token]', 'token[', 'token[a', 'key[a]', 'key\\', 'key\\"', 'key:"\\', 'key:{', 'key:{a}{'],
    ...['key:[', 'key: b', 'key ', 'key==', 'key:11:', 'keyerror', 'eyJ', 'eyJabcdefghi.', '-', '-----BEGIN ', '4', '4 '],
    ...['4-', '//', '//a@', 'a:', 'a:b@', '@', ':1', 'key=:1', 'data:', 'data:a/', 'bearer a', '%', '%25', '%74', 'token%3Da'],
    ...['%4%3', 'key=)', 'key=#a', 'key\t', '"', '\\', '\n', 'sig', 'mailto:a', 'é', '😀'],
  ];
  for (const unit of hostile) {
    for (const tail of ['', '@', 'x', '"', '}']) {
      const time = (length) => {
        const text = unit.repeat(length / unit.length) + tail;
        const began = performance.now();
        scrub.text(text);
        return performance.now() - began;
      };
      // Four times the length takes four times as long; sixteen times would be quadratic. A machine that has more to do
      // may be slow once, but not every time.
      const fine = () => time(64_000) < Math.max(time(16_000) * 9, 100);
      assert.ok(fine() || fine() || fine() || fine() || fine(), `${JSON.stringify(unit)} and ${tail}: ${time(64_000)} ms`);
    }
  }
});

test('the module of the npm package does not carry the core\'s twin', { skip: needs(parts.dist) }, async () => {
  const module = await readFile(join(dist, 'tailcone_bg.wasm'));
  assert.ok(module.includes('exception'), 'texts of the module can be read');
  assert.ok(!module.includes(FILTERED));
});
