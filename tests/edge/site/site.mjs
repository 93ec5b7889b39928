// A small site that is served in every runtime: each path is something that handlers do or suffer. `tailcone` is the
// package as that runtime imports it.

import { caseOf } from './cases.mjs';

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export const site = (tailcone) => {
  /** Sets what tells one request from another, on the request's own scope. */
  const known = (request) => {
    const guest = new URL(request.url).searchParams.get('guest');
    const scope = tailcone.getScope(request);
    scope.setTag('guest', guest).setUser({ id: guest });
    scope.addBreadcrumb({ message: `${guest} came`, category: 'site' });
    return { guest, scope };
  };

  const paths = {
    '/fine': () => new Response('fine'),
    '/throw': (request) => {
      known(request);
      throw new TypeError('thrown at once');
    },
    '/reject': async (request) => {
      known(request);
      await sleep(2);
      throw new RangeError('thrown later', { cause: new Error('the reason') });
    },
    '/null': () => {
      throw null;
    },
    '/captured': async (request) => {
      const { scope } = known(request);
      await sleep(2);
      return Response.json({ id: scope.captureException(new Error('by hand')), last: scope.lastEventIdAndSource() });
    },
    '/message': async (request) => {
      const { guest, scope } = known(request);
      await sleep(1);
      scope.captureMessage(`hello ${guest}`, 'warning');
      return new Response('said');
    },
    // Whoever else is being served: what is set is this request's, or nobody's.
    '/ambient': async (request) => {
      const guest = new URL(request.url).searchParams.get('guest');
      tailcone.setTag('guest', guest);
      tailcone.setUser({ id: guest });
      tailcone.addBreadcrumb({ message: `${guest} came`, category: 'site' });
      await sleep(Math.random() * 20);
      tailcone.withScope((scope) => {
        scope.setTag('inner', guest);
        tailcone.captureMessage(`ambient ${guest}`);
      });
      return new Response(tailcone.lastEventId());
    },
    // What a busy server does: a scope of its own, some waiting, and an event at the end, or a throw.
    '/busy': async (request) => {
      const { searchParams } = new URL(request.url);
      const guest = searchParams.get('guest');
      const scope = tailcone.getScope(request);
      scope.setTag('guest', guest).setUser({ id: guest });
      for (let at = 0; at < 3; at++) {
        scope.addBreadcrumb({ message: `${guest} ${at}`, category: 'site' });
        await sleep(Math.random() * 5);
      }
      if (searchParams.get('how') === 'throw') throw new Error(`busy ${guest}`);
      if (searchParams.get('how') === 'capture') scope.captureMessage(`busy ${guest}`);
      return new Response('busy');
    },
    '/floating': () => {
      void Promise.reject(new RangeError('nobody waits for it'));
      return new Response('fine');
    },
    // Next.js has one in the edge runtime that only throws.
    '/memory': () => Response.json((!globalThis.EdgeRuntime && globalThis.process?.memoryUsage?.()) || (globalThis.Deno?.memoryUsage() ?? {})),
    '/late': (request, context) => {
      const { guest, scope } = known(request);
      const late = sleep(100).then(() => scope.captureMessage(`late ${guest}`));
      context?.waitUntil?.(late);
      return new Response('before that');
    },
    '/stream': (request) => {
      const { scope } = known(request);
      let at = 0;
      const body = new ReadableStream({
        async pull(controller) {
          await sleep(1);
          if (at++ < 5) return controller.enqueue(new TextEncoder().encode(`${at} `));
          scope.captureMessage('streamed');
          controller.close();
        },
      });
      return new Response(body);
    },
    '/body': async (request) => {
      const { guest } = known(request);
      const text = await request.text();
      if (guest !== 'ben') throw new Error(`a body of ${text.length}`);
      return new Response(text);
    },
    '/named-body': (request) => {
      const { scope } = known(request);
      scope.setRequestBody({ seat: '12A' });
      throw new Error('its body was named');
    },
    '/unread': async (request) => {
      known(request);
      await sleep(5);
      throw new Error('its body was not read');
    },
    // A job that some schedule calls for.
    '/job': async (request) => {
      const { guest } = known(request);
      const job = async () => {
        await sleep(5);
        if (guest === 'bad') throw new Error('the job fails');
        return 'done';
      };
      const config = { schedule: { type: 'interval', value: 1, unit: 'hour' }, maxRuntime: 5, timezone: 'Europe/Vienna' };
      return new Response(await tailcone.withMonitor(`job-${guest}`, job, config));
    },
    // One that says by hand how it goes.
    '/begun': () => {
      const checkInId = tailcone.captureCheckIn({ monitorSlug: 'nightly', status: 'in_progress' });
      return new Response(tailcone.captureCheckIn({ monitorSlug: 'nightly', status: 'ok', checkInId, duration: 1.5 }));
    },
    // What a handler without a wrapper of its own would never see.
    '/source': async (request) => {
      const { scope } = known(request);
      const failing = tailcone.wrapHandler(undefined, () => {
        throw new Error('caught');
      });
      await failing(request).catch(() => {});
      return Response.json(scope.lastEventIdAndSource());
    },
    '/case': async (request) => {
      const { guest, scope } = known(request);
      return (await caseOf(guest).run({ tailcone, request, scope, sleep })) ?? new Response('done');
    },
    '/nested': (request) => {
      known(request);
      return tailcone.wrapHandler(undefined, () => {
        throw new Error('in a handler within');
      })(request);
    },
  };

  return async (request, context) => {
    const { pathname } = new URL(request.url);
    return paths[pathname] ? paths[pathname](request, context) : new Response('no such path', { status: 404 });
  };
};

/** What an application may do with what is sent of a request. */
const scrubbers = {
  urlScrubber: (url) => url.replace(/throw|body/, 'PATH'),
  headerScrubber: ({ Accept, ...others }) => ({ ...others, Accept: `${Accept}, scrubbed` }),
  cookieScrubber() {
    throw new Error('no cookies');
  },
  bodyScrubber: (body) => body.length,
};

/** The options of the site, by those that the test gives as JSON, with functions if it asks for them. */
export const optionsOf = (text) => {
  const { scrubbing, ...options } = JSON.parse(text);
  const more = scrubbing ? scrubbers : {};
  return { release: 'site@1.0.0', environment: 'test', dedupe: false, floodControl: false, ...options, ...more };
};
