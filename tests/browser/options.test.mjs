// What `init` can be told, as a user of the package would notice it: in what arrives, and in what `explain` says.
import assert from 'node:assert/strict';
import { breadcrumbs, expectContains, messageOf, messages, reasons, thrown } from '../lib/expect.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

/** Opens the plain page and runs `fn` there with the DSN and `argument`; what it gives back comes back. */
async function run({ open, inbox }, fn, argument) {
  const page = await open('/pages/plain.html');
  page.result = await page.evaluate(fn, inbox.dsn, argument);
  return page;
}

forEachBrowser('options', (test) => {
  test('environments that are not included report nothing, and say so', async (w) => {
    const page = await run(w, async (dsn) => {
      tailcone.init({ dsn, environment: 'development', includedEnvironments: ['production'] });
      const result = await tailcone.explain(tailcone.captureMessage('x'));
      tailcone.init({ dsn, environment: 'staging', includedEnvironments: ['production', 'staging'] });
      tailcone.captureMessage('y');
      await tailcone.flush();
      return result;
    });
    assert.deepEqual(page.result, { status: 'ignored', reason: 'environment' });
    assert.deepEqual(await messages(w), ['y']);
  });

  test('enabled: false and setEnabled(false) report nothing; setEnabled(true) goes on', async (w) => {
    const page = await run(w, async (dsn) => {
      tailcone.init({ dsn, enabled: false });
      const off = await tailcone.explain(tailcone.captureMessage('a'));
      tailcone.init({ dsn });
      tailcone.setEnabled(false);
      tailcone.captureMessage('b');
      tailcone.setEnabled(true);
      tailcone.captureMessage('c');
      await tailcone.flush();
      return off;
    });
    assert.deepEqual(page.result, { status: 'disabled' });
    assert.deepEqual(await messages(w), ['c']);
  });

  test('tags, initialScope, serverName, dist, modules and the bundled release are in every event', async (w) => {
    await run(w, async (dsn) => {
      globalThis.SENTRY_RELEASE = { id: 'bundled@1' };
      tailcone.init({
        dsn,
        serverName: 'web-1',
        dist: '7',
        tags: { a: 'option', b: 'option' },
        initialScope: (scope) => scope.setUser({ id: 9 }).setTag('b', 'scope'),
        modules: { vue: '3.5.0' },
      });
      tailcone.captureMessage('x');
      await tailcone.flush();
    });
    const { payload } = await w.inbox.waitFor();
    expectContains(payload, {
      server_name: 'web-1',
      dist: '7',
      release: 'bundled@1',
      tags: { a: 'option', b: 'scope' },
      user: { id: '9' },
    });
    assert.equal(payload.modules.vue, '3.5.0');
    assert.match(payload.modules.tailcone, /^\d+\.\d+\.\d+/);
  });

  test('reportModules: false leaves modules out', async (w) => {
    await run(w, (dsn) => void (tailcone.init({ dsn, reportModules: false }), tailcone.captureMessage('x')));
    assert.equal((await w.inbox.waitFor()).payload.modules, undefined);
  });

  test('sampleRate 0 means none and 1 all, and what is left out is counted', async (w) => {
    const page = await run(w, async (dsn) => {
      tailcone.init({ dsn, sampleRate: 0 });
      const none = await tailcone.explain(tailcone.captureMessage('none'));
      await tailcone.flush();
      tailcone.init({ dsn, sampleRate: 1 });
      for (const text of ['a', 'b', 'c']) tailcone.captureMessage(text);
      await tailcone.flush();
      return none;
    });
    assert.deepEqual(page.result, { status: 'unsampled', reason: 'sample_rate' });
    assert.deepEqual(await messages(w), ['a', 'b', 'c']);
    assert.deepEqual(await reasons(w), { sample_rate: 1 });
  });

  test('sampling comes after beforeSend', async (w) => {
    const page = await run(w, async (dsn) => {
      let seen = 0;
      tailcone.init({ dsn, sampleRate: 0, beforeSend: (event) => (seen++, event) });
      const result = await tailcone.explain(tailcone.captureMessage('x'));
      await tailcone.flush();
      return [seen, result.status];
    });
    assert.deepEqual(page.result, [1, 'unsampled']);
    assert.deepEqual(await reasons(w), { sample_rate: 1 });
  });

  test('maxValueLength, normalizeDepth and normalizeMaxBreadth bound what is copied', async (w) => {
    await run(w, async (dsn) => {
      tailcone.init({ dsn, maxValueLength: 20, normalizeDepth: 2, normalizeMaxBreadth: 3 });
      tailcone.setExtra('list', [1, 2, 3, 4, 5]);
      tailcone.setContext('deep', { a: { b: { c: 1 } } });
      tailcone.captureException(new Error('m'.repeat(100)));
      await tailcone.flush();
    });
    const { payload } = await w.inbox.waitFor();
    assert.equal(thrown(payload).value, 'm'.repeat(19) + '…');
    assert.deepEqual(payload.extra.list, [1, 2, 3, '… 2 more']);
    assert.deepEqual(payload.contexts.deep, { a: { b: '[Object]' } });
  });

  test('attachStacktrace gives messages and thrown values the stack of the call', async (w) => {
    await run(w, async (dsn) => {
      tailcone.init({ dsn, attachStacktrace: true });
      (function whoSays() {
        tailcone.captureMessage('said');
        tailcone.captureException('thrown');
      })();
      await tailcone.flush();
    });
    const events = (await w.inbox.items({ type: 'event' })).map(({ payload }) => payload);
    assert.equal(events.length, 2);
    for (const event of events) {
      assert.equal(thrown(event).stacktrace.frames.at(-1).function, 'whoSays');
      assert.equal(thrown(event).mechanism.synthetic, true);
    }
  });

  test('a message with parameters carries the template and its words', async (w) => {
    await run(w, async (dsn) => {
      tailcone.init({ dsn });
      tailcone.captureMessage('%s of %s left, %s', { params: [3, 'disks'] });
      await tailcone.flush();
    });
    assert.deepEqual((await w.inbox.waitFor()).payload.logentry, {
      message: '%s of %s left, %s',
      params: ['3', 'disks'],
      formatted: '3 of disks left, %s',
    });
  });

  test('inAppInclude and inAppExclude decide which frames are the application’s', async (w) => {
    const page = await run(w, (dsn) => void tailcone.init({ dsn, inAppInclude: ['inner'], inAppExclude: [/failing\.js$/] }));
    await page.evaluate(() => throwLater());
    const { frames } = thrown((await w.inbox.waitFor()).payload).stacktrace;
    const of = (name) => frames.find((frame) => frame.function === name).in_app;
    assert.deepEqual([of('outer'), of('inner'), of('typeError')], [false, true, false]);
  });

  test('wrong options: one clear line, nothing is reported, nothing is thrown', async (w) => {
    const page = await run(w, (dsn) => {
      const said = [];
      const { error } = console;
      console.error = (text) => said.push(text);
      for (const wrong of [
        { sampleRate: '1' },
        { ignoreErrors: 'text' },
        { ignoreErrors: [7] },
        { beforeSend: {} },
        { debug: 'yes' },
        { release: 7 },
        { tags: 'x' },
        { dsn: 'https://example.com' },
        { dsn: 7 },
      ]) {
        tailcone.init({ dsn, ...wrong });
        tailcone.captureMessage('never');
      }
      for (const odd of [null, 7, 'x', [], () => {}]) tailcone.init(odd);
      console.error = error;
      return said;
    });
    assert.equal(page.result.length, 9);
    const names = ['sampleRate', 'ignoreErrors', 'ignoreErrors', 'beforeSend', 'debug', 'release', 'tags', 'DSN', 'dsn'];
    page.result.forEach((line, at) => assert.match(line, new RegExp(`tailcone: .*${names[at]}`)));
    assert.deepEqual(await w.inbox.items(), []);
  });

  test('debug says in one sentence what became of each capture; debugWriter takes it', async (w) => {
    const page = await run(w, async (dsn) => {
      const lines = [];
      tailcone.init({ dsn, debug: true, debugWriter: (level, text) => lines.push([level, text]), ignoreErrors: ['noise'] });
      const ids = [tailcone.captureMessage('x'), tailcone.captureMessage('noise')];
      await tailcone.flush();
      return [ids, lines];
    });
    const [[sent, ignored], lines] = page.result;
    assert.deepEqual(lines.sort(), [
      ['debug', `tailcone: event ${sent} sent`],
      ['debug', `tailcone: event ${ignored} ignored: ignoreErrors`],
    ].sort());
    assert.deepEqual(page.lines.filter(({ text }) => /tailcone/.test(text)), []);
  });

  test('an AggregateError has its errors, each tied to the one it came with', async (w) => {
    await run(w, async (dsn) => {
      tailcone.init({ dsn });
      const one = new TypeError('planned one', { cause: new RangeError('planned deep') });
      tailcone.captureException(new AggregateError([one, 'a text', new EvalError('planned two')], 'planned all'));
      tailcone.captureException(new AggregateError(Array.from({ length: 30 }, (_, i) => new Error(`planned ${i}`)), 'planned many'));
      await tailcone.flush();
    });
    const events = (await w.inbox.items({ type: 'event' })).map(({ payload }) => payload);
    const of = (value) => events.find((event) => thrown(event).value === value).exception.values;
    const links = of('planned all').map(({ type, mechanism: { exception_id, parent_id, source, is_exception_group } }) => [
      type,
      exception_id,
      parent_id,
      source,
      is_exception_group,
    ]);
    assert.deepEqual(links, [
      ['EvalError', 3, 0, 'errors[2]', undefined],
      ['RangeError', 2, 1, 'cause', undefined],
      ['TypeError', 1, 0, 'errors[0]', undefined],
      ['AggregateError', 0, undefined, undefined, true],
    ]);
    const many = of('planned many');
    assert.equal(many.length, 6);
    assert.equal(many.at(-1).mechanism.data.errors_dropped, 25);
  });

  test('a hint may bring its own mechanism and stack', async (w) => {
    await run(w, async (dsn) => {
      tailcone.init({ dsn });
      tailcone.captureException(new Error('planned'), {
        mechanism: { type: 'framework', handled: false, data: { hook: 'mounted' } },
        stacktrace: 'Error: planned\n    at mounted (https://example.com/component.js:3:4)',
      });
      await tailcone.flush();
    });
    const { payload } = await w.inbox.waitFor();
    expectContains(thrown(payload), {
      mechanism: { type: 'framework', handled: false, data: { hook: 'mounted' } },
      stacktrace: { frames: [{ function: 'mounted', filename: 'https://example.com/component.js', lineno: 3, colno: 4 }] },
    });
    assert.equal(thrown(payload).stacktrace.frames.length, 1);
  });

  test('a hundred breadcrumbs are kept, unless it is said how many', async (w) => {
    const seen = await run(w, async (dsn) => {
      const seen = [];
      for (const maxBreadcrumbs of [undefined, 3, 0]) {
        const it = tailcone.createInstance();
        const beforeSend = ({ breadcrumbs }) => (seen.push(breadcrumbs?.values.map(({ message }) => message) ?? 'none'), null);
        it.init({ dsn, breadcrumbs: false, maxBreadcrumbs, beforeSend });
        for (let i = 1; i <= 120; i++) it.addBreadcrumb({ message: `${i}` });
        it.captureMessage('planned');
        await it.flush();
      }
      return seen;
    });
    const last = (count) => Array.from({ length: count }, (_, i) => `${121 - count + i}`);
    assert.deepEqual(seen.result, [last(100), last(3), 'none']);
  });
});

