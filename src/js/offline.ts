// A transport that keeps what gets no answer in IndexedDB, and sends it later: from this page, another one, or at the
// next visit. What is kept are envelopes, so it is as scrubbed and as bounded as what is sent.
//
// Only who holds the lock takes anything out, so that of several tabs one sends. An envelope stays until it is answered.
// What is lost here is counted here, too: the counts are kept as an entry of their own, and sent as a client report.

import { clock, forget, later, Promise } from './clock.js';
import { createLimits, type Limits } from './limits.js';
import { listen } from './listen.js';
import { createPost, isDelivered, isOffline, type Answer } from './send.js';
import type { Transport } from './types.js';
import type { Bag } from './values.js';

export interface OfflineOptions {
  /** Envelopes that are kept at most; the oldest make room. Default 100. */
  maxEntries?: number;
  /** Bytes that are kept at most. Default 5 MiB. */
  maxBytes?: number;
  /** Milliseconds after which an envelope is dropped. Default 7 days. */
  maxAge?: number;
  /** Milliseconds after which a request counts as not answered. Default 15,000; what is not less than the option of
   * this name of `init` has no effect. */
  requestTimeout?: number;
  /** Sends in the place of `fetch`. */
  transport?: Transport;
}

export interface OfflineTransport extends Transport {
  /** Forgets all that this origin has kept, uncounted: for users who do not want to be reported any more. */
  clear(): Promise<void>;
}

/** Where and how an envelope is posted. */
interface Target {
  url: string;
  init: RequestInit;
}

interface Kept extends Target {
  body: BodyInit;
  bytes: number;
  at: number;
}

/** What was lost: quantities by reason and category, which are one text of JSON. */
type Losses = Record<string, number>;

/** An entry of its own, under the address. */
interface Counts extends Target {
  header: Bag;
  losses: Losses;
}

interface Envelope {
  header: Bag;
  /** All that follows the header. */
  items: Uint8Array<ArrayBuffer>;
  categories: string[];
  /** What is lost with it: its items, unless they are lost for no reason of ours, and the losses that it tells of. */
  losses(reason: string): Losses;
}

const enum Max {
  Entries = 100,
  Bytes = 5_242_880,
  AgeMs = 604_800_000,
  /** Between two requests. */
  SpacingMs = 100,
  /** Until the first attempt after none was answered; each further one waits twice as long, up to an hour. */
  RetryMs = 5000,
  RetryMaxMs = 3_600_000,
  /** From the start of the page. */
  StartMs = 1000,
  /** A storage that does not answer within this time is broken. */
  OpenMs = 3000,
  /** How long the lock is held at most without a sign of life, where it is an entry. */
  LeaseMs = 45_000,
  RequestMs = 15_000,
}

const NAME = 'tailcone';
const STORE = 'envelopes';
const AGES = 'ages';
/** The key of the lock, where the browser has none: behind all numbers and texts. */
const LEASE: IDBValidKey = [];
/** The answer that says: it is kept, to be sent later. */
const KEPT = { status: 3 };

/** Runs `work`, and resolves when all it has asked for is done: to the result of the request that it gives back. */
type Within = <T = void>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T> | void) => Promise<T>;

/** The database, which is opened anew after the browser has closed it. */
function openStore(): Within {
  let opened: IDBDatabase | undefined;
  let opening: Promise<IDBDatabase> | undefined;
  const open = (): Promise<IDBDatabase> =>
    (opening ??= new Promise<IDBDatabase>((resolve, reject) => {
      const timer = later(() => reject(new Error('the storage does not answer')), Max.OpenMs);
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore(STORE, { autoIncrement: true }).createIndex(AGES, ['at', 'bytes']);
      };
      request.onsuccess = () => {
        forget(timer);
        opened = request.result;
        opened.onclose = opened.onversionchange = () => {
          opened?.close();
          opened = opening = undefined;
        };
        resolve(opened);
      };
      request.onerror = () => reject(request.error);
    }).catch((error: unknown) => {
      opening = undefined;
      throw error;
    }));

  return async <T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T> | void) => {
    // While the page goes nothing can be waited for.
    const db = opened ?? (await open());
    return new Promise<T>((resolve, reject) => {
      const transaction = db.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request?.result as T);
      transaction.onabort = () => reject(transaction.error);
    });
  };
}

