// The early part, for the first line of a page: catches errors and takes calls until the main module is there, and may
// load that. It works as a classic or inline script and by `import 'tailcone/loader'`.

import { CARRIER, type Carrier, type Entry } from '../carrier.js';
import type { EventId } from '../types.js';

type Api = typeof import('../entry/browser.js');

/** What `globalThis.tailcone` is: the package's functions, which wait until they can be done. */
export type Loader = Omit<Api, 'init'> & {
  init(options: import('../types.js').Options): void;
  /** Calls `fn` when the main module is there. */
  onLoad(fn: () => void): void;
};

declare global {
  var tailcone: Loader;
}

const enum Max {
  Entries = 100,
  /** Of which so many are kept free for errors and messages. */
  Reserve = 20,
  IdleMs = 2000,
  WaitMs = 10_000,
}

const host = globalThis as any;

if (!host[CARRIER]) {
  const scopeNames = 'addBreadcrumb setTag setTags setUser setExtra setExtras setContext setLevel setFingerprint';
  let scopes = 0;
  let current = 0;
  let last: EventId | undefined;

  const add = (entry: Entry): void => {
    if (carrier.run) carrier.run(entry);
    else if (carrier.queue.length < Max.Entries - (entry[4] ? 0 : Max.Reserve)) carrier.queue.push(entry);
    else if (entry[4]) carrier.lost++;
  };
  const put = (
    scope: number | undefined,
    name: string,
    args: readonly unknown[],
    id?: EventId,
    done?: Entry[5],
  ): void => add([Date.now(), scope, name, args, id, done]);
  const each = (names: string, on: any, make: (name: string) => unknown): any => {
    for (const name of names.split(' ')) on[name] = make(name);
    return on;
  };
  const scopeOf = (scope: number): any => {
    const on: any = {};
    return each(scopeNames + ' clearBreadcrumbs clear', on, (name) => (...args: unknown[]) => {
      put(scope, name, args);
      return on;
    });
  };
  const mint = (): EventId => {
    let id = '';
    while (id.length < 32) id += ((Math.random() * 16) | 0).toString(16);
    return id;
  };
  const caught = (event: Event): void => {
    put(undefined, event.type, [event], mint());
    load();
  };
  const uncaught = (change: 'add' | 'remove'): void => {
    for (const type of ['error', 'unhandledrejection']) host[change + 'EventListener']?.(type, caught);
  };

  const face: any = (host.tailcone = {
    onLoad: (fn: () => void) => carrier.waiting.push(fn),
    lastEventId: () => last,
    getCurrentScope: () => scopeOf(current),
    getGlobalScope: () => scopeOf(-1),
    withScope(fn: (scope: unknown) => unknown) {
      const outer = current;
      put((current = ++scopes), 'enter', []);
      try {
        return fn(scopeOf(current));
      } finally {
        put((current = outer), 'leave', []);
      }
    },
  });
  each(
    'init ' + scopeNames,
    face,
    (name) =>
      (...args: unknown[]) =>
        put(undefined, name, args),
  );
  each('captureException captureMessage captureEvent captureFeedback', face, (name) => (...args: unknown[]) => {
    const id = mint();
    if (name !== 'captureFeedback') last = id;
    put(undefined, name, args, id);
    load();
    return id;
  });
  each('flush close showReportDialog', face, (name) => (...args: unknown[]) => {
    load();
    return new Promise((done) => {
      put(undefined, name, args, undefined, done);
      // The main module may never come.
      setTimeout(done, Max.WaitMs, false);
    });
  });

  const carrier: Carrier = (host[CARRIER] = {
    queue: [],
    lost: 0,
    face,
    waiting: [],
    off: () => uncaught('remove'),
  });
  uncaught('add');

  const script = host.document?.currentScript;
  const { main, dsn } = script?.dataset ?? {};
  let url: string | undefined = main ?? (script?.src && new URL('index.js', script.src).href);
  /** Once; not at all when the application brings the main module itself. */
  const load = (): void => {
    const from = url && !carrier.run && new URL(url, host.document.baseURI).href;
    url = undefined;
    if (from) import(/* @vite-ignore */ /* webpackIgnore: true */ from).catch(() => {});
  };
  if (dsn) face.init({ dsn });
  if (url) (host.requestIdleCallback ?? setTimeout)(load, { timeout: Max.IdleMs });
}
