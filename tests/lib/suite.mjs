// The frame of a browser suite: one server, one inbox and one browser for all of it, a new page for every test, and
// after each test the checks that hold for every event: the inbox refused nothing, Relay objects to nothing.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { engineMissing, engines, launch } from './browsers.mjs';
import { parts } from './env.mjs';
import { startInbox } from './inbox.mjs';
import { eventBodies, expectAccepted, relayMissing, startRelay } from './relay.mjs';
import { within } from './process.mjs';
import { serve } from './serve.mjs';

/**
 * Runs `define(test, engine)` once per browser: each, or those of the list `only`, without those of the list `except`
 * (see `without` in browsers.mjs). `test(title, {only, except, ...options}, fn)`, where the options, which else are those
 * of node:test, may be missing, gives `fn` one object:
 *   engine, browser, site, inbox, page()       the world; `page()` opens a page that is closed after the test
 *   open(path, ...)                            a page at a path of the site
 *   plan(pattern)                              says which uncaught errors of a page are planned, beside those that say so
 *   envelopeRequests()                         the requests this test made to the inbox's envelope endpoint
 * An uncaught error of a page that is not planned, and any rejected envelope, fails the test.
 */
export function forEachBrowser(title, define, { only, except, more = [] } = {}) {
  for (const engine of Object.keys(engines).filter(chosen(only, except))) {
    describe(`${title}, in ${engine}`, { skip: engineMissing(engine, parts.dist, ...more) }, () => {
      const world = { engine };
      let pages = [];
      let began = 0;
      let planned = [];

      before(async () => {
        [world.site, world.inbox, world.browser] = await Promise.all([serve(), startInbox(), launch(engine)]);
        if (!relayMissing) world.relay = startRelay();
      });
      after(() => Promise.all([world.browser?.close(), world.site?.stop(), world.inbox?.stop(), world.relay?.stop()]));

      beforeEach(async () => {
        world.site.reset();
        await world.inbox.behaviour({});
        await world.inbox.clear();
        began = Date.now();
        planned = [/planned/];
        pages = [];
      });
      afterEach(async () => {
        for (const page of pages) if (!page.isClosed()) await within(5000, page.close());
      });

      const since = (list, key) => list.filter((entry) => new Date(entry[key]).getTime() >= began);
      world.plan = (pattern) => planned.push(pattern);
      world.envelopeRequests = async () =>
        since(await world.inbox.requests(), 'at').filter(({ url }) => /\/envelope\//.test(url));

      const test = (name, ...rest) => {
        const body = rest.pop();
        const [{ only, except, ...options } = {}] = rest;
        if (!chosen(only, except)(engine)) return;
        it(name, { timeout: 60_000, ...options }, async (t) => {
          const page = async () => {
            const opened = await world.browser.page();
            pages.push(opened);
            return opened;
          };
          const open = async (path, options = {}) => {
            const opened = await page();
            await opened.goto(world.site.url + path, { waitUntil: 'load', ...options });
            return opened;
          };
          await body({ ...world, t, page, open });

          // What is under way from the pages comes before this answer.
          for (const page of pages) if (!page.isClosed()) await within(1000, page.evaluate(() => {}));
          for (const { failures } of pages) {
            const unplanned = failures.filter((failure) => !planned.some((pattern) => pattern.test(failure)));
            assert.deepEqual(unplanned, [], 'the page saw errors that the test did not plan');
          }
          assert.deepEqual(since(await world.inbox.rejected(), 'received_at'), [], 'the inbox rejected what was sent');
          const items = await world.inbox.items();
          if (world.relay) await expectAccepted(world.relay, items);
          const ids = items.filter(({ type }) => eventBodies.has(type)).map(({ event_id }) => event_id);
          assert.equal(new Set(ids).size, ids.length, `nothing is sent twice: ${ids}`);
        });
      };

      define(test, engine);
      if (relayMissing) it('every event passes Relay', { skip: relayMissing }, () => {});
    });
  }
}

const chosen =
  (only, except = []) =>
  (engine) =>
    (only?.includes(engine) ?? true) && !except.includes(engine);
