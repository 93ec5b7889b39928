// What handlers do and suffer, a case each. `run` is part of a site in some runtime, and gets its `scope`, its `request`,
// the package (`tailcone`) and `sleep`; what it gives back is the response, or `done`. The rest is for the test:
// `status`     200, or 500 where it throws (`thrown`), which an `exception` implies; `null`: as the runtime likes
// `event`      what is in the one event; `null`: there is none; `many`: there may be more
// `absent`     what is not in it
// `exception`  what is in the exception that was thrown
// `feedback`   what is in the feedback
// `check`      what else there is to see: payloads by their kind, the response as text, its headers, and `assert`

class PaymentError extends Error {
  name = 'PaymentError';
  code = 'declined';
}

const later = async (fn) => {
  await null;
  return fn();
};
const throwing = (make) => () => {
  throw make();
};
const rejecting = (make) => async () => {
  await null;
  throw make();
};
const chainOf = (length) => {
  let error = new Error('cause 0');
  for (let at = 1; at < length; at++) error = new Error(`cause ${at}`, { cause: error });
  return error;
};
/** Anything that is asked of it fails. */
const broken = () =>
  new Proxy(
    {},
    new Proxy(
      {},
      {
        get() {
          throw new Error('a trap');
        },
      },
    ),
  );

