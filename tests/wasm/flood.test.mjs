// The shim's flood control does what the fixtures say, which the core's twin is tested with, too. Its source is bundled
// here by itself: the built package shows only what becomes of its verdicts.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { root, tests } from '../lib/env.mjs';

const { build } = createRequire(join(root, 'xtask/package.json'))('esbuild');
const { outputFiles } = await build({
  entryPoints: [join(root, 'src/js/flood.ts')],
  bundle: true,
  format: 'esm',
  write: false,
});
const { createFlood } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);

const NOW = 1_700_000_000_000;

/** The calls of a step: when, and with which keys; `#` is the number of the call, and keys of a list take turns. */
function* calls({ at, times = 1, every = 0, exact = 'a', coarse = 'a' }) {
  const key = (of, i) => [of].flat()[i % [of].flat().length].replace('#', i);
  for (let i = 0; i < times; i++) yield [key(exact, i), key(coarse, i), at + i * every];
}

/** Values as [value, how many times in a row]. */
function runs(values) {
  const found = [];
  for (const value of values) {
    if (found.at(-1)?.[0] === value) found.at(-1)[1]++;
    else found.push([value, 1]);
  }
  return found;
}

for (const row of JSON.parse(await readFile(join(tests, 'fixtures/floods.json')))) {
  test(row.name, () => {
    const flood = createFlood();
    const verdicts = [];
    const counts = [];
    for (const step of row.calls) {
      for (const [exact, coarse, now] of calls(step)) {
        const verdict = flood.check_(exact, coarse, now);
        verdicts.push(verdict);
        if (!verdict) counts.push(flood.suppressed_(coarse));
      }
    }
    if (row.tally) {
      assert.deepEqual([0, 1, 2].map((verdict) => verdicts.filter((it) => it === verdict).length), row.tally);
      assert.equal(counts.reduce((sum, count) => sum + count, 0), row.counted);
    } else {
      assert.deepEqual(runs(verdicts), row.verdicts);
      assert.deepEqual(runs(counts), row.counts);
    }
  });
}

/** Milliseconds that the processor spends on `run`, however busy the machine is. */
function cost(run) {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

test('100,000 fingerprints at once cost little', () => {
  const flood = createFlood();
  const ms = cost(() => {
    for (let i = 0; i < 100_000; i++) flood.check_(`TypeError: item ${i}`, `TypeError at line ${i}`, NOW);
  });
  assert.ok(ms < 1000, `${ms} ms`);
});

test('10,000 times the same stack costs little', () => {
  const flood = createFlood();
  const stack = '    at f (https://example.com/a.js:1:2)\n'.repeat(30);
  const ms = cost(() => {
    for (let i = 0; i < 10_000; i++) flood.check_('Error: no\n' + stack, 'Error at f', NOW);
  });
  assert.ok(ms < 500, `${ms} ms`);
});

test('long texts are told apart by their last character, and none is kept', () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc');
  const flood = createFlood();
  const long = (i) => `${i} `.repeat(30_000).slice(0, 59_999) + i;
  const pass = (exact, coarse, at, verdict) => assert.equal(flood.check_(exact, coarse, NOW + at * 1000), verdict);
  pass(long(1), 'place', 0, 0);
  pass(long(1), 'place', 0, 1);
  pass(long(1).slice(0, -1) + 'x', 'place', 0, 0);
  gc();
  const before = process.memoryUsage().heapUsed;
  for (let i = 2; i < 200; i++) pass(long(i), long(i), i, 0);
  gc();
  const kept = process.memoryUsage().heapUsed - before;
  assert.ok(kept < 2 ** 20, `${kept} bytes for ${200 * 2 * 60_000} in keys`);
});

test('a clock that is broken for a while locks nothing up', () => {
  for (const broken of [NaN, undefined, -1, Infinity]) {
    const flood = createFlood();
    for (let i = 0; i < 20; i++) flood.check_('a' + i, 'a', NOW);
    for (let i = 0; i < 20; i++) flood.check_('b' + i, 'a', broken);
    assert.equal(flood.check_('c', 'c', NOW), 0, `${broken}`);
    flood.check_('d', 'a', NOW);
    assert.equal(flood.check_('e', 'a', NOW + 60_000), 0, `${broken}`);
  }
});