forEachBrowser('hooks', (test) => {
  test('beforeSend sees the whole event and what was captured, and what it gives back is sent', async (w) => {
    const page = await run(w, async (dsn) => {
      let seen;
      tailcone.init({
        dsn,
        serverName: 'secret',
        release: 'a@1',
        beforeSend(event, hint) {
          seen = { type: event.exception.values[0].type, frames: event.exception.values[0].stacktrace.frames.length };
          seen.same = hint.originalException === error;
          seen.crumbs = event.breadcrumbs.values.map(({ message }) => message);
          delete event.server_name;
          return { ...event, tags: { ...event.tags, hooked: 'yes' } };
        },
      });
      const error = new TypeError('planned');
      tailcone.setTag('kept', 'yes');
      tailcone.addBreadcrumb({ message: 'step' });
      tailcone.captureException(error);
      await tailcone.flush();
      return seen;
    });
    assert.deepEqual({ ...page.result, frames: page.result.frames > 0 }, { type: 'TypeError', frames: true, same: true, crumbs: ['step'] });
    const { payload } = await w.inbox.waitFor();
    assert.deepEqual(payload.tags, { kept: 'yes', hooked: 'yes' });
    assert.equal(payload.server_name, undefined);
    assert.equal(payload.release, 'a@1');
    assert.equal(breadcrumbs(payload)[0].message, 'step');
  });

  test('null drops the event, which is counted; a promise is waited for', async (w) => {
    const page = await run(w, async (dsn) => {
      tailcone.init({
        dsn,
        beforeSend: async (event) => {
          await new Promise((done) => setTimeout(done, 50));
          return event.logentry.formatted === 'no' ? null : event;
        },
      });
      const results = ['yes', 'no'].map((text) => tailcone.explain(tailcone.captureMessage(text)));
      const flushed = await tailcone.flush();
      return [flushed, ...(await Promise.all(results)).map(({ status }) => status)];
    });
    assert.deepEqual(page.result, [true, 'sent', 'before_send']);
    assert.deepEqual(await messages(w), ['yes']);
    await page.evaluate(() => tailcone.flush());
    assert.deepEqual(await reasons(w), { before_send: 1 });
  });

  test('a hook that fails drops the event, counted, and is itself reported once', async (w) => {
    w.plan(/hook is broken/);
    const page = await run(w, async (dsn) => {
      const broken = new Error('planned: the hook is broken');
      const modes = [() => { throw broken; }, () => Promise.reject(broken), () => undefined, () => 'text', () => 7];
      tailcone.init({ dsn, sdkLogLevel: 'none', beforeSend: () => modes[at++]() });
      let at = 0;
      const ids = modes.map((_, i) => tailcone.captureMessage('number ' + i));
      await tailcone.flush();
      await tailcone.flush();
      return (await Promise.all(ids.map(tailcone.explain))).map(({ status, reason }) => `${status} ${reason}`);
    });
    assert.deepEqual(page.result, Array(5).fill('before_send internal_sdk_error'));
    const events = (await w.inbox.items({ type: 'event' })).map(({ payload }) => payload);
    assert.equal(events.length, 2, 'one event for each way in which it fails');
    const told = events.find((event) => event.exception);
    expectContains(thrown(told), { type: 'Error', value: 'planned: the hook is broken', mechanism: { type: 'auto.tailcone.hook' } });
    assert.deepEqual(await reasons(w), { internal_sdk_error: 5 });
  });

  test('what a hook puts into the tags becomes texts of their length', async (w) => {
    await run(w, async (dsn) => {
      const beforeSend = (event) => Object.assign(event, { tags: { n: 7, long: 'x'.repeat(300) } });
      tailcone.init({ dsn, beforeSend });
      tailcone.captureMessage('said');
      await tailcone.flush();
    });
    const { payload } = await w.inbox.waitFor();
    assert.deepEqual(payload.tags, { n: '7', long: 'x'.repeat(199) + '…' });
  });

  test('what a hook captures is sent, and does not come round for ever', async (w) => {
    const page = await run(w, async (dsn) => {
      let depth = 0;
      tailcone.init({
        dsn,
        dedupe: false,
        sdkLogLevel: 'none',
        beforeSend(event) {
          depth++;
          console.log('said in the hook');
          tailcone.captureMessage('inner ' + depth);
          tailcone.setTag('set', 'inside');
          return event;
        },
      });
      tailcone.captureMessage('outer');
      await tailcone.flush();
      await tailcone.flush();
      return depth;
    });
    assert.ok(page.result < 10, `${page.result} rounds`);
    const texts = await messages(w);
    assert.ok(texts.includes('outer') && texts.includes('inner 1'), texts.join());
    for (const { payload } of await w.inbox.items({ type: 'event' })) assert.deepEqual(breadcrumbs(payload), []);
  });

  test('event processors run from the global scope inwards, before beforeSend', async (w) => {
    const page = await run(w, async (dsn) => {
      const order = [];
      const step = (name) => (event) => (order.push(name), event);
      tailcone.init({
        dsn,
        beforeSend: step('beforeSend'),
        integrations: [{ name: 'mine', setup: (client) => (order.push('setup ' + typeof client.flush), () => order.push('gone')), processEvent: step('integration') }],
      });
      tailcone.getGlobalScope().addEventProcessor(step('global'));
      tailcone.addEventProcessor(step('isolation'));
      tailcone.withScope((scope) => {
        scope.addEventProcessor(step('current'));
        tailcone.captureMessage('x', { captureContext: (scope) => scope.addEventProcessor(step('hint')) });
      });
      await tailcone.close();
      return order;
    });
    assert.deepEqual(page.result, ['setup function', 'global', 'isolation', 'current', 'hint', 'integration', 'beforeSend', 'gone']);
  });

  test('what is no function in the place of one is not called', async (w) => {
    const page = await run(w, async (dsn) => {
      const no = { a: 1 };
      const none = { name: 'planned', setup: no, processError: no, processEvent: no };
      tailcone.init({ dsn, integrations: [none, { name: 'planned', setup: () => no }] });
      tailcone.addEventProcessor(no);
      tailcone.captureException(new Error('yes'));
      await tailcone.flush();
      await tailcone.close();
    });
    const { payload } = await w.inbox.waitFor({ type: 'event' });
    assert.equal(payload.exception.values[0].value, 'yes');
    assert.deepEqual(page.lines, []);
    assert.deepEqual(await reasons(w), {});
  });

  test('a hint that is no object loses no event', async (w) => {
    await run(w, async (dsn) => {
      tailcone.init({ dsn });
      tailcone.captureMessage('one', 7);
      tailcone.captureEvent({ message: 'two' }, 7n);
      await tailcone.close();
    });
    assert.deepEqual((await messages(w)).sort(), ['one', 'two']);
    assert.deepEqual(await reasons(w), {});
  });

  test('an event processor drops an event, which is counted', async (w) => {
    await run(w, async (dsn) => {
      tailcone.init({ dsn });
      tailcone.addEventProcessor((event) => (event.logentry.formatted === 'no' ? null : event));
      tailcone.captureMessage('no');
      tailcone.captureMessage('yes');
      await tailcone.flush();
      await tailcone.flush();
    });
    assert.deepEqual(await messages(w), ['yes']);
    assert.deepEqual(await reasons(w), { event_processor: 1 });
  });

  test('afterSend is told the event and what became of it', async (w) => {
    const page = await run(w, async (dsn) => {
      const told = [];
      tailcone.init({ dsn, afterSend: (event, result) => told.push([event.logentry.formatted, result.status]) });
      tailcone.captureMessage('x');
      await tailcone.flush();
      return told;
    });
    assert.deepEqual(page.result, [['x', 'sent']]);
  });

  test('excludeException keeps errors from being looked at', async (w) => {
    const page = await run(w, async (dsn) => {
      const asked = [];
      tailcone.init({ dsn, excludeException: (error, source) => (asked.push([error.message, source]), /not/.test(error.message)) });
      const result = await tailcone.explain(tailcone.captureException(new Error('planned not')));
      throwLater();
      await new Promise((done) => setTimeout(done, 50));
      const { source } = tailcone.lastEventIdAndSource();
      await tailcone.flush();
      return [asked, result, source];
    });
    assert.deepEqual(page.result, [[['planned not', 'manual'], ['planned type error', 'global']], { status: 'excluded' }, 'global']);
    const { payload } = await w.inbox.waitFor();
    assert.equal(thrown(payload).value, 'planned type error');
  });

  test('beforeBreadcrumb changes and drops breadcrumbs, and may fail', async (w) => {
    await run(w, async (dsn) => {
      tailcone.init({
        dsn,
        sdkLogLevel: 'none',
        beforeBreadcrumb(crumb, hint) {
          if (crumb.message === 'fail') throw new Error('planned');
          return crumb.message === 'drop' ? null : { ...crumb, message: crumb.message + ' seen' + (hint?.extra ?? '') };
        },
      });
      for (const message of ['a', 'drop', 'fail']) tailcone.addBreadcrumb({ message });
      tailcone.addBreadcrumb({ message: 'b' }, { extra: '!' });
      tailcone.captureMessage('x');
      await tailcone.flush();
    });
    const { payload } = await w.inbox.waitFor();
    assert.deepEqual(breadcrumbs(payload).map(({ message }) => message), ['a seen', 'b seen!']);
  });

  test('hooks work the same where the module cannot run', async (w) => {
    w.site.rule(/tailcone_bg\.wasm$/, { status: 404 });
    const page = await run(w, async (dsn) => {
      tailcone.init({ dsn, sdkLogLevel: 'none', serverName: 'secret', beforeSend: (event) => (delete event.server_name, event.logentry.formatted === 'no' ? null : event) });
      const results = ['yes', 'no'].map((text) => tailcone.explain(tailcone.captureMessage(text)));
      await tailcone.flush();
      return (await Promise.all(results)).map(({ status }) => status);
    });
    assert.deepEqual(page.result, ['sent', 'before_send']);
    const { payload } = await w.inbox.waitFor();
    assert.equal(messageOf(payload), 'yes');
    assert.equal(payload.server_name, undefined);
    assert.equal(payload.contexts.sdk.fallback, 'wasm_unavailable');
  });
});

