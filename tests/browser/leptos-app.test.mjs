// An application of Leptos's with the crate in it, driven as its user would: what goes wrong arrives, and the page stays.
import assert from 'node:assert/strict';
import { click, commonTests, exampleApp, shown } from '../lib/app.mjs';
import { parts } from '../lib/env.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

const app = exampleApp('leptos-app');

forEachBrowser(
  'a Leptos app',
  (test) => {
    commonTests(test, app);

    test('reports the panic of an event handler, and the hook of the application is called', async (w) => {
      w.plan(/unreachable/i);
      const page = await app.started(w);
      await click(page, '#give-back');
      await app.expectPanic(w, page, await w.inbox.waitFor(), /^no seat is booked$/, '.expect("no seat is booked")');
      assert.equal(await page.evaluate(() => document.title), 'Something went wrong');
      await click(page, '#next');
      await shown(page, '12B');
    });
  },
  { more: [parts.leptosApp] },
);
