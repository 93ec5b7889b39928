// Real browsers behind one API: Chromium by CDP and Firefox by BiDi, both through puppeteer-core.
import puppeteer from 'puppeteer-core';
import { chromium, firefox, needs, parts } from './env.mjs';
import { within } from './process.mjs';

const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const engines = {
  chromium: {
    part: parts.chromium,
    launch: ({ args = [], ...extra }) =>
      puppeteer.launch({ executablePath: chromium, headless: true, args: [...chromiumArgs, ...args], ...extra }),
  },
  firefox: {
    part: parts.firefox,
    launch: () =>
      puppeteer.launch({
        browser: 'firefox',
        executablePath: firefox,
        headless: true,
        // No call home of any kind while a test runs.
        extraPrefsFirefox: {
          'app.update.enabled': false,
          'datareporting.policy.dataSubmissionEnabled': false,
          'network.captive-portal-service.enabled': false,
          'network.connectivity-service.enabled': false,
          'browser.safebrowsing.downloads.remote.enabled': false,
        },
      }),
  },
};

export const engineMissing = (name, ...more) => needs(engines[name].part, ...more);

/**
 * Starts a browser; `extra` goes to Chromium's driver. `page()` opens a page whose console lines and uncaught errors are kept in `page.lines` (text with
 * its type before it) and `page.failures`.
 */
export async function launch(name, extra = {}) {
  const browser = await engines[name].launch(extra);
  return {
    name,
    browser,
    async page() {
      const page = await browser.newPage();
      page.setDefaultTimeout(20_000);
      page.lines = [];
      page.failures = [];
      page.on('console', (message) => page.lines.push({ type: message.type(), text: message.text() }));
      page.on('pageerror', (error) => page.failures.push(String(error?.message ?? error)));
      return page;
    },
    async close() {
      await within(5000, browser.close());
      browser.process()?.kill('SIGKILL');
    },
  };
}