function add(to: Losses, losses: Losses, sign = 1): Losses {
  for (const [what, quantity] of Object.entries(losses)) to[what] = (to[what] ?? 0) + sign * quantity;
  return to;
}

/** Reads an envelope by the lengths of its items: attachments are of any bytes. */
async function read(body: BodyInit): Promise<Envelope> {
  const bytes = new Uint8Array(await new Response(body).arrayBuffer());
  const lineFrom = (from: number): number => (bytes.indexOf(10, from) + 1 || bytes.length + 1) - 1;
  const json = (from: number, to: number): Bag => JSON.parse(new TextDecoder().decode(bytes.subarray(from, to))) as Bag;
  const end = lineFrom(0);
  const categories: string[] = [];
  const own: Losses = {};
  const told: Losses = {};
  for (let at = end + 1; at < bytes.length; ) {
    const from = lineFrom(at) + 1;
    const { type, length } = json(at, from) as { type: string; length?: number };
    const to = length === undefined ? lineFrom(from) : from + length;
    if (type === 'client_report') {
      for (const { reason, category, quantity } of json(from, to).discarded_events as (Record<string, string> & { quantity: number })[])
        add(told, { [JSON.stringify([reason, category])]: quantity });
    } else {
      const category = type === 'event' ? 'error' : type;
      categories.push(category);
      add(own, { [category]: type === 'attachment' ? to - from : 1 });
    }
    at = to + 1;
  }
  return {
    header: json(0, end),
    items: bytes.subarray(end + 1),
    categories,
    losses: (reason) => {
      const items = reason ? Object.entries(own) : [];
      return add(Object.fromEntries(items.map(([category, sum]) => [JSON.stringify([reason, category]), sum])), told);
    },
  };
}

/** What cannot be read counts as one event. */
const unreadable: Envelope = {
  header: { sdk: { name: 'tailcone.javascript.browser', version: __TAILCONE_VERSION__ } },
  items: new Uint8Array(),
  categories: ['error'],
  losses: (reason) => ({ [JSON.stringify([reason, 'error'])]: 1 }),
};

/** The client report of losses. */
function reportOf({ header, losses }: Counts): Envelope {
  const discarded_events = Object.entries(losses).map(([what, quantity]) => {
    const [reason, category] = JSON.parse(what) as string[];
    return { reason, category, quantity };
  });
  const lines = [{ type: 'client_report' }, { timestamp: clock() / 1000, discarded_events }];
  const text = lines.map((line) => JSON.stringify(line) + '\n').join('');
  return { header, items: new TextEncoder().encode(text), categories: ['client_report'], losses: () => losses };
}

/** Does something that only one tab does at a time; false: another one is at it. `work` is told how to find out whether
 * it still is alone. */
async function alone(within: Within, work: (held: () => unknown) => Promise<void>): Promise<boolean> {
  const { locks } = navigator;
  if (locks) {
    return locks.request(NAME, { ifAvailable: true }, async (lock) => {
      if (lock) await work(() => true);
      return !!lock;
    });
  }
  const me = Math.random();
  let mine = false;
  const hold = async (ms: number): Promise<boolean> => {
    await within('readwrite', (store) => {
      const request = store.get(LEASE);
      request.onsuccess = () => {
        const { by, until = 0 } = (request.result ?? {}) as { by?: number; until?: number };
        mine = by === me || until < clock();
        if (mine && ms) store.put({ by: me, until: clock() + ms }, LEASE);
        else if (mine) store.delete(LEASE);
      };
    });
    return mine;
  };
  if (!(await hold(Max.LeaseMs))) return false;
  await work(() => hold(Max.LeaseMs)).finally(() => hold(0));
  return true;
}

