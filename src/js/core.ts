// Finds, compiles and guards the wasm module. The other side of this file is src/wasm.rs: numbers cross as they are,
// texts through one buffer.

import { clock, forget, later } from './clock.js';
import { mute } from './instrument/index.js';
import type { Link, Owner } from './link.js';
import type { Answer } from './send.js';
import type { WasmSource } from './types.js';
import { onBehalf } from './invocation.js';
import { given, type Read } from './runtime.js';
import { tagOf } from './values.js';

/** The module's exports. */
interface Module {
  memory: WebAssembly.Memory;
  room_(length: number): number;
  start_(attempts: number, retry: boolean): number;
  capture_(client: number, ticket: number, prepare: boolean, split: number, attached: number, now: number): number;
  replied_(client: number, id: number, status: number, error: number, feedback: number, attachment: number, now: number): number;
  tick_(client: number, now: number): void;
  flush_(client: number, ticket: number, timeout: number, now: number): void;
  hide_(client: number, hidden: boolean, going: boolean, now: number): void;
  discard_(client: number, split: number, quantity: number): void;
  stop_(client: number): void;
}

/** What `connect` throws when an instance is there, but does not take the client, or has trapped at that. */
export const REFUSED = 'refused';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const owners = new Map<number, Owner>();
const timers = new Map<number, ReturnType<typeof later>>();
let loading: Promise<unknown> | undefined;
/** What instances are made of. */
let compiled: WebAssembly.Module | undefined;
/** The living instance. */
let current: Module | undefined;
let prepared = '';

/** The living instance is never called again. Whoever had it needs another. */
function retire(error?: unknown): void {
  current = loading = undefined;
  const orphans = [...owners.values()];
  owners.clear();
  for (const owner of orphans) owner.dead_(error);
}

/** Calls an instance while it lives. A throw means that it has trapped. */
function call<T>(wasm: Module | undefined, run: (wasm: Module) => T): T | undefined {
  try {
    if (wasm && wasm === current) return run(wasm);
  } catch (error) {
    retire(error);
  }
  return;
}

/** Hands texts to the call that follows; gives back where the second one begins. */
function put(wasm: Module, first: string, second = ''): number {
  const [one, two] = [encoder.encode(first), encoder.encode(second)];
  const at = wasm.room_(one.length + two.length);
  // Only now, for the memory may have grown.
  const bytes = new Uint8Array(wasm.memory.buffer, at);
  bytes.set(one);
  bytes.set(two, one.length);
  return one.length;
}

const text = (at: number, length: number): string => decoder.decode(new Uint8Array(current!.memory.buffer, at, length));

/** What the module imports: plain functions that outlive its instance, so that a dead instance is never called. */
const tailcone = {
  send_(client: number, id: number, at: number, length: number, keepalive: number, hidden: number, ticket: number, attached: number): void {
    const owner = owners.get(client)!;
    const wasm = current;
    const answered = ([status]: Answer): void => {
      // A handle that was given back may belong to another client by now.
      if (owners.get(client) === owner && call(wasm, (wasm) => wasm.replied_(client, id, status, ...owner.limits_(), clock())))
        retire();
    };
    owner
      .post_(ticket, text(at, length), !!attached, !!keepalive, !!hidden)
      .then(__EDGE__ ? onBehalf(answered) : answered)
      // The page has broken what this is made of.
      .catch(() => {});
  },
  wake_(client: number, delay: number): void {
    const wasm = current;
    const tick = (): void => call(wasm, (wasm) => wasm.tick_(client, clock()));
    forget(timers.get(client));
    timers.set(client, later(__EDGE__ ? onBehalf(tick) : tick, delay));
  },
  settled_: (client: number, ticket: number, at: number, length: number, until: number): void =>
    owners.get(client)?.settled_(ticket, text(at, length), until),
  flushed_: (client: number, ticket: number, all: number): void => owners.get(client)?.flushed_(ticket, !!all),
  prepared_: (at: number, length: number): void => void (prepared = text(at, length)),
};

async function load(from: WasmSource | Read): Promise<void> {
  from = compiled ?? from;
  if (__EDGE__ && typeof from === 'function') from = await from();
  if (typeof from === 'string' || from instanceof URL) {
    const url = from;
    from = await mute(() => fetch(url));
  }
  if ('ok' in from) {
    if (!from.ok) throw from.status;
    // At this size there is nothing to win by streaming, and no type to get wrong.
    from = await from.arrayBuffer();
  }
  if (__EDGE__ && tagOf(from as object) === 'WebAssembly.Module') {
    // At once, for a promise may end with the request in which it was made.
    compiled = from as WebAssembly.Module;
    current = new WebAssembly.Instance(compiled, { tailcone }).exports as unknown as Module;
    return;
  }
  const made = (await WebAssembly.instantiate(from as BufferSource, { tailcone })) as Partial<WebAssembly.WebAssemblyInstantiatedSource>;
  compiled = made.module ?? (from as WebAssembly.Module);
  current = (made.instance ?? (made as WebAssembly.Instance)).exports as unknown as Module;
}

/** `header`: what every envelope's header says, as the text of JSON members. The module is loaded once for all clients;
 * after a failure the next one tries again. */
export async function connect(header: string, owner: Owner, from: WasmSource | undefined): Promise<Link> {
  loading ??= load(from ?? (__EDGE__ ? given.wasm! : new URL('./tailcone_bg.wasm', import.meta.url)));
  try {
    await loading;
  } catch (error) {
    loading = undefined;
    throw error;
  }
  const wasm = current;
  const client = call(wasm, (wasm) => (put(wasm, header), wasm.start_(owner.attempts_, owner.retry_)));
  if (!client) throw REFUSED;
  owners.set(client, owner);
  // Limits may be older than the instance.
  call(wasm, (wasm) => wasm.replied_(client, 0, 0, ...owner.limits_(), clock()));
  const capture = (ticket: number, prepare: boolean, signal: string, breadcrumbs: string, attached = 0): number =>
    call(wasm, (wasm) => wasm.capture_(client, ticket, prepare, put(wasm, signal, breadcrumbs), attached, clock())) ?? -1;
  return {
    capture_: (ticket, signal, breadcrumbs, attached) => capture(ticket, false, signal, breadcrumbs, attached),
    prepare_(signal, breadcrumbs) {
      prepared = '';
      capture(0, true, signal, breadcrumbs);
      return prepared;
    },
    flush_: (ticket, timeout) => call(wasm, (wasm) => wasm.flush_(client, ticket, timeout, clock())),
    hide_: (hidden, going) => call(wasm, (wasm) => wasm.hide_(client, hidden, going, clock())),
    discard_: (reason, category, quantity) =>
      call(wasm, (wasm) => wasm.discard_(client, put(wasm, reason, category), quantity)),
    stop_() {
      call(wasm, (wasm) => wasm.stop_(client));
      if (owners.get(client) === owner) owners.delete(client);
      forget(timers.get(client));
      timers.delete(client);
    },
  };
}
