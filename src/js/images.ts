// Debug images of wasm modules: sees every module come in, and names, for the frames of an event, the builds they are of.
//
// What is known of a module are strings and a number, of an instance a weak reference to its memory; none of them, nor
// the bytes, are kept alive.

import { debugId, hex, part } from './build-id.js';
import { clock } from './clock.js';
import { heard, trapped } from './trap.js';
import type { ErrorEvent, Exception, Integration } from './types.js';

export interface WasmImagesOptions {
  /** How a debug id is made of the custom section `build_id`: of its first 16 bytes as they are, the length included,
   * which is what Sentry's tools do today (`sentry-raw`, the default), or of the first 16 bytes of the id itself
   * (`convention`). */
  wasmDebugId?: 'sentry-raw' | 'convention';
}

interface Known {
  /** Where it was streamed from. */
  url_: string;
  /** What made it of bytes: `Module`, `compile`, `instantiate`. */
  by_: string;
  /** How many bytes they were; 0 if it is not known. */
  size_: number;
  /** The name that the module gives itself. */
  name_: string;
  /** The section as it is, in hexadecimal digits, and what it has after its length. */
  raw_: string;
  id_: string;
  debug_: string;
}

interface Image {
  type: 'wasm';
  debug_id: string;
  code_id: string;
  code_file: string;
  debug_file: string | undefined;
}

const enum Max {
  /** Modules that are remembered; the oldest ones make room. */
  Known = 500,
  /** Memories that are remembered. */
  Memories = 50,
  Text = 1024,
  /** Of longer modules V8 takes the length for a hash. */
  Hashed = 16_383,
}

type Function_ = (...args: never[]) => unknown;

const api = globalThis.WebAssembly as unknown as Record<string, Function_> | undefined;
const customSections = (globalThis.WebAssembly as Partial<typeof WebAssembly> | undefined)?.Module?.customSections;
const { apply, construct, defineProperty, getOwnPropertyDescriptor } = Reflect;
const known = new Map<string, Known>();
const seen = new WeakSet<object>();
let undo: (() => void)[] = [];
let users = 0;
let memories: WeakRef<WebAssembly.Memory>[] = [];

/** Bytes of a page of a memory. */
const PAGE = 65_536;

const isPromise = (value: unknown): value is Promise<unknown> =>
  Object.prototype.toString.call(value) === '[object Promise]';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes.subarray(0, Max.Text));

/** Remembers what is a module, and leaves everything else alone. */
function note(module: unknown, url = '', by = '', size = 0): void {
  try {
    if (seen.has(module as object)) return;
    // Throws for all but modules. Of several sections of one name, readers of the file take the last.
    const section = (name: string): Uint8Array =>
      new Uint8Array(customSections!(module as WebAssembly.Module, name).pop() as ArrayBuffer);
    const build = section('build_id');
    const names = section('name');
    const about: Known = {
      url_: url.length > Max.Text ? '' : url,
      by_: by,
      size_: size,
      // The subsection 0, always the first, is the name of the module.
      name_: names[0] === 0 ? text(part(part(names, 1))) : '',
      raw_: hex(build.subarray(0, Max.Text)),
      id_: hex(part(build).subarray(0, Max.Text)),
      debug_: text(part(section('external_debug_info'))),
    };
    seen.add(module as object);
    known.set(Object.values(about).join('\n'), about);
    if (known.size > Max.Known) known.delete(known.keys().next().value!);
  } catch {
    // No module, or one of another realm that does not let itself be read.
  }
}

/** Remembers the memories that an instance exports. */
function noteMemories(instance: unknown): void {
  for (const value of Object.values((instance as Partial<WebAssembly.Instance>).exports ?? {}))
    if (value instanceof WebAssembly.Memory)
      memories = [...memories.filter((memory) => memory.deref()), new WeakRef(value)].slice(-Max.Memories);
}

/** Calls through, and looks at what goes in and what comes out. */
function watch(name: string, args: unknown[], call: () => unknown): unknown {
  const [source, imports] = args;
  if (name === 'error') {
    // A panic's words come just before its trap.
    if (typeof source === 'string') heard(source, clock());
    return call();
  }
  let url = '';
  let size = 0;
  /** Whether it is the package's own module, of which no event speaks. */
  let own;
  try {
    own = (imports as { tailcone?: unknown } | undefined)?.tailcone;
    // The bytes may be gone afterwards.
    size = (source as Uint8Array).byteLength || 0;
    const answer = (response: unknown): void => void (url = `${(response as Response).url ?? ''}`);
    if (isPromise(source)) source.then(answer).catch(() => {});
    else answer(source);
  } catch {
    // Refused by the original as well.
  }
  const made = call();
  if (own) return made;
  const look = (result: unknown): unknown => {
    try {
      note(source);
      const { module, instance } = result as Partial<WebAssembly.WebAssemblyInstantiatedSource>;
      note(module ?? result, url, size ? name : '', size);
      noteMemories(instance ?? result);
    } catch {
      // Nothing was made.
    }
    return result;
  };
  // A promise like the one that was made: to watch that one itself would keep its rejections from being reported.
  return isPromise(made) ? made.then(look) : look(made);
}

