// WebKitGTK behind the part of puppeteer's API that the suites use: its WebDriver, on a display of its own.
//
// What differs from the browsers that puppeteer drives:
// - `console` and `pageerror` are what a script in the page has seen; it is put there while the page loads, at the
//   latest when `goto` is done. Before that, and what the browser itself prints, nothing is seen, and nothing of frames
//   and workers. Both arrive with the answer to the next command, or within a tenth of a second.
// - A page is a window, since a tab in the background is hidden.
// - A string is evaluated by `eval`, which a page's policy may forbid; a function is not.
// - There is no more than is here: no frames, no interception, no emulation of media or of the network.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, sleep, start, until, within } from './process.mjs';

const everyMs = 100;
/** So long the driver has for a command; and for asking a page how it is, which is asked again then. What it asks of a
 * page that is just being given to another process (for a policy of its opener) is never answered. */
const patienceMs = 60_000;
const askingMs = 3000;

/** The keys that have a code of their own in WebDriver; all others are what they write. */
const keys = {
  Backspace: '\ue003',
  Tab: '\ue004',
  Enter: '\ue007',
  Shift: '\ue008',
  Control: '\ue009',
  Alt: '\ue00a',
  Escape: '\ue00c',
  PageUp: '\ue00e',
  PageDown: '\ue00f',
  End: '\ue010',
  Home: '\ue011',
  ArrowLeft: '\ue012',
  ArrowUp: '\ue013',
  ArrowRight: '\ue014',
  ArrowDown: '\ue015',
  Delete: '\ue017',
};