forEachBrowser('filters', (test) => {
  test('one call sets about 128 KiB at most, in order, and the event arrives with that', async (w) => {
    await run(w, async (dsn) => {
      tailcone.init({ dsn });
      tailcone.setTag('before', 'kept');
      tailcone.setExtras(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`extra ${i}`, 'x'.repeat(20_000)])));
      tailcone.setExtra('after', 'kept');
      tailcone.captureMessage('planned');
      await tailcone.flush();
    });
    const [{ payload }] = await w.inbox.items({ type: 'event' });
    const { after, ...extra } = payload.extra;
    assert.deepEqual([after, payload.tags.before], ['kept', 'kept']);
    const names = Object.keys(extra);
    assert.deepEqual(names, Array.from(names, (_, i) => `extra ${i}`));
    const size = Object.values(extra).join('').length;
    assert.ok(size > 120_000 && size < 150_000, `${size}`);
  });

  test('ignoreErrors takes texts and patterns, for messages and for what was thrown', async (w) => {
    const page = await run(w, async (dsn) => {
      tailcone.init({ dsn, ignoreErrors: ['secret sauce', /^RangeError: out/g] });
      const ids = [
        tailcone.captureMessage('the secret sauce'),
        tailcone.captureException(new RangeError('out of it')),
        tailcone.captureException(new RangeError('out of it too')),
        tailcone.captureException(new Error('out of it')),
      ];
      const results = await Promise.all(ids.map(tailcone.explain));
      await tailcone.flush();
      return results.map(({ status, reason }) => `${status} ${reason}`);
    });
    assert.deepEqual(page.result, ['ignored ignoreErrors', 'ignored ignoreErrors', 'ignored ignoreErrors', 'sent undefined']);
    assert.deepEqual(await reasons(w), { ignored: 3 });
  });

  test('allowUrls and denyUrls look at the innermost script', async (w) => {
    w.site.rule('/cdn/lib/tracker.js', { body: 'export const fails = () => { throw new Error("planned"); };' });
    const page = await run(w, async (dsn) => {
      const { fails } = await import('/cdn/lib/tracker.js');
      const statuses = [];
      const error = () => {
        try {
          fails();
        } catch (error) {
          return error;
        }
      };
      for (const options of [{ allowUrls: ['other.example'] }, { allowUrls: [/cdn\/lib/] }, { denyUrls: ['tracker'] }, { denyUrls: [/nowhere/] }]) {
        tailcone.init({ dsn, ...options });
        statuses.push((await tailcone.explain(tailcone.captureException(error()))).status);
      }
      tailcone.init({ dsn, allowUrls: ['other.example'] });
      statuses.push((await tailcone.explain(tailcone.captureMessage('has no stack'))).status);
      return statuses;
    });
    assert.deepEqual(page.result, ['ignored', 'sent', 'ignored', 'sent', 'sent']);
  });

  test('known noise is left out by named filters, each of which can be switched off', async (w) => {
    const page = await run(w, async (dsn) => {
      const noise = {
        scriptError: 'Script error.',
        resizeObserver: 'ResizeObserver loop completed with undelivered notifications.',
        googletag: 'Cannot redefine property: googletag',
        gmo: "Can't find variable: gmo",
        solana: "can't redefine non-configurable property \"solana\"",
        autofill: "Can't find variable: _AutofillCallbackHandler",
        cefsharp: 'Object Not Found Matching Id:3, MethodName:simulateEvent, ParamCount:1',
        javaBridge: 'Java exception was raised during method invocation',
      };
      const extension = new Error('planned');
      extension.stack = `Error: planned\n    at f (chrome-extension://abcdef/content.js:1:2)`;
      const send = async (options, error) => {
        tailcone.init({ dsn, dedupe: false, ...options });
        const { status, reason } = await tailcone.explain(tailcone.captureException(error));
        return [status, reason ?? ''].join(' ').trim();
      };
      const out = { listed: Object.keys(tailcone.defaultFilters()).sort(), names: [...Object.keys(noise), 'extensions'].sort() };
      for (const [name, text] of Object.entries(noise))
        out[name] = [await send({}, new Error(text)), await send({ defaultFilters: { [name]: false } }, new Error(text))];
      out.extensions = [await send({}, extension), await send({ defaultFilters: { extensions: false } }, extension)];
      out.off = await send({ defaultFilters: false }, new Error(noise.gmo));
      out.said = await send({}, Object.assign(new Error('my own'), {}));
      return out;
    });
    const { listed, names, off, said, ...rest } = page.result;
    assert.deepEqual(listed, names);
    for (const name of names) assert.deepEqual(rest[name], [`ignored ${name}`, 'sent'], name);
    assert.deepEqual([off, said], ['sent', 'sent']);
  });

  test('the same error is sent once in a while, and the others are counted', async (w) => {
    const page = await run(w, async (dsn) => {
      tailcone.init({ dsn });
      const statuses = [];
      for (let i = 0; i < 3; i++) statuses.push(tailcone.explain(tailcone.captureException(Object.assign(new Error('planned'), { stack: 'Error: planned\n    at f (https://example.com/a.js:1:2)' }))));
      await tailcone.flush();
      return (await Promise.all(statuses)).map(({ status }) => status);
    });
    assert.deepEqual(page.result, ['sent', 'deduped', 'deduped']);
    assert.equal((await w.inbox.items({ type: 'event' })).length, 1);
  });

  test('a flood of one kind is held back and counted, and the next one says how many', async (w) => {
    const page = await run(w, async (dsn) => {
      tailcone.init({ dsn });
      const ids = [];
      for (let i = 0; i < 60; i++) ids.push(tailcone.captureException(Object.assign(new Error('planned ' + i), { stack: `Error: planned ${i}\n    at f (https://example.com/a.js:1:2)` })));
      const statuses = (await Promise.all(ids.map(tailcone.explain))).map(({ status }) => status);
      await new Promise((done) => setTimeout(done, 1500));
      tailcone.captureException(Object.assign(new Error('planned last'), { stack: `Error: planned last\n    at f (https://example.com/a.js:1:2)` }));
      await tailcone.flush();
      await tailcone.flush();
      return statuses.filter((status) => status === 'flood').length;
    });
    assert.ok(page.result >= 40 && page.result <= 55, `${page.result} held back`);
    const events = (await w.inbox.items({ type: 'event' })).map(({ payload }) => payload);
    assert.equal(events.length, 61 - page.result);
    const last = events.find((event) => thrown(event).value === 'planned last');
    assert.equal(last.contexts.flood.suppressed, page.result);
    assert.deepEqual(await reasons(w), { backpressure: page.result });
  });

  test('a flood of many kinds is held back and counted, and the next event says how many', async (w) => {
    const page = await run(w, async (dsn) => {
      tailcone.init({ dsn });
      const error = (i) => Object.assign(new Error('planned ' + i), { name: 'Planned' + i });
      const ids = Array.from({ length: 200 }, (_, i) => tailcone.captureException(error(i)));
      const statuses = (await Promise.all(ids.map(tailcone.explain))).map(({ status }) => status);
      await new Promise((done) => setTimeout(done, 500));
      tailcone.captureException(error('last'));
      await tailcone.flush();
      await tailcone.flush();
      return statuses.filter((status) => status === 'flood').length;
    });
    assert.ok(page.result >= 60 && page.result <= 100, `${page.result} held back`);
    const events = (await w.inbox.items({ type: 'event' })).map(({ payload }) => payload);
    assert.equal(events.length, 201 - page.result);
    const told = events.map((event) => event.contexts.flood?.suppressed ?? 0);
    assert.equal(told.reduce((all, some) => all + some), page.result);
    assert.ok(events.find((event) => thrown(event).type === 'Plannedlast').contexts.flood.suppressed > 0);
    assert.deepEqual(await reasons(w), { backpressure: page.result });
  });
});