/** Makes a transport that keeps what gets no answer. To be called before `init`, which takes it as `transport`. */
export function offlineTransport(options: OfflineOptions = {}): OfflineTransport {
  const { maxEntries = Max.Entries, maxBytes = Max.Bytes, maxAge = Max.AgeMs, requestTimeout = Max.RequestMs } = options;
  // Not as somebody may wrap it later, to watch the page's requests.
  const { fetch } = globalThis;
  const send = options.transport ?? ((url, init) => fetch(url, init));
  const within = openStore();
  const limits: Record<string, Limits> = {};
  /** On their way, in requests that end with the page. */
  const underway = new Set<Underway>();
  let going = false;
  /** Whether there may be something to send. */
  let filled = true;
  /** Milliseconds between the last attempt, to which nobody answered, and the next one. */
  let pause = 0;
  let timer: ReturnType<typeof later> | undefined;
  /** Whether what is kept is being sent by this page, and whether to begin anew after that. */
  let draining = false;
  let again = false;

  interface Underway extends Target {
    /** Its key, if it is kept. */
    kept?: Promise<IDBValidKey>;
  }

  const wake = (ms: number): void => {
    forget(timer);
    timer = later(drain, ms);
  };

  const backOff = (): void => {
    pause = Math.min(Math.max(pause * 2, Max.RetryMs), Max.RetryMaxMs);
    wake(pause * (1 + Math.random() / 2));
  };

  const put = async ({ url, init }: Target): Promise<IDBValidKey> => {
    let body = init.body!;
    // WebKit does not keep blobs. While the page goes nothing can be waited for.
    if (typeof body !== 'string' && !going) body = await new Response(body).arrayBuffer();
    const { size: bytes } = new Blob([body as BlobPart]);
    if (bytes > maxBytes) throw new RangeError('larger than all that is kept');
    const { credentials, referrerPolicy, headers } = init;
    const how = { credentials, referrerPolicy, headers: headers && [...new Headers(headers)] } as RequestInit;
    const kept: Kept = { url, init: how, body, bytes, at: clock() };
    const key = await within('readwrite', (store) => {
      const request = store.add(kept);
      // A page that goes hears no more of it.
      store.transaction.commit?.();
      return request;
    });
    filled = true;
    return key;
  };

  const keep = async (item: Underway): Promise<typeof KEPT> => {
    await (item.kept ??= put(item));
    if (!pause) backOff();
    return KEPT;
  };

  const forgetKept = (key: IDBValidKey): Promise<void> => within('readwrite', (store) => store.delete(key));

  /** Takes losses into the count of their address, or out of it. */
  const count = (store: IDBObjectStore, { url, init }: Target, header: Bag, losses: Losses, sign?: number): void => {
    const request = store.get(url);
    request.onsuccess = () => {
      const sum = add((request.result as Counts | undefined)?.losses ?? {}, losses, sign);
      for (const [what, quantity] of Object.entries(sum)) if (quantity <= 0) delete sum[what];
      if (Object.keys(sum)[0]) store.put({ url, init, header, losses: sum } satisfies Counts, url);
      else store.delete(url);
    };
  };

  const lose = async (key: IDBValidKey, reason: string, entry: Kept, envelope?: Envelope): Promise<void> => {
    const { header, losses } = envelope ?? (await read(entry.body).catch(() => unreadable));
    await within('readwrite', (store) => {
      store.delete(key);
      count(store, entry, { ...header, event_id: undefined }, losses(reason));
    });
  };

  /** The keys of what is too old or too much, the oldest ones. */
  const excess = async (): Promise<IDBValidKey[]> => {
    const keys: IDBValidKey[] = [];
    let [entries, bytes] = [0, 0];
    await within('readonly', (store) => {
      const request = store.index(AGES).openKeyCursor(null, 'prev');
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor) return;
        const [at, size] = cursor.key as [number, number];
        if (++entries > maxEntries || (bytes += size) > maxBytes || clock() - at > maxAge) keys.push(cursor.primaryKey);
        cursor.continue();
      };
    });
    return keys;
  };

  const at = (key: IDBValidKey): Promise<Kept | Counts | undefined> =>
    within('readonly', (store) => store.get(key) as IDBRequest<Kept | Counts | undefined>);

  /** The key of the oldest envelope, or of counts when there is none; or none. */
  const first = (): Promise<IDBValidKey[]> =>
    within('readonly', (store) => store.getAllKeys(IDBKeyRange.upperBound(LEASE, true), 1));

  /** Sends what is kept, one after the other, until there is nothing more or no answer. `held`: whether the lock is. */
  const empty = async (held: () => unknown): Promise<void> => {
    while (await held()) {
      for (const key of await excess()) await lose(key, 'cache_overflow', (await at(key)) as Kept);
      if (isOffline()) return;
      const [key] = await first();
      const entry = key === undefined ? undefined : await at(key);
      if (!entry) {
        pause = 0;
        return void (filled = false);
      }
      const counts = 'losses' in entry;
      const envelope = counts ? reportOf(entry) : await read(entry.body).catch(() => unreadable);
      const known = (limits[entry.url] ??= createLimits());
      const limit = Math.max(0, ...envelope.categories.map(known.limited_));
      if (limit) return wake(limit - clock());
      let answer: Answer = [300, '', ''];
      if (envelope !== unreadable) {
        const header = JSON.stringify({ ...envelope.header, sent_at: undefined }) + '\n';
        const post = createPost(entry.url, { transport: send, fetchOptions: entry.init, requestTimeout });
        answer = await post(header, [envelope.items], false, false);
      }
      const [status] = answer;
      if (status === 0 || status === 2) return backOff();
      pause = 0;
      known.learn_(answer);
      if (isDelivered(answer))
        await (counts ? within('readwrite', (store) => count(store, entry, entry.header, entry.losses, -1)) : forgetKept(key!));
      else if (counts) return wake(Max.RetryMaxMs);
      // The items that it answers 429 to, the server has counted.
      else await lose(key!, status === 429 ? '' : envelope === unreadable ? 'internal_sdk_error' : 'send_error', entry, envelope);
      await new Promise<void>((resolve) => later(resolve, Max.SpacingMs));
    }
  };

  const drain = (): void => {
    again = draining;
    if (draining) return;
    draining = true;
    forget(timer);
    alone(within, empty)
      // Storage that fails now may not the next time something is to be kept, which begins with asking the server.
      .then((mine) => mine || wake(Max.RetryMs), () => (pause = 0))
      .finally(() => {
        draining = false;
        if (again) drain();
      });
  };

  listen(['online'], drain);
  listen(['pageshow', 'resume'], () => (going = false));
  listen(['pagehide', 'freeze'], () => {
    going = true;
    for (const item of underway) (item.kept ??= put(item)).catch(() => {});
  });
  later(drain, Max.StartMs);

  const transport: Transport = async (url, init) => {
    const item: Underway = { url, init };
    if (isOffline() || pause || (going && !init.keepalive)) {
      try {
        return await keep(item);
      } catch {
        // As if there were no storage.
        delete item.kept;
      }
    }
    const stop = new AbortController();
    const timeout = later(() => stop.abort(), requestTimeout);
    init.signal?.addEventListener('abort', () => stop.abort());
    if (!init.keepalive) underway.add(item);
    try {
      const response = await send(url, { ...init, signal: stop.signal });
      item.kept?.then(forgetKept).catch(() => {});
      if (filled) drain();
      return response;
    } catch (error) {
      // The first is asked once more, without outliving the page; the second by who has no patience any more.
      if (init.keepalive || init.signal?.aborted) throw error;
      return await keep(item).catch(() => {
        throw error;
      });
    } finally {
      forget(timeout);
      underway.delete(item);
    }
  };
  return Object.assign(transport, { clear: () => within('readwrite', (store) => store.clear()) });
}