/** Starts a display and a browser on it. Gives what the suites use of puppeteer's `Browser`. */
export async function launchWebKit(driver, xvfb) {
  const home = mkdtempSync(join(tmpdir(), 'webkit-'));
  const display = start(xvfb, ['-displayfd', '1', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp']);
  const programs = [display];
  const end = async () => {
    for (const program of programs.reverse()) await program.stop(1000);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const said = () => display.output();
    const number = await until(() => /^(\d+)\n/m.exec(said())?.[1], () => `Xvfb to name its display; it printed:\n${said()}`);
    const port = await freePort();
    const env = {
      ...process.env,
      DISPLAY: `:${number}`,
      NO_AT_BRIDGE: '1',
      // Drawn plainly, it answers input ten times as fast.
      WEBKIT_DISABLE_COMPOSITING_MODE: '1',
      // The page's language, too.
      LC_ALL: 'en_US.UTF-8',
      XDG_CACHE_HOME: home,
      XDG_CONFIG_HOME: home,
      XDG_DATA_HOME: home,
    };
    const server = start(driver, [`--port=${port}`, '--host=127.0.0.1'], { env });
    programs.push(server);
    const ask = commander(`http://127.0.0.1:${port}`);
    await until(
      () => ask('GET', '/status').catch(() => false),
      () => `WebKitWebDriver to listen; it printed:\n${server.output()}`,
    );
    // The driver knows its browser. `goto` waits by itself.
    const wanted = { browserName: 'MiniBrowser', pageLoadStrategy: 'none' };
    const { sessionId } = await ask('POST', '/session', { capabilities: { alwaysMatch: wanted } });
    const windows = await inTurn(ask, `/session/${sessionId}`);
    return {
      newPage: () => newPage(windows),
      process: () => server.child,
      async close() {
        await within(3000, ask('DELETE', `/session/${sessionId}`));
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Sends commands of the protocol to the driver. */
function commander(base) {
  return async (method, path, body, limit = patienceMs) => {
    const signal = AbortSignal.timeout(limit);
    const response = await fetch(base + path, { method, body: body && JSON.stringify(body), signal });
    const { value } = await response.json();
    if (value?.error) throw Object.assign(new Error(value.message || value.error), { code: value.error });
    return value;
  };
}

/** The driver has one window in hand: a command waits for those before it, and takes up the window that it is for. */
async function inTurn(ask, session) {
  const first = await ask('GET', `${session}/window`);
  let inHand = first;
  let last = Promise.resolve();
  const turn = (work) => {
    const given = last.then(work);
    last = given.catch(() => {});
    return given;
  };
  const at = async (handle) => {
    if (handle === inHand) return;
    await ask('POST', `${session}/window`, { handle });
    inHand = handle;
  };
  return {
    open: () =>
      turn(async () => {
        await at(first);
        return (await ask('POST', `${session}/window/new`, { type: 'window' })).handle;
      }),
    command: (handle, method, path, ...rest) =>
      turn(async () => {
        await at(handle);
        return ask(method, session + path, ...rest);
      }),
    close: (handle) =>
      turn(async () => {
        await at(handle);
        inHand = undefined;
        await ask('DELETE', `${session}/window`);
      }),
  };
}

async function newPage(windows) {
  const handle = await windows.open();
  const command = (...what) => windows.command(handle, ...what);
  const listeners = { console: [], pageerror: [] };
  let timeoutMs = 30_000;
  let url = 'about:blank';
  let underWay = 0;
  let closed = false;

  /** One order to the page's agent; `source` is the function that `order.call` is about. */
  async function tell(order = {}, source = 'undefined') {
    const limit = order.call ? patienceMs : askingMs;
    underWay++;
    try {
      const script = `return (${agent})(arguments[0], ${source})`;
      const { seen, ...answer } = JSON.parse(await command('POST', '/execute/sync', { script, args: [order] }, limit));
      for (const { uncaught, type, text } of seen) {
        if (uncaught) for (const listener of listeners.pageerror) listener(new Error(text));
        else for (const listener of listeners.console) listener({ type: () => type, text: () => text });
      }
      url = answer.url;
      return answer;
    } finally {
      underWay--;
    }
  }

  /** Calls the function with this source in the page, and gives what that gives in the end. */
  async function call(source, args) {
    let answer = await tell({ call: args.map((value) => (value === undefined ? [] : [value])) }, source);
    const { document } = answer;
    for (let pause = 5; answer.pending !== undefined; pause = Math.min(pause * 2, 50)) {
      await sleep(pause);
      answer = await tell({ take: answer.pending });
      if (answer.document !== document) throw new Error('the page was left before it answered');
    }
    const { error } = answer;
    if (error) throw Object.assign(new Error(error.message), { name: error.name });
    return answer.value;
  }

  const sourceOf = (what) => (typeof what === 'function' ? String(what) : `() => (0, eval)(${JSON.stringify(what)})`);
  const evaluate = (what, ...args) => call(sourceOf(what), args);

  /** Calls a function with the element of a selector, or with one of its elements: `[selector, index]`. */
  const on = (which, what, ...args) =>
    call(`(which, ...rest) => (${what})((${select})(...which), ...rest)`, [[which].flat(), ...args]);

  const wait = (condition, what, timeout = timeoutMs) => until(condition, what, { timeoutMs: timeout, everyMs: 20 });

  /** Has the browser do what makes it go somewhere, and waits until it is there. */
  async function go(leave, { waitUntil = 'load', timeout } = {}) {
    const { document } = await tell();
    await leave();
    const there = async () => {
      const now = await tell().catch(() => undefined);
      return now && now.document !== document && (waitUntil === 'load' ? now.loaded : now.parsed);
    };
    await wait(there, () => `a navigation to end; the page is at ${url}`, timeout);
  }

  const act = (type, ...actions) => command('POST', '/actions', { actions: [{ type, id: type, actions }] });
  const key = (type, name) => ({ type, value: keys[name] ?? name });
  const press = (...names) => act('key', ...names.flatMap((name) => [key('keyDown', name), key('keyUp', name)]));
  const clickAt = (x, y) =>
    act(
      'pointer',
      { type: 'pointerMove', x: Math.round(x), y: Math.round(y) },
      { type: 'pointerDown', button: 0 },
      { type: 'pointerUp', button: 0 },
    );

  async function click(which) {
    const { x, y } = await on(which, (element) => {
      element.scrollIntoView({ block: 'center', behavior: 'instant' });
      const { left, top, width, height } = element.getBoundingClientRect();
      return { x: left + width / 2, y: top + height / 2 };
    });
    await clickAt(x, y);
  }

  const listening = setInterval(() => void (underWay || tell().catch(() => {})), everyMs).unref();

  return {
    on: (type, listener) => void listeners[type].push(listener),
    setDefaultTimeout: (ms) => void (timeoutMs = ms),
    url: () => url,
    isClosed: () => closed,
    goto: (address, options) => go(() => command('POST', '/url', { url: address }), options),
    reload: (options) => go(() => command('POST', '/refresh', {}), options),
    waitForNavigation: (options) => go(() => {}, options),
    evaluate,
    $eval: on,
    waitForFunction: (what, { timeout } = {}, ...args) =>
      wait(() => call(`async (...args) => !!(await (${sourceOf(what)})(...args))`, args), `${what}`, timeout),
    waitForSelector: (selector, { timeout } = {}) =>
      wait(() => on(selector, () => true).catch(() => false), `an element ${selector}`, timeout),
    focus: (selector) => on(selector, (element) => element.focus()),
    click,
    /** Handles of all elements of a selector, as they are numbered now. */
    async $$(selector) {
      const count = await evaluate((selector) => document.querySelectorAll(selector).length, selector);
      return Array.from({ length: count }, (_, index) => ({ click: () => click([selector, index]) }));
    },
    keyboard: {
      type: (text) => press(...text),
      press: (name) => press(name),
      down: (name) => act('key', key('keyDown', name)),
      up: (name) => act('key', key('keyUp', name)),
    },
    mouse: { click: clickAt },
    /** The browser's own bar keeps a window from being narrower than about 450 pixels. */
    async setViewport({ width, height }) {
      const size = () => evaluate(() => [outerWidth - innerWidth, outerHeight - innerHeight, innerWidth, innerHeight]);
      const [besides, above] = await size();
      await command('POST', '/window/rect', { width: width + besides, height: height + above });
      const sized = async () => (await size()).slice(2).join() === [width, height].join();
      await wait(sized, `a window of ${width} x ${height}`, 2000);
    },
    async close() {
      clearInterval(listening);
      if (closed) return;
      closed = true;
      await windows.close(handle);
    },
  };
}

/**
 * Runs in the page. Says where the page is, and what it has seen since it was last asked. `order` may be `{call: [...]}`,
 * the arguments (each in a list that is empty for undefined) for `callee`, or `{take: id}`, for the end of an earlier call.
 */
function agent(order, callee) {
  const name = Symbol.for('the agent of the tests');
  if (globalThis[name]?.page !== document) {
    const seen = [];
    Object.defineProperty(globalThis, name, {
      value: { page: document, id: String(Math.random()), seen, calls: [], stringify: JSON.stringify },
      configurable: true,
    });
    for (const type of ['debug', 'log', 'info', 'warn', 'error', 'assert', 'trace', 'dir', 'table']) {
      // A proxy, to have the name, the length and the text of the function.
      console[type] = new Proxy(console[type], {
        __proto__: null,
        apply(print, self, args) {
          seen.push({ type, text: args.map(String).join(' ') });
          Reflect.apply(print, self, args);
        },
      });
    }
    // Once all other listeners have had it: the browser reports only what none of them has kept from it.
    const uncaught = (text, event) =>
      setTimeout(() => event.defaultPrevented || seen.push({ uncaught: true, text: String(text) }));
    addEventListener('error', (event) => uncaught(event.error?.message ?? event.message, event));
    addEventListener('unhandledrejection', (event) => uncaught(event.reason?.message ?? event.reason, event));
  }
  const { id, seen, calls, stringify } = globalThis[name];
  const { domContentLoadedEventEnd, loadEventEnd } = performance.timing;
  const answer = { document: id, url: location.href, parsed: domContentLoadedEventEnd > 0, loaded: loadEventEnd > 0 };
  const failed = (error) => ({ error: { name: String(error?.name ?? 'Error'), message: String(error?.message ?? error) } });
  if (order.call) {
    try {
      const value = callee(...order.call.map(([given]) => given));
      if (typeof value?.then === 'function') {
        answer.pending = calls.push(undefined) - 1;
        value.then(
          (value) => (calls[answer.pending] = { value }),
          (error) => (calls[answer.pending] = failed(error)),
        );
      } else {
        answer.value = value;
      }
    } catch (error) {
      Object.assign(answer, failed(error));
    }
  } else if (order.take !== undefined) {
    Object.assign(answer, calls[order.take] ?? { pending: order.take });
  }
  answer.seen = seen.splice(0);
  return stringify(answer);
}

/** Runs in the page. An element of a selector; `>>>` goes on in the shadow tree of what is before it. */
function select(selector, index = 0) {
  let found = document;
  for (const part of selector.split('>>>')) found = (found.shadowRoot ?? found).querySelectorAll(part.trim())[index];
  if (!found) throw new Error(`there is no ${selector}`);
  return found;
}
