// The call that sends, for the module and for the fallback sender: fetch, and a beacon where fetch cannot be had.

import { clock, forget, later, Promise } from './clock.js';
import { attempt, mute } from './instrument/index.js';
import type { Options } from './types.js';
import { get } from './values.js';
import { holdRequest } from './invocation.js';
import { given, runtime } from './runtime.js';

/** Status (0: no answer came; 1: the browser took it as a beacon; 2: no answer came, and there is no network; 3: the
 * transport keeps it), `X-Sentry-Rate-Limits`, `Retry-After`. */
export type Answer = [status: number, limits: string, retryAfter: string];

/** Posts an envelope, which begins with a header of at least one member; the moment of sending is put into that. `files`
 * follow it as they are. `hidden`: a request that cannot outlive the page would die with it. */
export type Post = (envelope: string, files: BlobPart[], keepalive: boolean, hidden: boolean) => Promise<Answer>;

type Limited = [until: number, end: () => void, again: () => void];

/** Requests under way on servers. */
const underWay = new Set<Limited>();

const begin = (...request: Limited): Limited => (underWay.add(request), request);

/** Ends those that have taken too long. Where a server ends an invocation, its timers and its requests go with it. */
export function expire(): void {
  for (const [until, end] of underWay) if (until < clock()) end();
}

/** Sends again what is under way, where nothing that waits goes on any more. Servers know events by their ids. */
export const again = (): void => underWay.forEach(([, , again]) => again());

/** Whether a request ends with what it was made in, and costs a third more if it can be ended by itself, or is read. */
const tied = __EDGE__ && runtime.name === 'cloudflare';

/** Whether it is out of our hands. */
export const isDelivered = ([status]: Answer): boolean => /^([13]|2..)$/.test(`${status}`);

/** The reason that is no loss: a transport keeps it. */
export const stored = ([status]: Answer): string => (status === 3 ? 'stored' : '');

/** A server that does not answer within this time does not answer. Cloudflare ends an invocation 30 s after
 * its response. */
const PATIENCE_MS = __EDGE__ ? 25_000 : 30_000;

export const isOffline = (): boolean => get(globalThis.navigator, 'onLine') === false;

/** Whether the page is being left. */
export const page = { going_: false };

export function createPost(url: string, { transport, fetchOptions, requestTimeout }: Options): Post {
  return (envelope, files, keepalive, hidden) =>
    new Promise((resolve) => {
      const at = attempt(() => `"sent_at":"${new Date(clock()).toISOString()}",`) ?? '';
      const text = '{' + at + envelope.slice(1);
      const body = files[0] ? new Blob([text, ...files]) : text;
      const none: Answer = [isOffline() ? 2 : 0, '', ''];
      const handedOver: Answer = [1, '', ''];
      const beacon = (): boolean => {
        try {
          // What was taken is out of our hands: nobody tells what became of it.
          return !__EDGE__ && !transport && navigator.sendBeacon(url, body);
        } catch {
          return false;
        }
      };
      if (hidden && !keepalive && beacon()) return resolve(handedOver);
      const stop = tied ? undefined : attempt(() => new AbortController());
      const timer = later(() => {
        resolve(none);
        stop?.abort();
      }, requestTimeout ?? PATIENCE_MS);
      const mine = __EDGE__
        ? begin(
            clock() + (requestTimeout ?? PATIENCE_MS),
            () => resolve(none),
            () => void (!transport && ask().then(resolve, () => {})),
          )
        : undefined;
      let asked = false;
      const ask = async (): Promise<Answer> => {
        // A string is sent as text/plain, which needs no preflight. No cookies leave, and no more of the page's address
        // than its origin.
        const asking = mute(() =>
          (transport ?? ((__EDGE__ && page.going_ && given.post) || fetch))(url, {
            // Servers have neither, and some refuse to be told of them.
            ...(__EDGE__ ? {} : { credentials: 'omit', referrerPolicy: 'strict-origin' }),
            ...fetchOptions,
            method: 'POST',
            body,
            ...(__EDGE__ ? {} : { keepalive }),
            redirect: 'manual',
            signal: stop?.signal ?? null,
          }),
        );
        asked = true;
        // A page may have put anything in the place of fetch, so what it gives may be anything.
        const response = await asking;
        const header = (name: string): string => response.headers?.get(name) ?? '';
        // A redirection has no status to see; it is a refusal.
        const answer: Answer = [response.status || 300, header('x-sentry-rate-limits'), header('retry-after')];
        // An unread body holds its share of the keepalive quota, or a connection.
        if (tied) void attempt(() => (response as Response).body?.cancel().catch(() => {}));
        else await response.arrayBuffer?.().catch(() => {});
        return answer;
      };
      const ended = ask()
        // A page that goes is told that its requests have failed while they go on.
        .catch(() => (asked ? page.going_ : beacon()) ? handedOver : none)
        .then(resolve)
        .finally(() => (__EDGE__ && underWay.delete(mine!), forget(timer)));
      if (__EDGE__) holdRequest(ended);
    });
}