/** Puts a wrapper in the place of each function that makes modules or takes them, and of `console.error`. A Proxy has the name, the length, the
 * properties and the native text of the original, and is as good a constructor. */
function install(): void {
  if (!undo.length && api && customSections) {
    for (const name of [
      'instantiateStreaming',
      'compileStreaming',
      'instantiate',
      'compile',
      'Module',
      'Instance',
      'error',
    ]) {
      try {
        const holder = name === 'error' ? (console as never) : api;
        const own = getOwnPropertyDescriptor(holder, name)!;
        let live = true;
        const wrapper = new Proxy(own.value as Function_, {
          // Without Object.prototype, where the page may have anything.
          __proto__: null,
          apply: (target, self, args) => {
            const call = (): unknown => apply(target, self, args);
            return live ? watch(name, args, call) : call();
          },
          construct: (target, args, wanted) => {
            const call = (): unknown => construct(target, args, wanted);
            return (live ? watch(name, args, call) : call()) as object;
          },
        } as ProxyHandler<Function_>);
        const put = (value: unknown): unknown => defineProperty(holder, name, { ...own, value });
        if (put(wrapper)) {
          undo.push(() => {
            live = false;
            // Somebody may have wrapped the wrapper, which then stays and does nothing.
            if (holder[name] === wrapper) put(own.value);
          });
        }
      } catch {
        // Not here.
      }
    }
  }
}

/** The module that a frame's file name is of. Of several that it may be, none: no image is better than a wrong one. */
function find(file: string): Known | undefined {
  const all = [...known.values()];
  let fit = all.filter(({ url_ }) => url_ && url_ === file);
  if (!fit[0]) {
    // V8 calls a module that is made of bytes `wasm://wasm/NAME-HASH`, Firefox `SCRIPT line 1 > WebAssembly.compile`.
    // What has another file name was compiled elsewhere, and came here as a module. Today's V8 writes two bits behind
    // the hash.
    const v8 = /^wasm:\/\/wasm\/(?:([^]*)-)?([\da-f]{8})$/.exec(file);
    const hash = parseInt(v8?.[2]!, 16);
    const by = / > WebAssembly\.(\w+)$/.exec(file)?.[1];
    fit = all.filter(
      ({ url_, by_, size_, name_ }) =>
        !url_ &&
        (v8
          ? name_ === (v8[1] ?? '') && (size_ <= Max.Hashed || size_ === hash || size_ === hash >>> 2)
          : !by_ || by_ === by),
    );
  }
  return fit.every(({ raw_ }) => raw_ === fit[0]!.raw_) ? fit[0] : undefined;
}

function imageOf(about: Known, file: string, convention: boolean): Image | undefined {
  const id = convention ? about.id_ : about.raw_;
  // Servers refuse an image without an id.
  if (!id) return;
  let debug = about.debug_;
  try {
    debug &&= new URL(debug, about.url_ || undefined).href;
  } catch {
    // Relative to nothing.
  }
  return {
    type: 'wasm',
    debug_id: debugId(id),
    code_id: id,
    code_file: file || about.name_ || 'wasm',
    debug_file: debug || undefined,
  };
}

/** For pages that have wasm modules of their own. Says of errors which trap they are, gives the trap of a panic the
 * panic's words, and counts what merely follows from it. Names, in `debug_meta.images`, the builds of the modules that an
 * event's frames are in, so that servers can symbolicate them; and in `contexts.wasm.memory_pages` how many pages of
 * 64 KiB the memories have that living instances export. Modules are seen from the moment this file is imported: import
 * it before what loads them. Only modules with the custom section `build_id` have an image, and only frames with an
 * address belong to one. */
export function wasmImages(options?: WasmImagesOptions): Integration {
  const convention = options?.wasmDebugId === 'convention';
  return {
    name: 'WasmImages',
    setup() {
      users++;
      install();
      return () => {
        if (--users) return;
        for (const step of undo) step();
        undo = [];
      };
    },
    processError: (error: unknown, exception: Exception) => trapped(error, exception, clock()),
    processEvent(event: ErrorEvent) {
      const meta = event.debug_meta as { images?: unknown } | undefined;
      const images: Partial<Image>[] = Array.isArray(meta?.images) ? meta.images.slice() : [];
      for (const { stacktrace } of event.exception?.values ?? []) {
        for (const frame of stacktrace?.frames ?? []) {
          if (!frame.instruction_addr || frame.addr_mode) continue;
          const file = frame.filename ?? '';
          const about = find(file);
          const image = about && imageOf(about, file, convention);
          if (!image) continue;
          const same = images.findIndex((other) => other.code_file === image.code_file && other.code_id === image.code_id);
          frame.addr_mode = 'rel:' + (same < 0 ? images.push(image) - 1 : same);
        }
      }
      if (images[0]) event.debug_meta = { ...meta, images };
      const sizes = memories.flatMap((memory) => memory.deref()?.buffer.byteLength ?? []);
      if (sizes[0])
        event.contexts = { ...event.contexts, wasm: { memory_pages: sizes.reduce((sum, size) => sum + size / PAGE, 0) } };
      return event;
    },
  };
}

install();
