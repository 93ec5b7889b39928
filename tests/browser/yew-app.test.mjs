// An application of Yew's with the crate in it, driven as its user would: what goes wrong arrives, and the page stays.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { without } from '../lib/browsers.mjs';
import { parts, root } from '../lib/env.mjs';
import { breadcrumbs, expectContains, thrown } from '../lib/expect.mjs';
import { until } from '../lib/process.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

const source = readFileSync(join(root, 'examples/yew-app/src/lib.rs'), 'utf8');

async function started(w) {
  const page = await w.open('/pages/yew-app.html');
  await page.waitForFunction(() => globalThis.ready === true);
  await page.evaluate((dsn) => app.start(dsn), w.inbox.dsn);
  await page.waitForFunction(() => document.querySelector('#seat')?.textContent === '12A');
  return page;
}

const click = (page, id) => page.evaluate((id) => document.querySelector(id).click(), id);

forEachBrowser(
  'a Yew app',
  (test) => {
    test('reports the panic of a component with what the user did, and the console has it, too', async (w) => {
      w.plan(/unreachable|index out of bounds/i);
      const page = await started(w);
      for (const seat of ['12B', '12C']) {
        await click(page, '#next');
        await page.waitForFunction((seat) => document.querySelector('#seat').textContent === seat, {}, seat);
      }
      await click(page, '#next');
      const { payload } = await w.inbox.waitFor();
      expectContains(payload, { level: 'fatal', release: 'yew-app@0.1.0', environment: 'demo' });
      const { value, mechanism, stacktrace } = thrown(payload);
      assert.match(value, /index out of bounds: the len is 3 but the index is 3/);
      const line = source.slice(0, source.indexOf('SEATS[*seat]')).split('\n').length;
      assert.match(mechanism.data.location, new RegExp(`yew-app/src/lib\\.rs:${line}:\\d+$`));
      if (!without.wasmFrames.includes(w.engine)) {
        assert.ok(stacktrace.frames.some((frame) => /yew_app/.test(frame.function)), JSON.stringify(stacktrace.frames.map((frame) => frame.function)));
      }
      expectContains(
        breadcrumbs(payload).map(({ message, category }) => ({ message, category })),
        Array(3).fill({ message: 'the next seat', category: 'ui' }),
      );
      await until(
        () => page.lines.some(({ type, text }) => type === 'error' && text.includes('panicked at')),
        () => `the panic in the console: ${JSON.stringify(page.lines)}`,
      );
      // The trap that it ended in is no event of its own.
      await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
      assert.equal((await w.inbox.items({ type: 'event' })).length, 1);
      assert.equal(page.lines.filter(({ text }) => text.includes('panicked at')).length, 1, 'once');
    });

    test('reports a request that was rejected', async (w) => {
      w.plan(/9\/seats|ERR_|Failed to load|CORS|NetworkError|blocked/i);
      const page = await started(w);
      await click(page, '#look-up');
      const { payload } = await w.inbox.waitFor();
      assert.equal(thrown(payload).type, 'TypeError');
      expectContains(breadcrumbs(payload), [{ message: 'look up', category: 'ui', level: 'info' }]);
      await until(
        () => page.lines.some(({ text }) => text.endsWith(`tailcone: event ${payload.event_id} sent`)),
        () => `the line of \`debug\` in the console: ${JSON.stringify(page.lines)}`,
      );
      await click(page, '#next');
      await page.waitForFunction(() => document.querySelector('#seat').textContent === '12B');
    });
  },
  { more: [parts.yewApp] },
);