export const cases = {
  // What is thrown.
  'a text is thrown': { run: throwing(() => 'no seat'), exception: { type: 'string', value: 'no seat' } },
  'a number is thrown': { run: rejecting(() => 42), exception: { type: 'number', value: '42' } },
  'undefined is thrown': { run: throwing(() => undefined), exception: { type: 'undefined' } },
  'a symbol is thrown': { run: rejecting(() => Symbol('sold out')), exception: { type: 'symbol', value: 'Symbol(sold out)' } },
  'a BigInt is thrown': { run: throwing(() => 12n), exception: { type: 'bigint' } },
  'a plain object is thrown': {
    run: rejecting(() => ({ code: 7, seat: '12A' })),
    exception: { value: 'Object with the fields code, seat', mechanism: { synthetic: true } },
    event: { extra: { __serialized__: { code: 7, seat: '12A' } } },
  },
  'a Response is thrown': { run: rejecting(() => new Response('no', { status: 403 })), exception: { type: 'Response' } },
  'an error of a class of its own is thrown': {
    run: rejecting(() => new PaymentError('declined')),
    exception: { type: 'PaymentError', value: 'declined' },
  },
  'a DOMException is thrown': { run: throwing(() => new DOMException('gone', 'AbortError')), exception: { type: 'AbortError', value: 'gone' } },
  'a frozen error is thrown': { run: throwing(() => Object.freeze(new RangeError('frozen'))), exception: { type: 'RangeError', value: 'frozen' } },
  'an error without a stack is thrown': {
    run: rejecting(() => Object.assign(new Error('bare'), { stack: undefined })),
    exception: { type: 'Error', value: 'bare' },
    check: ({ events: [event] }, assert) => assert.equal(event.exception.values[0].stacktrace, undefined),
  },
  'an error whose message throws is thrown': {
    run: throwing(() => Object.defineProperty(new Error(), 'message', { get: throwing(() => new Error('not this one')) })),
    exception: { type: 'Error' },
    status: null,
    // A runtime that tells of it fails at it, too, and that is an error of its own.
    many: true,
  },
  'what fails at whatever is asked of it is thrown': {
    run: throwing(broken),
    exception: { type: 'Proxy' },
    status: null,
    many: true,
  },
  'an error with a message of 100,000 characters is thrown': {
    thrown: true,
    run: rejecting(() => new Error('x'.repeat(100_000))),
    check: ({ events: [event] }, assert) => assert.equal(event.exception.values[0].value.length, 8192),
  },
  'an error with three causes is thrown': {
    thrown: true,
    run: rejecting(() => chainOf(4)),
    check: ({ events: [event] }, assert) =>
      assert.deepEqual(event.exception.values.map(({ value }) => value), [0, 1, 2, 3].map((at) => `cause ${at}`)),
  },
  'an error that is its own cause is thrown': {
    run: throwing(() => {
      const error = new Error('circular');
      error.cause = error;
      return error;
    }),
    exception: { value: 'circular' },
    check: ({ events: [event] }, assert) => assert.equal(event.exception.values.length, 1),
  },
  'several errors at once are thrown': {
    run: rejecting(() => new AggregateError([new TypeError('one'), new RangeError('two')], 'both')),
    exception: { type: 'AggregateError', value: 'both', mechanism: { is_exception_group: true } },
    check: ({ events: [event] }, assert) => assert.equal(event.exception.values.length, 3),
  },
  'the first of several rejections is thrown': {
    run: () => Promise.all([later(throwing(() => new Error('first'))), new Promise(() => {})]),
    exception: { value: 'first' },
  },
  'an error comes out of an async generator': {
    run: async () => {
      async function* seats() {
        yield '12A';
        throw new Error('no more seats');
      }
      for await (const seat of seats()) void seat;
    },
    exception: { value: 'no more seats' },
  },
  'a function of the language fails': { run: () => null.seat, exception: { type: 'TypeError' } },
  'an error that would be noise on a page is thrown': {
    run: throwing(() => new Error('no solana in this wallet')),
    exception: { value: 'no solana in this wallet' },
  },
  'JSON is broken': { run: async ({ request }) => JSON.parse(`{${request.method}`), exception: { type: 'SyntaxError' } },
  'a request of the handler is refused': {
    run: async () => (await fetch('http://127.0.0.1:9/')).text(),
    check: ({ events: [event] }, assert) => assert.match(event.exception.values.at(-1).value, /./),
    thrown: true,
  },

  // What is answered.
  'a response of 500 is no error': { run: () => new Response('full', { status: 500 }), status: 500, event: null },
  'a response without a body': { run: () => new Response(null, { status: 204 }), status: 204, event: null },
  'a redirection': {
    run: () => new Response(null, { status: 302, headers: { location: '/fine' } }),
    status: 302,
    event: null,
    check: ({ headers }, assert) => assert.equal(headers.get('location'), '/fine'),
  },
  'headers are those of the handler': {
    run: () => new Response('mine', { headers: { 'x-own': 'yes', 'set-cookie': 'a=b' } }),
    event: null,
    check: ({ headers, text }, assert) => assert.deepEqual([headers.get('x-own'), headers.get('set-cookie'), text], ['yes', 'a=b', 'mine']),
  },
  'a response of bytes': {
    run: () => new Response(new Uint8Array([65, 66, 67])),
    event: null,
    check: ({ text }, assert) => assert.equal(text, 'ABC'),
  },
  'the body is read as JSON': {
    body: { seat: '12A' },
    run: async ({ request }) => Response.json(await request.json()),
    event: null,
    check: ({ text }, assert) => assert.equal(text, '{"seat":"12A"}'),
  },
  'the body is read twice, by a clone': {
    body: { seat: '12A' },
    run: async ({ request }) => new Response(`${(await request.clone().text()).length} ${(await request.text()).length}`),
    event: null,
    check: ({ text }, assert) => assert.equal(text, '14 14'),
  },
  'the request is the one that came': {
    run: ({ request }) => Response.json([request instanceof Request, new URL(request.url).pathname]),
    event: null,
    check: ({ text }, assert) => assert.equal(text, '[true,"/case"]'),
  },

  // What is captured by hand.
  ...Object.fromEntries(
    ['fatal', 'error', 'warning', 'info', 'debug'].map((level) => [
      `a message of level ${level}`,
      { run: ({ scope }) => void scope.captureMessage(`as ${level}`, level), event: { level, logentry: { formatted: `as ${level}` } } },
    ]),
  ),
  'a message with parameters': {
    run: ({ scope }) => void scope.captureMessage('%s of %s', { params: ['12A', 'row 12'] }),
    event: { logentry: { message: '%s of %s', params: ['12A', 'row 12'], formatted: '12A of row 12' } },
  },
  'an error with a hint': {
    run: ({ scope }) =>
      void scope.captureException(new Error('hinted'), {
        tags: { own: 'tag' },
        extra: { own: [1, 2] },
        contexts: { own: { a: 1 } },
        fingerprint: ['own'],
        level: 'warning',
      }),
    event: { level: 'warning', tags: { own: 'tag' }, extra: { own: [1, 2] }, contexts: { own: { a: 1 } }, fingerprint: ['own'] },
  },
  'an event as a whole': {
    run: ({ scope }) => void scope.captureEvent({ message: 'whole', transaction: '/seats', logger: 'own', tags: { own: 'tag' } }),
    event: { logentry: { formatted: 'whole' }, transaction: '/seats', logger: 'own', tags: { own: 'tag' } },
  },
  'what is captured by hand and thrown on': {
    run: async ({ scope }) => {
      const error = new Error('known');
      scope.captureException(error);
      throw error;
    },
    thrown: true,
    exception: { value: 'known', mechanism: { handled: true } },
  },
  'two events of one request': {
    run: ({ scope }) => {
      scope.captureMessage('one');
      scope.captureMessage('two');
    },
    many: true,
    check: ({ events }, assert) => assert.deepEqual(events.map(({ logentry }) => logentry.formatted).sort(), ['one', 'two']),
  },
  'an event from a timer': {
    run: ({ scope, sleep }) => sleep(5).then(() => void scope.captureMessage('by a timer')),
    event: { logentry: { formatted: 'by a timer' } },
  },
  'an event from a microtask': {
    run: ({ scope, sleep }) => {
      queueMicrotask(() => scope.captureMessage('by a microtask'));
      return sleep(1).then(() => undefined);
    },
    event: { logentry: { formatted: 'by a microtask' } },
  },
  'the id of the last event': {
    run: ({ scope }) => new Response([scope.captureMessage('last'), scope.lastEventId()].join()),
    check: ({ events: [event], text }, assert) => assert.equal(text, `${event.event_id},${event.event_id}`),
  },
  'what became of an event': {
    run: async ({ scope, tailcone }) => Response.json(await tailcone.explain(scope.captureMessage('explained'))),
    check: ({ text }, assert) => assert.equal(JSON.parse(text).status, 'sent'),
  },
  'a flush within a handler': {
    run: async ({ scope, tailcone }) => {
      scope.captureMessage('flushed');
      return Response.json(await tailcone.flush(5000));
    },
    check: ({ text }, assert) => assert.equal(text, 'true'),
  },
  'what a user has to say': {
    run: ({ tailcone }) => void tailcone.captureFeedback({ message: 'too slow', email: 'a@b.example' }),
    event: null,
    feedback: { contexts: { feedback: { message: 'too slow', contact_email: 'a@b.example' } } },
  },

  // What a scope holds.
  'tags, extra, context, level and fingerprint of a scope': {
    run: ({ scope }) => {
      scope.setTags({ row: 12, aisle: true }).setExtra('seat', { number: 12 }).setContext('plane', { type: 'A320' });
      scope.setLevel('warning').setFingerprint(['seat']);
      throw new Error('all of it');
    },
    event: {
      tags: { row: '12', aisle: 'true' },
      extra: { seat: { number: 12 } },
      contexts: { plane: { type: 'A320' } },
      level: 'warning',
      fingerprint: ['seat'],
    },
    thrown: true,
  },
  'no user after all': {
    run: ({ scope }) => {
      scope.setUser(null);
      throw new Error('nobody');
    },
    thrown: true,
    absent: ['user'],
  },
  'a scope that is cleared': {
    run: ({ scope }) => {
      scope.clear().setTag('guest', 'a-scope-that-is-cleared');
      throw new Error('cleared');
    },
    thrown: true,
    absent: ['user', 'breadcrumbs'],
  },
  'a breadcrumb with all that it may have': {
    run: ({ scope }) => {
      scope.clearBreadcrumbs().addBreadcrumb({ type: 'http', category: 'seats', message: 'asked', level: 'warning', data: { seat: '12A' } });
      throw new Error('after it');
    },
    thrown: true,
    event: { breadcrumbs: { values: [{ type: 'http', category: 'seats', message: 'asked', level: 'warning', data: { seat: '12A' } }] } },
  },
  'more breadcrumbs than are kept': {
    run: ({ scope }) => {
      for (let at = 0; at < 150; at++) scope.addBreadcrumb({ message: `step ${at}` });
      throw new Error('after 150');
    },
    thrown: true,
    check: ({ events: [{ breadcrumbs }] }, assert) =>
      assert.deepEqual([breadcrumbs.values.length, breadcrumbs.values.at(-1).message], [100, 'step 149']),
  },
  'a processor that changes an event': {
    run: ({ scope }) => {
      scope.addEventProcessor((event) => ({ ...event, tags: { ...event.tags, processed: 'yes' } }));
      throw new Error('changed');
    },
    thrown: true,
    event: { tags: { processed: 'yes' } },
  },
  'a processor that takes its time': {
    run: ({ scope, sleep }) => {
      scope.addEventProcessor(async (event) => {
        await sleep(20);
        return { ...event, tags: { ...event.tags, processed: 'late' } };
      });
      throw new Error('changed later');
    },
    thrown: true,
    event: { tags: { processed: 'late' } },
  },
  'a processor that drops an event': {
    run: ({ scope }) => {
      scope.addEventProcessor(() => null);
      throw new Error('dropped');
    },
    thrown: true,
    event: null,
  },
  'an attachment': {
    run: ({ scope }) => {
      scope.addAttachment({ filename: 'seats.txt', data: '12A 12B' });
      throw new Error('with a file');
    },
    thrown: true,
    check: ({ attachments }, assert) => assert.deepEqual(attachments.map(({ item_header }) => item_header.filename), ['seats.txt']),
  },
  'extra that is a circle': {
    run: ({ scope }) => {
      const circle = { name: 'circle' };
      circle.self = circle;
      scope.setExtra('circle', circle);
      throw new Error('round');
    },
    thrown: true,
    check: ({ events: [event] }, assert) => assert.equal(event.extra.circle.name, 'circle'),
  },
  'text of every script': {
    run: ({ scope }) => {
      scope.setTag('seat', '座席 12А 🎫');
      throw new Error('売り切れ – “ausverkauft”');
    },
    thrown: true,
    event: { tags: { seat: '座席 12А 🎫' } },
    exception: { value: '売り切れ – “ausverkauft”' },
  },
};

for (const one of Object.values(cases)) {
  one.thrown ??= Boolean(one.exception);
  if (one.status === undefined) one.status = one.thrown ? 500 : 200;
}

/** What a case is asked for by, and the guest that it sets. */
export const slug = (name) => name.toLowerCase().replace(/\W+/g, '-');

/** The case with this slug. */
export const caseOf = (wanted) => Object.entries(cases).find(([name]) => slug(name) === wanted)?.[1];
