// Automatic breadcrumbs: what a page does is told by its next event, and the page does not notice.
import assert from 'node:assert/strict';
import { breadcrumbs, expectContains } from '../lib/expect.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

let looks = 0;

/** Opens the page with things to click and initialises the package there; `options` are JSON, `before` runs first. */
async function initialised({ open, inbox }, options = {}, before = () => {}) {
  const page = await open('/pages/breadcrumbs.html');
  await page.evaluate(before);
  await page.evaluate((given) => void startSeeing(given), { dsn: inbox.dsn, ...options });
  return page;
}

/** The breadcrumbs of an event that is sent now, those of one category if it is named; `context` is a page or has one. */
async function crumbsOf({ inbox }, page, category) {
  const id = await page.evaluate((text) => tailcone.captureMessage(text), `planned look ${++looks}`);
  const { payload } = await inbox.waitFor({ event_id: id });
  return breadcrumbs(payload).filter((crumb) => !category || crumb.category === category);
}

const without = (page, name) => page.evaluate((name) => void Object.defineProperty(globalThis, name, { value: undefined }), name);

/** Says of every function that may be wrapped what it is and how it is there, in the page. */
const describeFunctions = () => {
  const places = [
    ...['debug', 'info', 'log', 'warn', 'error', 'assert'].map((name) => [console, name]),
    [globalThis, 'fetch'],
    [XMLHttpRequest.prototype, 'open'],
    [history, 'pushState'],
    [history, 'replaceState'],
  ];
  return places.map(([owner, name]) => {
    const { value, ...how } = Object.getOwnPropertyDescriptor(owner, name) ?? {};
    const fn = owner[name];
    globalThis.kept ??= new Map();
    const same = !kept.has(name) || kept.get(name) === fn;
    if (!kept.has(name)) kept.set(name, fn);
    return {
      place: name,
      own: Object.hasOwn(owner, name),
      how,
      same,
      name: fn.name,
      length: fn.length,
      text: /^function \w*\(\)\s*\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(fn)),
    };
  });
};

