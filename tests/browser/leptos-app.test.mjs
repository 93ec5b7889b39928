// An application of Leptos's with the crate in it, driven as its user would: what goes wrong arrives, and the page stays.
import assert from 'node:assert/strict';
import { click, commonTests, exampleApp, shown } from '../lib/app.mjs';
import { parts } from '../lib/env.mjs';
import { breadcrumbs, expectContains, messageOf } from '../lib/expect.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

const app = exampleApp('leptos-app', 'SEATS[seat.get()]');

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

    test('reports an error with its sources', async (w) => {
      const page = await app.started(w);
      await click(page, '#book');
      const { payload } = await w.inbox.waitFor();
      assert.deepEqual(
        payload.exception.values.map(({ type, value, mechanism }) => [type, value, mechanism.handled]),
        [
          ['ParseIntError', 'invalid digit found in string', true],
          ['NoSuchRow', 'there is no row 2A', true],
          ['BookingFailed', 'the booking failed', true],
        ],
      );
      assert.equal(payload.level, 'error');
    });

    test('reports an error that is traced, and what was traced before as a breadcrumb', async (w) => {
      const page = await app.started(w);
      await click(page, '#pay');
      const { payload } = await w.inbox.waitFor();
      assert.deepEqual([messageOf(payload), payload.logger, payload.level], ['not paid', 'leptos_app', 'error']);
      assert.equal(payload.extra.seat, '12A');
      expectContains(breadcrumbs(payload), [{ message: 'about to pay', category: 'leptos_app', level: 'info' }]);
    });
  },
  { more: [parts.leptosApp] },
);
