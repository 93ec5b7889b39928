// A Worker that calls its own handler many times for one request from outside, since clocks stand still inside: each call
// has a context of its own, and what it leaves to be waited for is waited for before the next one.

/** `wrap` wraps a handler as an SDK does; the handler throws where it is asked to. */
export function site(wrap) {
  const handler = wrap({
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith('/throw')) throw new Error(`thrown at ${pathname}`);
      return new Response('fine');
    },
  });
  let count = 0;
  return {
    async fetch(request, env) {
      const { searchParams } = new URL(request.url);
      const how = searchParams.get('how');
      for (let left = Number(searchParams.get('calls')); left > 0; left--) {
        const waiting = [];
        const context = { waitUntil: (promise) => void waiting.push(promise), passThroughOnException() {} };
        const inner = new Request(`http://site.example/${how}/${count++}`, { headers: { accept: 'text/html', cookie: 'a=b' } });
        try {
          await (await handler.fetch(inner, env, context)).text();
        } catch {
          // As it is asked to.
        }
        // What waits may add to it.
        for (let at = 0; at < waiting.length; at++) await waiting[at];
      }
      return new Response('done');
    },
  };
}
