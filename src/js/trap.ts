// Traps of wasm modules: of what kind one is, which panic ended in it, and what merely follows from an earlier one.

import type { Exception } from './types.js';

export interface Panic {
  value: string;
  /** `file:line:column` in the Rust program. */
  location: string;
}

const enum Max {
  Text = 4096,
  Known = 200,
  /** Between a panic and its trap. */
  Ms = 1000,
}

/** The kinds, each with what the texts of V8, SpiderMonkey and JavaScriptCore have for it; the first that fits. */
const KINDS = [
  'unreachable',
  'unaligned',
  'integer overflow|divide res',
  'out of memory|allocate|grow',
  'stack overflow|call stack|recursion',
  'divide by zero|by zero',
  'indirect call|call_ind|\\btable|signature|null f',
  'out of bounds',
];

/** Where the crate leaves the moment of the last panic that it has captured. */
const MARK = Symbol.for('tailcone.panic') as never;

/** How calls into an instance end that has panicked, beside traps: in what the glue says of borrowed and moved objects
 * and of closures. */
const AFTER = /[nt]o? rust\b|borrowed|being dropped/i;

/** A field of an error, as far as it is a text. */
function textOf(error: unknown, key: string): string {
  try {
    const text = (error as Record<string, unknown>)[key];
    return typeof text === 'string' ? text.slice(0, Max.Text) : '';
  } catch {
    return '';
  }
}

/** Modules that have panicked, and each followed by the place where. */
const dead = new Set<string>();
let last: (Panic & { at_: number }) | undefined;
let told: unknown;

/** The panic that a text tells of, in Rust's words of today or those before 1.73. */
export function panicOf(text: string): Panic | undefined {
  const found = /panicked at (?:'([^]*?)', )?(.+?:\d+:\d+)(?::\n([^]*?))?(\n\n?Stack:|\nnote: |$)/.exec(text);
  return found ? { value: found[1] ?? found[3] ?? '', location: found[2]! } : undefined;
}

/** To be told what is said on the console: a panic's words come just before its trap. */
export function heard(text: string, now: number): void {
  const panic = panicOf(text);
  if (panic) last = { ...panic, at_: now };
}

/** Says in the exception that was made of an error which trap it is, and which panic. True: the error says nothing new,
 * and is not worth reporting unless somebody asks for it: it is the trap of a panic that the crate `tailcone` has
 * reported, or how a call ends into a module that has panicked before. A panic elsewhere in such a module is news. */
export function trapped(error: unknown, to: Exception, now: number): boolean {
  const [name, message, stack] = ['name', 'message', 'stack'].map((key) => textOf(error, key));
  // Most errors have nothing to do with wasm.
  if (!/wasm-f|wasm c|WebAssembly|grow mem/.test(message! + stack)) return false;
  const kind = KINDS.find((kind) => RegExp(kind, 'i').test(message!))?.split('|')[0]!.replace(/ /g, '_');
  // Other errors than a RuntimeError are traps when memory or the stack ran out.
  const trap =
    name === 'RuntimeError' ? kind || 'other' : /^(Range|Internal)E.+(k_|_m)/.test(name! + kind) ? kind : undefined;
  const lately = (at: unknown): boolean => Math.abs(now - (at as number)) < Max.Ms;
  const mechanism = to.mechanism!;
  /** The file of the innermost frame in wasm, or the engine's word for it. */
  const module = /(?:[(@]|at )([^(@\n]*):wasm-f/.exec(stack!)?.[1];
  let after = false;
  let panic: Panic | undefined;
  if (trap) {
    if (mechanism.handled === false) mechanism.type = 'auto.wasm.trap';
    mechanism.data = { ...mechanism.data, trap };
    if (trap === KINDS[0]) {
      const mark = (globalThis as unknown as Record<symbol, unknown>)[MARK];
      after = mark !== told && lately(mark);
      if (after) told = mark;
      else if (last && lately(last.at_)) {
        panic = last;
        to.type = 'panic';
        to.value = panic.value;
        mechanism.data.location = panic.location;
      }
      last = undefined;
    }
  }
  if (module) {
    const place = module + (panic?.location ?? '');
    after ||= AFTER.test(to.value!) ? dead.has(module) : !!trap && dead.has(place);
    if (dead.size > Max.Known) dead.clear();
    if (after || panic) dead.add(module).add(place);
  }
  return after;
}
