// Real browsers behind one API, that of puppeteer-core: it drives Chromium by CDP and Firefox by BiDi; WebKitGTK, which
// it does not know, is driven by WebDriver.
import puppeteer from 'puppeteer-core';
import { chromium, firefox, needs, parts, webkit, xvfb } from './env.mjs';
import { within } from './process.mjs';
import { launchWebKit } from './webdriver.mjs';

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
    parts: [parts.chromium],
    launch: ({ args = [], ...extra }) =>
      puppeteer.launch({ executablePath: chromium, headless: true, args: [...chromiumArgs, ...args], ...extra }),
  },
  firefox: {
    parts: [parts.firefox],
    launch: (extra) =>
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
        ...extra,
      }),
  },
  webkit: {
    parts: [parts.webkit, parts.xvfb],
    launch: () => launchWebKit(webkit, xvfb),
  },
};

/** What cannot be had of some browsers, with those: for the `except` of a suite or test that needs it. */
export const without = {
  /** What its driver does in a page needs the page's own language to be whole. */
  brokenPages: ['webkit'],
  /** What this driver reaches is the page itself. */
  frames: ['webkit'],
  /** A preference for dark colours, or for less motion, can be set through CDP only. */
  mediaFeatures: ['firefox', 'webkit'],
  /** Its regular expressions take 50 ms for 64 KiB of what is almost an address, thousands of times. */
  fastPatterns: ['webkit'],
  /** This browser's own bar needs about 450 pixels. */
  narrowWindows: ['webkit'],
  /** WebKitGTK gives Shift+Tab no `key`, as X has a key symbol of its own for it. */
  shiftTab: ['webkit'],
  /** WebKit's stacks leave the query and the fragment out of a script's address. */
  stackQueries: ['webkit'],
  /** Of a wasm frame WebKit says its function's index; its name, if it had read that when it compiled it; no place. */
  wasmFrames: ['webkit'],
  /** WebKit keeps 100 frames; if none of them is a script's, what the page hears of the error is "Script error.". */
  overflowsOfWasm: ['webkit'],
};

export const engineMissing = (name, ...more) => needs(...engines[name].parts, ...more);

/**
 * Starts a browser; `extra` goes to puppeteer. `page()` opens a page whose console lines and uncaught errors are kept in
 * `page.lines` (text with its type before it) and `page.failures`.
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
