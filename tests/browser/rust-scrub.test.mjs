// The Rust app's scrubber, which is made of the host's regular expressions, agrees with the fixtures as the core's and the
// shim's do.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parts, tests } from '../lib/env.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

const fixtures = JSON.parse(await readFile(join(tests, 'fixtures/scrub.json')));
const rows = fixtures.filter(({ kind, input }) => (kind === 'text' || kind === 'url') && input);

/** A page that says what becomes of texts, which are those of uncaught errors, and of addresses, which are those of their
 * scripts. */
async function open(w) {
  // Some drivers take these events for errors of the page.
  w.plan(/^/);
  const page = await w.open('/pages/rust-app.html');
  await page.waitForFunction(() => globalThis.ready === true);
  await page.evaluate((dsn) => {
    app.start_keeping(dsn);
    globalThis.scrub = ({ kind, input }) => {
      const how = kind === 'url' ? { message: 'planned', filename: input } : { error: { name: 'Planned', message: input } };
      dispatchEvent(new ErrorEvent('error', how));
      const [{ value, stacktrace }] = JSON.parse(app.kept()).exception.values;
      return kind === 'url' ? stacktrace.frames[0].filename : value;
    };
  }, w.inbox.dsn);
  return page;
}

forEachBrowser(
  "a Rust app's scrubber",
  (test) => {
    test('what the fixtures have comes out as they say, and stays so', async (w) => {
      assert.ok(rows.length > 300);
      const page = await open(w);
      const twice = rows.flatMap(({ kind, input, output }) => [{ kind, input }, { kind, input: output }]);
      const out = await page.evaluate((rows) => rows.map(scrub), twice);
      assert.deepEqual(out, rows.flatMap(({ output }) => [output, output]));
    });

    test('what cannot be looked at is not told', async (w) => {
      const page = await open(w);
      const out = await page.evaluate(() => {
        String.prototype.replace = () => {
          throw new Error('planned');
        };
        return scrub({ kind: 'text', input: 'token=hunter2' });
      });
      assert.equal(out, '[Filtered]');
    });

    test('a long text takes no longer than it is long', async (w) => {
      const page = await open(w);
      const ms = await page.evaluate(() => {
        const words = ['token ', 'a%25b@', '1234 ', 'key: ', '"secret\\\\": ', 'x'];
        return Math.max(
          ...words.map((word) => {
            const start = performance.now();
            scrub({ kind: 'text', input: word.repeat(70_000 / word.length) });
            return performance.now() - start;
          }),
        );
      });
      assert.ok(ms < 500, `${ms} ms`);
    });
  },
  { more: [parts.rustApp] },
);