forEachBrowser('breadcrumbs', (test, engine) => {
  test('the console: level and text of each line, and what it printed before', async (w) => {
    const page = await initialised(w);
    await page.evaluate(() => {
      console.debug('a debug line');
      console.info('an info line', 7, null, undefined, true, 10n, Symbol('s'));
      console.log('a log line', { basket: [1, 'two'], nested: { on: true } }, [3]);
      console.warn('a warning', () => {});
      console.error(new TypeError('planned in the console'));
      console.assert(1 === 1, 'this holds');
      console.assert(false, 'this', 'fails');
      console.assert();
      console.log();
    });
    const told = await crumbsOf(w, page, 'console');
    assert.deepEqual(
      told.map(({ level, message }) => [level, message ?? '']),
      [
        ['debug', 'a debug line'],
        ['info', 'an info line 7 null undefined true 10 Symbol(s)'],
        ['info', 'a log line {"basket":[1,"two"],"nested":{"on":true}} [3]'],
        ['warning', 'a warning [Function: anonymous]'],
        ['error', 'TypeError: planned in the console'],
        ['error', 'Assertion failed: this fails'],
        ['error', 'Assertion failed:'],
        ['info', ''],
      ],
    );
    for (const text of ['a debug line', 'a warning', 'this fails']) {
      assert.ok(page.lines.some((line) => line.text.includes(text)), `${text} is printed`);
    }
  });

  test('the console: texts are cut and secrets are taken out', async (w) => {
    const page = await initialised(w);
    await page.evaluate(() => {
      globalThis.console.log = Object.assign(() => {}, {});
    });
    await page.evaluate(() => {
      console.info('password=hunter2 and https://a.example/?token=hunter2&page=2');
      console.info('long '.repeat(1e5), 'never seen');
      console.info(...Array.from({ length: 1000 }, (_, i) => `part ${i} of many`));
    });
    const [secret, ...long] = await crumbsOf(w, page, 'console');
    assert.doesNotMatch(secret.message, /hunter2/);
    assert.match(secret.message, /page=2/);
    assert.equal(long.length, 2);
    for (const { message } of long) assert.ok(message.length > 1900 && message.length <= 2048, `${message.length}`);
  });

  test('the console: it is off in development unless it is asked for', async (w) => {
    for (const [breadcrumbs, expected] of [
      [undefined, 0],
      [true, 0],
      [{ dom: false }, 0],
      [{ console: true }, 1],
    ]) {
      const page = await initialised(w, { environment: 'development', breadcrumbs });
      await page.evaluate(() => console.info('a line'));
      assert.equal((await crumbsOf(w, page, 'console')).length, expected, JSON.stringify(breadcrumbs));
    }
  });

  test('the console: of a flood only so much is told', async (w) => {
    const page = await initialised(w, { maxBreadcrumbs: 1000 }, () => {
      globalThis.printed = 0;
      console.log = () => void printed++;
    });
    const took = await page.evaluate(() => {
      const begin = Date.now();
      for (let i = 0; i < 20_000; i++) console.log('line', i);
      return Date.now() - begin;
    });
    const told = (await crumbsOf(w, page, 'console')).length;
    assert.equal(await page.evaluate(() => printed), 20_000);
    assert.ok(told >= 100 && told <= 100 * Math.ceil((took + 2) / 100), `${told} lines in ${took} ms`);
    await page.evaluate(() => new Promise((done) => setTimeout(done, 150)));
    await page.evaluate(() => console.log('later'));
    assert.equal((await crumbsOf(w, page, 'console')).at(-1).message, 'later');
  });

  test('what the SDK and its hooks say is not told', async (w) => {
    const page = await w.open('/pages/breadcrumbs.html');
    const told = await page.evaluate((dsn) => {
      const told = [];
      // A driver may read getters of what is printed.
      console.log = () => {};
      start({
        dsn,
        debug: true,
        beforeBreadcrumb(crumb) {
          console.info('in the hook');
          told.push(crumb.message);
          return crumb;
        },
      });
      console.log('outside');
      console.log({
        get trap() {
          console.info('in a getter');
          return 1;
        },
      });
      const speaking = {
        get url() {
          console.info('in a getter');
          return '/pages/plain.html';
        },
      };
      try {
        fetch(speaking).catch(() => {});
      } catch {}
      const error = new Error('planned with a getter');
      Object.defineProperty(error, 'cause', { get: () => console.info('in a getter') });
      tailcone.captureException(error);
      return told;
    }, w.inbox.dsn);
    assert.deepEqual(told, ['outside', '{"trap":"[Getter]"}']);
    await w.inbox.waitFor();
    const after = await crumbsOf(w, page, 'console');
    assert.deepEqual(after.map(({ message }) => message), told);
  });

  test('fetch: method, address, status and level, and the page gets its answers', async (w) => {
    w.plan(/404|503|Failed|NetworkError/);
    for (const status of [204, 404, 503]) w.site.rule(`/api/${status}`, { status });
    w.site.rule('/api/200', { body: '{"fine":true}', type: 'application/json' });
    const page = await initialised(w);
    const seen = await page.evaluate(async () => {
      const seen = [];
      seen.push(await (await fetch('/api/200?token=hunter2&page=2#part')).json());
      seen.push((await fetch(new URL('/api/204', location.href), { method: 'put' })).status);
      seen.push((await fetch(new Request('/api/404', { method: 'POST', body: 'secret-body' }))).status);
      seen.push((await fetch('../api/503', { method: 'DELETE' })).status);
      try {
        await fetch('http://127.0.0.1:9/', { mode: 'no-cors' });
      } catch (error) {
        seen.push(error instanceof TypeError);
      }
      return seen;
    });
    assert.deepEqual(seen, [{ fine: true }, 204, 404, 503, true]);
    const told = await crumbsOf(w, page, 'fetch');
    for (const crumb of told) {
      assert.equal(crumb.type, 'http');
      assert.doesNotMatch(JSON.stringify(crumb), /hunter2|secret/);
    }
    const { url } = w.site;
    assert.deepEqual(
      told.map(({ level, data }) => [level, data.method, data.url.replace(/token=[^&#]*/, 'token'), data.status_code]),
      [
        ['info', 'GET', `${url}/api/200?token&page=2#part`, 200],
        ['info', 'PUT', `${url}/api/204`, 204],
        ['warning', 'POST', `${url}/api/404`, 404],
        ['error', 'DELETE', `${url}/api/503`, 503],
        ['error', 'GET', 'http://127.0.0.1:9/', undefined],
      ],
    );
  });

  test('fetch: an answer that may not be looked at is no failure', async (w) => {
    const page = await initialised(w);
    await page.evaluate((url) => fetch(url, { mode: 'no-cors' }), w.inbox.base);
    expectContains(await crumbsOf(w, page, 'fetch'), [{ level: 'info', data: { url: `${w.inbox.base}/` } }]);
  });

  test('fetch: the page, and nobody else, handles its rejections', async (w) => {
    w.plan(/Failed to fetch|NetworkError|fetching resource|Load failed/);
    const page = await initialised(w, { globalHandlers: false });
    const [handled, unhandled] = await page.evaluate(async () => {
      let count = 0;
      addEventListener('unhandledrejection', () => count++);
      const turn = () => new Promise((done) => setTimeout(done, 100));
      await fetch('http://127.0.0.1:9/').catch(() => {});
      await turn();
      const handled = count;
      fetch('http://127.0.0.1:9/');
      for (let i = 0; i < 50 && count === handled; i++) await turn();
      await turn();
      return [handled, count - handled];
    });
    assert.equal(handled, 0, 'a rejection that the page handles is not heard of');
    assert.equal(unhandled, 1, 'one that it does not handle is heard of once');
    assert.equal((await crumbsOf(w, page, 'fetch')).length, 2);
  });

  test('fetch: what stands in its place is called as the page calls it, and gives what it gives', async (w) => {
    const page = await initialised(w, {}, () => {
      const answer = Object.assign(Promise.resolve({ status: 418 }), { abort() {} });
      const failure = Promise.reject(new Error('planned'));
      const original = globalThis.fetch;
      globalThis.kinds = { answer, failure, nothing: undefined, plain: { status: 200 }, async: 'original' };
      globalThis.calls = [];
      globalThis.fetch = function (kind) {
        if (!(kind in kinds)) return original.apply(this, arguments);
        calls.push([this, ...arguments]);
        if (new.target) return answer;
        if (kind === 'async') throw new RangeError('planned throw');
        return kinds[kind];
      };
    });
    const result = await page.evaluate(async () => {
      let unhandled = 0;
      addEventListener('unhandledrejection', () => unhandled++);
      const self = {};
      const same = ['answer', 'failure', 'nothing', 'plain'].map((kind) => fetch.call(self, kind, kinds) === kinds[kind]);
      let thrown;
      try {
        fetch('async');
      } catch (error) {
        thrown = String(error);
      }
      const made = new fetch('answer') === kinds.answer;
      await kinds.failure.catch(() => {});
      await new Promise((done) => setTimeout(done, 100));
      return {
        same,
        thrown,
        made,
        unhandled,
        calls: calls.slice(0, 4).map(([own, kind, init]) => own === self && init === kinds && kind),
        last: calls[4][0] === undefined || calls[4][0] === globalThis,
      };
    });
    assert.deepEqual(result, {
      same: [true, true, true, true],
      thrown: 'RangeError: planned throw',
      made: true,
      unhandled: 0,
      calls: ['answer', 'failure', 'nothing', 'plain'],
      last: true,
    });
    const told = await crumbsOf(w, page, 'fetch');
    assert.deepEqual(
      told.map(({ level, data }) => [data.url.replace(/.*\//, ''), data.status_code, level]).sort(),
      [
        ['answer', 418, 'warning'],
        ['failure', undefined, 'error'],
        ['nothing', undefined, 'error'],
        ['plain', 200, 'info'],
      ],
    );
  });

  test('XMLHttpRequest: method, address, status and level, once for each request', async (w) => {
    w.plan(/404|503/);
    for (const status of [404, 503]) w.site.rule(`/api/${status}`, { status });
    w.site.rule('/api/200', { body: '{"fine":true}', type: 'application/json' });
    const page = await initialised(w);
    const seen = await page.evaluate(async () => {
      const seen = [];
      const again = new XMLHttpRequest();
      const send = (xhr, method, url, body, sync) =>
        new Promise((done) => {
          xhr.onloadend = () => done(xhr.status);
          xhr.open(method, url, !sync);
          if (!sync && xhr !== again) xhr.responseType = 'json';
          xhr.send(body);
        });
      const first = new XMLHttpRequest();
      seen.push(first instanceof XMLHttpRequest, await send(first, 'GET', '/api/200?page=2&token=hunter2'), first.response.fine);
      seen.push(await send(again, 'put', new URL('/api/404', location.href), 'secret-body'));
      again.open('GET', '/api/never');
      seen.push(await send(again, 'POST', '../api/503'));
      seen.push(await send(new XMLHttpRequest(), 'GET', 'http://127.0.0.1:9/'));
      seen.push(await send(new XMLHttpRequest(), 'GET', '/api/200?sync', null, true));
      const hasty = new XMLHttpRequest();
      await new Promise((done) => {
        hasty.onreadystatechange = () => {
          if (hasty.readyState < 4) return;
          if (hasty.responseURL.endsWith('second')) return setTimeout(done);
          hasty.open('GET', '/api/200?second');
          hasty.send();
        };
        hasty.open('GET', '/api/200?first');
        hasty.send();
      });
      return seen;
    });
    assert.deepEqual(seen, [true, 200, true, 404, 503, 0, 200]);
    const told = await crumbsOf(w, page, 'xhr');
    for (const crumb of told) {
      assert.equal(crumb.type, 'http');
      assert.doesNotMatch(JSON.stringify(crumb), /hunter2|secret/);
    }
    const { url } = w.site;
    assert.deepEqual(
      told.map(({ level, data }) => [level, data.method, data.url.replace(/token=.*/, 'token'), data.status_code]),
      [
        ['info', 'GET', `${url}/api/200?page=2&token`, 200],
        ['warning', 'PUT', `${url}/api/404`, 404],
        ['error', 'POST', `${url}/api/503`, 503],
        ['error', 'GET', 'http://127.0.0.1:9/', undefined],
        ['info', 'GET', `${url}/api/200?sync`, 200],
        ['info', 'GET', `${url}/api/200?first`, 200],
        ['info', 'GET', `${url}/api/200?second`, 200],
      ],
    );
  });

  test('the requests of the SDK itself are not told', async (w) => {
    w.site.rule('/tunnel', { body: '{}' });
    for (const options of [{}, { tunnel: `${w.site.url}/tunnel` }, { tunnel: '/tunnel' }]) {
      const page = await initialised(w, options);
      const told = await page.evaluate(async () => {
        tailcone.captureMessage('planned and sent');
        await tailcone.flush();
        await fetch('/pages/plain.html');
        tailcone.captureMessage('planned and sent as well');
        await tailcone.flush();
        await tailcone.close();
        return seen.map(({ crumb }) => crumb.data.url);
      });
      assert.deepEqual(told, [`${w.site.url}/pages/plain.html`], JSON.stringify(options));
      await page.close();
    }
    w.site.reset();
    await w.inbox.clear();
  });

  test('clicks: the path to the element, at most five high, without texts and values', async (w) => {
    const page = await initialised(w);
    await page.evaluate(() => {
      for (const target of ['#buy', '#mail', '#dot', 'form.clobbered']) {
        document.querySelector(target).dispatchEvent(new MouseEvent('click', { bubbles: true, composed: true }));
      }
      document.querySelector('#buy span').click();
      document.getElementById('host').shadowRoot.getElementById('deep').click();
      document.body.click();
      document.dispatchEvent(new MouseEvent('click'));
      document.createElement('button').click();
    });
    const told = await crumbsOf(w, page, 'ui.click');
    assert.deepEqual(
      told.map(({ message }) => message),
      [
        // With `section.list` it would be longer than 80 characters.
        'p > button#buy.big.green[type="button"][name="order"][title="Buy now"]',
        'html > body > main#shop.wide.dark > a#mail.ok',
        'html > body > main#shop.wide.dark > svg.icon.small > circle#dot',
        'html > body > main#shop.wide.dark > form.clobbered',
        'button#buy.big.green[type="button"][name="order"][title="Buy now"] > span.label',
        'body > main#shop.wide.dark > div#host > b.in > i#deep',
        'html > body',
      ],
    );
  });

  test('clicks and typing: options show more of an element, never its value', async (w) => {
    const more = { serializeAttribute: ['data-kind', 'value', 'VALUE'], maxStringLength: 20_000 };
    const page = await initialised(w, { breadcrumbs: { dom: more } });
    await page.evaluate(() => {
      document.getElementById('search').click();
      document.getElementById('plain').className = Array.from({ length: 400 }, (_, i) => 'c' + i).join(' ');
      document.getElementById('plain').click();
    });
    const [search, long] = await crumbsOf(w, page, 'ui.click');
    assert.equal(search.message, 'html > body > main#shop.wide.dark > input#search[type="text"][name="q"][data-kind="search"]');
    assert.ok(long.message.length > 80 && long.message.length <= 1024, long.message);

    const narrow = await initialised(w, { breadcrumbs: { dom: { serializeAttribute: 'data-kind', maxStringLength: 30 } } });
    await narrow.click('#search');
    const [{ message }] = await crumbsOf(w, narrow, 'ui.click');
    assert.equal(message.length, 30);
    assert.match(message, /^input#search\[type="text"\]/);
  });

  test('clicks and typing: what is typed and shown stays in the page', async (w) => {
    const page = await initialised(w);
    for (const field of ['#search', '#password', '#notes', '#editor']) {
      await page.click(field);
      await page.keyboard.type('hunter2');
    }
    await page.click('#plain');
    await page.keyboard.type('hunter2');
    await page.evaluate(() => document.getElementById('hidden').click());
    await page.click('#buy');
    await page.click('#mail');
    const told = await crumbsOf(w, page);
    assert.deepEqual(
      told.filter(({ category }) => category === 'ui.input').map(({ message }) => message.split(' > ').at(-1)),
      ['input#search[type="text"][name="q"]', 'input#password[type="password"][name="pass"]', 'textarea#notes', 'div#editor'],
    );
    assert.equal(told.filter(({ category }) => category === 'ui.click').length, 8);
    assert.doesNotMatch(JSON.stringify(told), /hunter2|secret|4242|example\.com/);
  });

  test('clicks: a burst on one element is told once', async (w) => {
    const page = await initialised(w);
    await page.evaluate(() => {
      for (let i = 0; i < 5; i++) document.getElementById('buy').click();
      document.getElementById('notes').click();
    });
    assert.equal((await crumbsOf(w, page, 'ui.click')).length, 2);
    await page.evaluate(() => new Promise((done) => setTimeout(done, 1100)));
    await page.evaluate(() => document.getElementById('buy').click());
    assert.equal((await crumbsOf(w, page, 'ui.click')).length, 3);
  });

  for (const kind of ['the browser’s Navigation API', 'wrapped functions and events']) {
    test(`navigation, by ${kind}: from and to, each once`, async (w) => {
      const page = await w.open('/pages/breadcrumbs.html');
      if (!kind.startsWith('the')) await without(page, 'navigation');
      const wrapped = await page.evaluate(async (dsn) => {
        const { pushState } = history;
        start({ dsn });
        const turn = () => new Promise((done) => setTimeout(done, 200));
        history.pushState({}, '', '/shop?page=1&token=hunter2');
        history.replaceState({ other: 1 }, '', location.href);
        history.replaceState({}, '', '?page=2');
        location.hash = '#part';
        await turn();
        history.back();
        await turn();
        return pushState !== history.pushState;
      }, w.inbox.dsn);
      const told = await crumbsOf(w, page, 'navigation');
      assert.deepEqual(
        told.map(({ type, data }) => [type, data.from.replace(/token=.*/, 'token'), data.to.replace(/token=.*/, 'token')]),
        [
          ['navigation', '/pages/breadcrumbs.html', '/shop?page=1&token'],
          ['navigation', '/shop?page=1&token', '/shop?page=2'],
          ['navigation', '/shop?page=2', '/shop?page=2#part'],
          ['navigation', '/shop?page=2#part', '/shop?page=2'],
        ],
      );
      assert.doesNotMatch(JSON.stringify(told), /hunter2/);
      assert.equal(wrapped, !kind.startsWith('the') || !(await page.evaluate(() => 'navigation' in globalThis)));
    });
  }

  test('wrapped functions keep name, length, native text and their place; close() leaves the page as it was', async (w) => {
    const page = await w.open('/pages/breadcrumbs.html');
    await without(page, 'navigation');
    const before = await page.evaluate(describeFunctions);
    await page.evaluate((dsn) => void start({ dsn }), w.inbox.dsn);
    const during = await page.evaluate(describeFunctions);
    for (const [i, { own, how, same, ...rest }] of before.entries()) {
      expectContains(during[i], rest);
      if (own) assert.deepEqual(during[i].how, how, rest.place);
      assert.equal(during[i].same, false, `${rest.place} is watched`);
    }
    await page.evaluate(() => client.close());
    assert.deepEqual(await page.evaluate(describeFunctions), before);
  });

  test('the original of a wrapped function is to be had, and makes no breadcrumb', async (w) => {
    const page = await w.open('/pages/breadcrumbs.html');
    const seen = await page.evaluate((dsn) => {
      const { log } = console;
      start({ dsn });
      const other = () => {};
      const { originalOf } = tailcone;
      originalOf(console.log)('unseen');
      console.log('seen');
      return [console.log === log, originalOf(console.log) === log, originalOf(other) === other, originalOf(7)];
    }, w.inbox.dsn);
    assert.deepEqual(seen, [false, true, true, 7]);
    await page.evaluate(async () => (tailcone.captureMessage('x'), tailcone.flush()));
    const { payload } = await w.inbox.waitFor();
    assert.deepEqual(breadcrumbs(payload).map(({ message }) => message), ['seen']);
  });

  test('what is switched off is not touched', async (w) => {
    const page = await w.open('/pages/breadcrumbs.html');
    await without(page, 'navigation');
    const before = await page.evaluate(describeFunctions);
    const names = (seen) => seen.filter(({ same }) => !same).map(({ place }) => place);
    for (const [breadcrumbs, touched] of [
      [false, []],
      [{ console: false, dom: false, fetch: false, history: false, xhr: false }, []],
      [{ console: false, history: false, xhr: false }, ['fetch']],
      [{ console: false, history: false, fetch: false }, ['open']],
      [{ console: false, fetch: false, xhr: false }, ['pushState', 'replaceState']],
      [{ history: false, fetch: false, xhr: false }, ['debug', 'info', 'log', 'warn', 'error', 'assert']],
    ]) {
      await page.evaluate((given) => void ((seen.length = 0), startSeeing(given)), { dsn: w.inbox.dsn, breadcrumbs });
      assert.deepEqual(names(await page.evaluate(describeFunctions)), touched, JSON.stringify(breadcrumbs));
      await page.evaluate(() => document.body.click());
      const clicks = breadcrumbs && breadcrumbs.dom !== false ? 1 : 0;
      assert.equal(await page.evaluate(() => seen.length), clicks, JSON.stringify(breadcrumbs));
      await page.evaluate(() => client.close());
      await page.evaluate(() => new Promise((done) => setTimeout(done, 1100)));
    }
    assert.deepEqual(await page.evaluate(describeFunctions), before);
  });

  test('the console’s own functions are called as the page calls them', async (w) => {
    const page = await initialised(w, {}, () => {
      globalThis.calls = [];
      console.log = function log(...args) {
        calls.push([this, ...args]);
        return 'what it returns';
      };
      console.log.extra = 1;
      console.warn = () => {
        throw new RangeError('planned in warn');
      };
    });
    const result = await page.evaluate(() => {
      const { log } = console;
      const self = {};
      const object = {};
      const returned = [console.log(object, 2), log.call(self, 1), log(3)];
      let thrown;
      try {
        console.warn('thrown at');
      } catch (error) {
        thrown = String(error);
      }
      return {
        returned,
        thrown,
        extra: console.log.extra,
        this: [calls[0][0] === console, calls[1][0] === self, [undefined, globalThis].includes(calls[2][0])],
        same: calls[0][1] === object && calls[0].length === 3,
      };
    });
    assert.deepEqual(result, {
      returned: ['what it returns', 'what it returns', 'what it returns'],
      thrown: 'RangeError: planned in warn',
      extra: 1,
      this: [true, true, true],
      same: true,
    });
    assert.deepEqual((await crumbsOf(w, page, 'console')).map(({ message }) => message), ['{} 2', '1', '3', 'thrown at']);
  });

  test('a wrapper that somebody has wrapped stays and does nothing after close(), and is no second one after init', async (w) => {
    const page = await initialised(w, {}, () => {
      globalThis.printed = [];
      console.info = (...args) => void printed.push(args[0]);
    });
    const kept = await page.evaluate(async () => {
      const places = [
        [console, 'info'],
        [globalThis, 'fetch'],
        [XMLHttpRequest.prototype, 'open'],
      ];
      globalThis.wrappers = places.map(([owner, name]) => {
        const inner = owner[name];
        return (owner[name] = function () {
          return inner.apply(this, arguments);
        });
      });
      const former = client;
      await former.close();
      console.info('closed');
      await fetch('/pages/plain.html');
      return places.every(([owner, name], i) => owner[name] === wrappers[i]);
    });
    assert.equal(kept, true);
    assert.deepEqual(await page.evaluate(() => seen.length), 0);
    await page.evaluate(async (dsn) => {
      startSeeing({ dsn });
      console.info('open again');
      await fetch('/pages/plain.html');
      const xhr = new XMLHttpRequest();
      xhr.open('GET', '/pages/plain.html');
      await new Promise((done) => ((xhr.onloadend = done), xhr.send()));
    }, w.inbox.dsn);
    const told = await crumbsOf(w, page);
    assert.deepEqual(told.map(({ category }) => category), ['console', 'fetch', 'xhr']);
    assert.deepEqual(await page.evaluate(() => printed), ['closed', 'open again']);
  });

  test('two clients: each tells once, and the page is watched until the second one leaves', async (w) => {
    const page = await initialised(w);
    const before = await page.evaluate(async (dsn) => {
      globalThis.other = await import('/dist/index.js?other');
      globalThis.otherSeen = [];
      other.init({ dsn, beforeBreadcrumb: (crumb) => (otherSeen.push(crumb), crumb) });
      // A second init replaces the first client.
      startSeeing({ dsn });
      console.info('to both');
      document.body.click();
      await fetch('/pages/plain.html');
      const both = [seen.length, otherSeen.length];
      await client.close();
      console.info('to the other');
      await fetch('/pages/plain.html');
      return [both, [seen.length, otherSeen.length]];
    }, w.inbox.dsn);
    assert.deepEqual(before, [
      [3, 3],
      [3, 5],
    ]);
    await page.evaluate(async () => {
      await other.close();
      console.info('to nobody');
    });
    assert.deepEqual(await page.evaluate(() => [seen.length, otherSeen.length]), [3, 5]);
  });

  test('a page that has broken its own functions is left alone, and of the others is told', async (w) => {
    const broken = {
      'frozen console': () => Object.freeze(console),
      'no console functions': () => ['debug', 'info', 'log', 'warn', 'error', 'assert'].forEach((name) => (console[name] = undefined)),
      'no fetch': () => {
        const { fetch } = globalThis;
        Object.defineProperty(globalThis, 'fetch', { get: () => fetch, configurable: false });
      },
      'no XMLHttpRequest': () => (globalThis.XMLHttpRequest = undefined),
      'a throwing getter': () =>
        Object.defineProperty(XMLHttpRequest.prototype, 'open', {
          get() {
            throw new Error('planned getter');
          },
        }),
      'no history': () => Object.defineProperty(History.prototype, 'pushState', { get: () => () => {}, configurable: true }),
      'a polluted Object.prototype': () => {
        // Traps of a Proxy, parts of a descriptor, and names that options and breadcrumbs have.
        const names = ['get', 'set', 'apply', 'construct', 'getOwnPropertyDescriptor', 'value', 'level', 'message'];
        const how = { __proto__: null, value: () => 'polluted', configurable: true, writable: true };
        for (const name of names) Object.defineProperty(Object.prototype, name, how);
        globalThis.mend = () => names.forEach((name) => delete Object.prototype[name]);
      },
      'a broken Array.prototype': () => {
        for (const name of ['forEach', 'filter', 'slice', 'flat']) {
          const original = Array.prototype[name];
          Array.prototype[name] = function () {
            if (globalThis.broken) throw new Error('planned breakage');
            return original.apply(this, arguments);
          };
        }
      },
    };
    const lost = {
      'frozen console': ['console'],
      'no console functions': ['console'],
      'no fetch': ['fetch'],
      'no history': ['navigation'],
      'a broken Array.prototype': ['console', 'ui.click'],
    };
    for (const [what, how] of Object.entries(broken)) {
      const page = await w.open('/pages/breadcrumbs.html');
      if (what === 'no history') await without(page, 'navigation');
      await page.evaluate(`(${how})(), undefined`);
      const told = await page.evaluate(async (dsn) => {
        startSeeing({ dsn });
        globalThis.broken = true;
        try {
          console.log?.('a line');
          if (console.log && console.log.name !== 'log') throw new Error(`its name is ${console.log.name}`);
          history.pushState({}, '', '#there');
          document.getElementById('buy').click();
          try {
            const xhr = new XMLHttpRequest();
            xhr.open('GET', '/pages/plain.html');
          } catch (error) {
            if (!/getter|constructor/.test(error)) throw error;
          }
          await fetch('/pages/plain.html');
        } finally {
          globalThis.broken = false;
          globalThis.mend?.();
        }
        return seen.map(({ crumb }) => crumb.category);
      }, w.inbox.dsn);
      const expected = ['console', 'navigation', 'ui.click', 'fetch'].filter((category) => !lost[what]?.includes(category));
      assert.deepEqual(told, expected, what);
      await page.evaluate(() => client.close());
      await page.close();
    }
  });

  test('beforeBreadcrumb sees what a breadcrumb is about, changes it and drops it', async (w) => {
    const page = await w.open('/pages/breadcrumbs.html');
    const hints = await page.evaluate(async (dsn) => {
      const hints = {};
      start({
        dsn,
        beforeBreadcrumb(crumb, hint) {
          hints[crumb.category] = hint;
          if (crumb.category === 'console') hint.args.push('pushed by the hook');
          return crumb.category === 'fetch' ? null : { ...crumb, message: 'changed' };
        },
      });
      const object = {};
      const printed = [];
      console.info(object, 'two');
      const request = new Request('/pages/plain.html');
      const response = await fetch(request);
      const xhr = new XMLHttpRequest();
      xhr.open('GET', '/pages/plain.html');
      await new Promise((done) => ((xhr.onloadend = () => setTimeout(done)), xhr.send()));
      document.getElementById('buy').click();
      return {
        args: hints.console.args[0] === object,
        input: hints.fetch.input === request,
        response: hints.fetch.response === response,
        xhr: hints.xhr.xhr === xhr,
        event: hints['ui.click'].event instanceof MouseEvent,
        printed,
      };
    }, w.inbox.dsn);
    assert.deepEqual(hints, { args: true, input: true, response: true, xhr: true, event: true, printed: [] });
    const told = await crumbsOf(w, page);
    assert.deepEqual(
      told.map(({ category, message }) => [category, message]),
      [
        ['console', 'changed'],
        ['xhr', 'changed'],
        ['ui.click', 'changed'],
      ],
    );
    assert.ok(!page.lines.some(({ text }) => text.includes('pushed')), 'the hook does not change what is printed');
  });

  test('in a worker, console and fetch are told', async (w) => {
    const page = await w.open('/pages/breadcrumbs.html');
    await page.evaluate(() => startWorker());
    const status = await page.evaluate(
      (source) => inWorker(source),
      `(async () => {
        start({ dsn: '${w.inbox.dsn}' });
        console.warn('from a worker');
        return (await fetch('/pages/plain.html?token=hunter2')).status;
      })()`,
    );
    assert.equal(status, 200);
    const id = await page.evaluate(() => inWorker(`tailcone.captureMessage('planned in a worker')`));
    const told = breadcrumbs((await w.inbox.waitFor({ event_id: id })).payload);
    assert.doesNotMatch(JSON.stringify(told), /hunter2/);
    expectContains(told, [
      { category: 'console', level: 'warning', message: 'from a worker' },
      { category: 'fetch', type: 'http', level: 'info', data: { method: 'GET', status_code: 200 } },
    ]);
    assert.match(told[1].data.url, new RegExp(`^${w.site.url}/pages/plain\\.html\\?token=`));
    const restored = await page.evaluate(() => inWorker(`tailcone.close().then(() => /native/.test(fetch) && fetch.name)`));
    assert.equal(restored, 'fetch');
  });

  if (engine === 'chromium') {
    test('nothing of the page is kept alive', async (w) => {
      const page = await initialised(w, {}, () => {
        // The browser’s own console keeps what it prints.
        console.info = () => {};
      });
      await page.evaluate(async () => {
        // The page’s own list would keep it.
        client.close();
        start({ dsn: 'http://key@127.0.0.1:9/1', maxBreadcrumbs: 1000 });
        globalThis.refs = [];
        const ref = (object) => (refs.push(new WeakRef(object)), object);
        const make = async () => {
          console.info(ref({ big: 'x'.repeat(1e5) }), ref([1]));
          const button = ref(document.body.appendChild(document.createElement('button')));
          button.click();
          button.remove();
          await (await fetch(ref(new Request('/pages/plain.html')))).text();
          const xhr = ref(new XMLHttpRequest());
          await new Promise((done) => {
            xhr.open('GET', '/pages/plain.html');
            xhr.onloadend = done;
            xhr.send();
          });
        };
        for (let i = 0; i < 5; i++) await make();
      });
      const session = await page.createCDPSession();
      for (let i = 0; i < 5; i++) {
        await page.evaluate(() => new Promise((done) => setTimeout(done, 50)));
        await session.send('HeapProfiler.collectGarbage');
      }
      const [all, alive] = await page.evaluate(() => [refs.length, refs.map((ref) => ref.deref()?.constructor.name).filter(Boolean)]);
      assert.equal(all, 25);
      assert.deepEqual(alive, []);
    });
  }
});
