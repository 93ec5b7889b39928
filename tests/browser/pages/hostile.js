// Values that break what looks at them, the functions that they are given to, and the accounts of both: what threw into
// the page, what was changed or run, how long it took, and how many events are to be expected.
import * as self from '/pages/hostile.js';

const MOST_MS = 50;
const params = new URLSearchParams(location.search);
const V8 = /Chrome/.test(navigator.userAgent);
const WEBKIT = !V8 && /WebKit/.test(navigator.userAgent);

// --- what the values see ------------------------------------------------------------------------------------------

/** What was run of the host's, and the time in it: getters; setters and Proxy traps that write; functions. Apart from
 * them, what has to run: Proxy traps that read, and the own fields of errors and of their events. */
const ran = { reads: 0, writes: 0, calls: 0, traps: 0, fields: 0, ms: 0 };
const seen = (kind, fn) =>
  function (...args) {
    ran[kind]++;
    const began = performance.now();
    try {
      return fn.apply(this, args);
    } finally {
      ran.ms += performance.now() - began;
    }
  };

/** Windows make their fields when they are first looked at. */
const windows = new WeakSet([window]);

/** The target behind each Proxy: what is compared before and after. */
const behind = new WeakMap();
const revoked = new WeakSet();
const WRITES = ['set', 'defineProperty', 'deleteProperty', 'setPrototypeOf', 'preventExtensions'];
const TRAPS = ['get', 'has', 'ownKeys', 'getOwnPropertyDescriptor', 'getPrototypeOf', 'isExtensible', ...WRITES];

function proxy(target, traps) {
  const handler = {};
  for (const [name, fn] of Object.entries(traps))
    handler[name] = seen(WRITES.includes(name) ? 'writes' : /apply|construct/.test(name) ? 'calls' : 'traps', fn);
  const made = new Proxy(target, handler);
  behind.set(made, target);
  return made;
}
const refusing = (target, names = [...TRAPS, 'apply', 'construct'], what = () => new Error('planned: trap')) =>
  proxy(
    target,
    Object.fromEntries(
      names.map((name) => [
        name,
        () => {
          throw what();
        },
      ]),
    ),
  );
const gone = (target) => {
  const { proxy: made, revoke } = Proxy.revocable(target, {});
  revoke();
  revoked.add(made);
  return made;
};

const fail = () => {
  throw new Error('planned: getter');
};
const READ = ['name', 'message', 'stack', 'cause', 'errors', 'error', 'filename', 'lineno', 'colno', 'reason'];
const accessor = (get, kind = 'reads') => ({ get: seen(kind, get), set: seen('writes', () => {}), enumerable: true, configurable: true });
/** Lays accessors over an object: `{name: function}`. */
const withGetters = (object, getters) => {
  const read = object instanceof Error || object instanceof ErrorEvent;
  for (const name of Reflect.ownKeys(getters)) {
    const must = (read && READ.includes(name)) || name === Symbol.toStringTag;
    Object.defineProperty(object, name, accessor(getters[name], must ? 'fields' : 'reads'));
  }
  return object;
};
const withOwn = (object, fields) => {
  for (const name of Reflect.ownKeys(fields)) {
    Object.defineProperty(object, name, { value: fields[name], writable: true, configurable: true, enumerable: false });
  }
  return object;
};
const method = (fn) => seen('calls', fn);
const error = (message = 'planned') => new TypeError(message);
const nested = (depth, wrap, inner = 1) => {
  for (let i = 0; i < depth; i++) inner = wrap(inner);
  return inner;
};
const slowly = (ms) => () => {
  const until = performance.now() + ms;
  while (performance.now() < until);
  return 'slow';
};
const many = (count, fn) => Array.from({ length: count }, (_, i) => fn(i));
const chain = (length, end) => {
  let inner = end;
  for (let i = 0; i < length; i++) inner = new Error(`planned ${i}`, { cause: inner });
  return inner;
};
const tagged = (tag, more = {}) => ({ [Symbol.toStringTag]: tag, ...more });

const realm = document.getElementById('realm').contentWindow;
const stranger = document.getElementById('stranger').contentWindow;
windows.add(stranger);
/** A module of one memory, one table, one tag and the function `f`, which traps. */
const wasm = new WebAssembly.Module(
  new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 4, 4, 1, 112, 0, 1, 5, 3, 1, 0, 1, 7, 13, 3, 1, 102, 0, 0,
    1, 109, 2, 0, 1, 116, 1, 0, 10, 5, 1, 3, 0, 0, 11,
  ]),
);

class Secretive {
  #secret = 'hidden';
  shown = 'shown';
  get secret() {
    ran.reads++;
    return this.#secret;
  }
}
class ThrowingError extends Error {
  #inner = 1;
  get message() {
    return fail(this.#inner);
  }
  get name() {
    return fail();
  }
}
class Breeding extends Array {
  static get [Symbol.species]() {
    ran.calls++;
    throw new Error('planned: species');
  }
}

// --- the values: [row of the list of cases, name, how to make one, flags] -------------------------------------------
// `heavy`: one is made for all functions. `single`: there is only one. `few`: only for functions
// that are about errors. `waits`: not for what waits for an answer, as that takes until somebody's patience ends.
// `wordy`: when nobody catches it, Firefox and WebKit write it as a text before any listener hears of it, which takes
// them seconds on an empty page, too; they are not given it so.

const BIG = 20 * 2 ** 20;
const surrogates = 'a\ud83dz\udca9\udca9\ud83d';
const corpus = [
  [1, 'an error whose message throws', () => withGetters(error(), { message: fail })],
  [1, 'an error whose stack throws', () => withGetters(error(), { stack: fail })],
  [1, 'an error whose name throws', () => withGetters(error(), { name: fail })],
  [1, 'an error whose cause throws', () => withGetters(error(), { cause: fail })],
  [1, 'an error whose errors throw', () => withGetters(error(), { errors: fail })],
  [1, 'an error of which everything throws', () => withGetters(error(), Object.fromEntries(['name', 'message', 'stack', 'cause', 'errors', 'code', 'toString', 'toJSON', Symbol.toPrimitive, Symbol.toStringTag].map((name) => [name, fail])))],
  [1, 'an error whose getters throw null', () => withGetters(error(), { message: () => { throw null; }, stack: () => { throw undefined; } })],
  [1, 'an error whose getter throws a revoked Proxy', () => withGetters(error(), { message: () => { throw gone({}); } })],
  [1, 'an error whose getter throws what throws', () => withGetters(error(), { message: () => { throw withGetters(error(), { message: fail, [Symbol.toStringTag]: fail }); } })],
  [1, 'an error whose getter never ends by itself', () => withGetters(error(), { message() { return this.message; } })],
  [1, 'an error of a class with throwing getters', () => new ThrowingError('planned')],
  [1, 'an error with a constructor that throws', () => withGetters(error(), { constructor: fail })],
  [1, 'an error whose message cannot be made a text', () => withOwn(error(), { message: { toString: method(fail) } })],
  [1, 'an error whose message is a Symbol', () => withOwn(error(), { message: Symbol('planned') })],
  [1, 'an error whose name is a Symbol', () => withOwn(error(), { name: Symbol('planned') })],
  [1, 'an error whose message is a number', () => withOwn(error(), { message: -0, name: 7n })],
  [1, 'an error whose message is a revoked Proxy', () => withOwn(error(), { message: gone({}), name: gone([]), stack: gone(() => {}) })],
  [1, 'something like an error with throwing getters', () => withGetters({}, { message: fail, stack: fail, name: fail })],
  [1, 'a getter that captures', () => withGetters(error(), { message: () => (hostile.more++, hostile.sdk.captureException(error('planned: from a getter')), 'captured') }), { few: 1 }],
  [1, 'a getter that prints', () => withGetters(error(), { message: () => (console.log('planned'), 'printed') })],
  [2, 'a Proxy of which every trap throws', () => refusing({})],
  [2, 'a callable Proxy of which every trap throws', () => refusing(function () {})],
  [2, 'a Proxy of an array of which every trap throws', () => refusing([1, 2])],
  [2, 'a Proxy of an error of which every trap throws', () => refusing(error())],
  [2, 'a Proxy of a Date of which every trap throws', () => refusing(new Date())],
  [2, 'a Proxy that throws null', () => refusing({}, TRAPS, () => null)],
  [2, 'a Proxy that throws another', () => refusing({}, TRAPS, () => refusing({}))],
  [2, 'a Proxy that does not tell its keys', () => refusing({ a: 1 }, ['ownKeys'])],
  [2, 'a Proxy that does not tell its fields', () => refusing({ a: 1 }, ['getOwnPropertyDescriptor'])],
  [2, 'a Proxy that does not tell its prototype', () => refusing({ a: 1 }, ['getPrototypeOf'])],
  [2, 'a Proxy that lies', () => proxy(Object.freeze({ a: 1 }), { get: () => 2, getOwnPropertyDescriptor: () => undefined, ownKeys: () => [] })],
  [2, 'a Proxy that answers with what is no answer', () => proxy({}, { ownKeys: () => 7, getOwnPropertyDescriptor: () => 7, getPrototypeOf: () => 7 })],
  [2, 'a Proxy of an error', () => proxy(error(), {})],
  [2, 'a Proxy of a Map', () => proxy(new Map([[1, 2]]), {})],
  [2, 'a Proxy of a class', () => proxy(class Planned {}, { apply: fail, construct: fail })],
  [2, 'a Proxy that is slow', () => proxy({ a: 1 }, { ownKeys: (target) => (slowly(30)(), Reflect.ownKeys(target)) })],
  [3, 'a Proxy without end', function endless() { return proxy({}, { get: endless, ownKeys: () => ['a', 'b', 'c', 'd'], getOwnPropertyDescriptor: () => ({ value: endless(), writable: true, enumerable: true, configurable: true }) }); }],
  [3, 'a Proxy of an array without end', () => proxy([], { get: (_, key) => (key === 'length' ? 2 ** 53 - 1 : typeof key === 'string' ? proxy({}, {}) : undefined), getOwnPropertyDescriptor: (target, key) => (key === 'length' ? Reflect.getOwnPropertyDescriptor(target, key) : { value: 1, writable: true, enumerable: true, configurable: true }) })],
  [3, 'a Proxy with 20,000 keys', () => { const names = many(20_000, (i) => 'k' + i); return proxy({}, { ownKeys: () => names, getOwnPropertyDescriptor: () => ({ value: 1, writable: true, enumerable: true, configurable: true }) }); }, { heavy: 1 }],
  [3, 'Proxies of Proxies, 10,000 deep', () => nested(10_000, (inner) => new Proxy(inner, {}), {}), { heavy: 1 }],
  [3, 'prototypes without end', function forebears() { return proxy({}, { getPrototypeOf: forebears, get: () => undefined, getOwnPropertyDescriptor: () => undefined, ownKeys: () => [] }); }],
  [3, '10,000 prototypes', () => nested(10_000, (inner) => Object.create(inner), {}), { heavy: 1 }],
  [4, 'a revoked Proxy', () => gone({})],
  [4, 'a revoked Proxy of an array', () => gone([])],
  [4, 'a revoked Proxy of a function', () => gone(() => {})],
  [4, 'revoked Proxies inside', () => ({ a: gone({}), b: [gone([])], c: gone(() => {}) })],
  [5, 'toString throws', () => ({ toString: method(fail) })],
  [5, 'Symbol.toPrimitive throws', () => ({ [Symbol.toPrimitive]: method(fail) })],
  [5, 'valueOf throws', () => ({ valueOf: method(fail), a: 1 })],
  [5, 'toString gives an object', () => ({ toString: method(() => ({})), valueOf: method(() => ({})) })],
  [5, 'toString gives a Symbol', () => ({ toString: method(() => Symbol('planned')) })],
  [5, 'a function whose toString throws', () => withOwn(() => {}, { toString: method(fail), [Symbol.toPrimitive]: method(fail) })],
  [5, 'an object without any prototype', () => Object.create(null)],
  [6, 'toJSON throws', () => ({ a: 1, toJSON: method(fail) })],
  [6, 'toJSON gives itself', () => ({ a: 1, toJSON: method(function () { return this; }) })],
  [6, 'toJSON gives ever new objects', function again() { return { a: 1, toJSON: method(again) }; }],
  [6, 'toJSON is a throwing getter', () => withGetters({ a: 1 }, { toJSON: fail })],
  [6, 'a Date with a toJSON and a toISOString that throw', () => withOwn(new Date(), { toJSON: method(fail), toISOString: method(fail) })],
  [7, 'an object that holds itself', () => { const it = { a: 1 }; it.self = it; return it; }],
  [7, 'an array that holds itself', () => { const it = [1]; it.push(it, it); return it; }],
  [7, 'two that hold each other', () => { const it = { name: 'one' }; it.other = { name: 'two', other: it }; return it; }],
  [7, 'a Map that holds itself', () => { const it = new Map(); it.set(it, it); return it; }],
  [7, 'one object 2^50 times', () => nested(50, (inner) => ({ a: inner, b: inner }), {})],
  [7, '1,000 times 1,000 times 1,000', () => nested(3, (inner) => Array(1000).fill(inner), 'x'), { wordy: 1 }],
  [8, 'objects 50,000 deep', () => nested(50_000, (inner) => ({ inner })), { heavy: 1 }],
  [8, 'arrays 50,000 deep', () => nested(50_000, (inner) => [inner]), { heavy: 1 }],
  [8, 'errors 50,000 deep', () => nested(50_000, (inner) => ({ inner: withOwn(error(), { inner }) })), { heavy: 1 }],
  [9, '200,000 keys', () => Object.fromEntries(many(200_000, (i) => ['key' + i, i])), { heavy: 1 }],
  [9, 'an error with 200,000 keys', () => Object.assign(error(), Object.fromEntries(many(200_000, (i) => ['key' + i, i]))), { heavy: 1 }],
  [9, 'an array of 1,000,000', () => Array(1e6).fill(7), { heavy: 1 }],
  [9, 'an array of 1,000,000 that are undefined', () => Array.from({ length: 1e6 }), { heavy: 1 }],
  [9, 'an empty array of the greatest length', () => Object.assign([], { length: 2 ** 32 - 1 }), { wordy: 1 }],
  [9, 'a sparse array', () => { const it = [1]; it[2 ** 32 - 2] = { last: 1 }; return it; }, { wordy: 1 }],
  [9, 'an object with the keys of a sparse array', () => ({ 4294967294: 1, 4294967296: 2, '-1': 3, 0: 4 })],
  [9, 'an array with keys', () => Object.assign([1, 2], { key: 'value', '-1': 1 })],
  [9, 'an array with getters', () => withGetters([1, 2, 3], { 1: fail })],
  [9, 'an array whose class breeds', () => Breeding.from([1, 2, 3])],
  [9, 'an array with a constructor, methods and an iterator of its own', () => withOwn([1, 2], Object.fromEntries(['constructor', 'map', 'slice', 'filter', 'join', 'concat', 'every', 'toString', Symbol.iterator].map((name) => [name, method(fail)])))],
  [9, 'a text as an object', () => new String('x'.repeat(1e6)), { heavy: 1 }],
  [9, '16 MB of bytes', () => new Uint8Array(16 * 2 ** 20), { heavy: 1 }],
  [9, 'a Map of 200,000', () => new Map(many(200_000, (i) => [i, i])), { heavy: 1 }],
  [9, '50,000 Symbols as keys', () => Object.fromEntries(many(50_000, (i) => [Symbol(i), i])), { heavy: 1 }],
  [10, '20 MB of text', () => 'x'.repeat(BIG), { heavy: 1 }],
  [10, '20 MB of text in many pieces', () => { let it = ''; while (it.length < BIG) it = it + 'planned ' + it; return it; }, { heavy: 1 }],
  [10, '20 MB of Chinese', () => '\u6f22'.repeat(BIG / 2), { heavy: 1 }],
  [10, 'an error with 20 MB of message', () => error('x'.repeat(BIG)), { heavy: 1 }],
  [10, 'a key of 1 MB', () => ({ ['k'.repeat(2 ** 20)]: 1 })],
  [10, '1,000 texts of 20 KB', () => Object.fromEntries(many(1000, (i) => ['key' + i, 'x'.repeat(20_000)])), { heavy: 1 }],
  [10, '200,000 empty lines', () => '\n'.repeat(200_000), { heavy: 1 }],
  [10, '5 MB of what looks like names and numbers', () => 'password=4111 1111 1111 1111; https://u:p@h/?token=%2525 '.repeat(1e5), { heavy: 1 }],
  [11, 'lone surrogates', () => surrogates],
  [11, 'lone surrogates in keys and values', () => ({ [surrogates]: surrogates, list: [surrogates] })],
  [11, 'an error with lone surrogates', () => Object.assign(error(surrogates), { name: surrogates })],
  [11, 'a pair that is cut in two', () => 'x'.repeat(199) + '\u{1f4a9}' + 'x'.repeat(1847) + '\u{1f4a9}'.repeat(4000)],
  [11, 'text that looks like an escaped surrogate', () => '\\ud83d \\\\ud83d "\\ud83d"'],
  [12, 'NUL and control characters', () => 'a\0b\x01\x02\x1b[31m\x7f\x9f'],
  [12, 'line separators', () => 'a\u2028b\u2029c\u0085d\ufeff'],
  [12, 'text that changes direction', () => '\u202eevil\u2066 \u200f\u200b\u00ad'],
  [12, 'lines of an envelope', () => '\n{"type":"event"}\n{"event_id":"0"}\r\n'],
  [12, 'an error with lines of an envelope', () => Object.assign(error('\n{"type":"event"}\n{}\n'), { name: 'A\nB', stack: '\n{"type":"event"}\n{}\n' })],
  [12, 'quotes, braces, placeholders', () => '"}]}{"a":%s %o %% ${x} <script>alert(1)</script> `'],
  [12, 'an empty text', () => ''],
  [12, 'spaces', () => ' \t\n '],
  [13, 'a BigInt', () => 12345678901234567890n],
  [13, 'a BigInt of 1,000,000 bits', () => 2n ** 1_000_000n, { heavy: 1, wordy: 1 }],
  [13, 'a Symbol', () => Symbol('planned')],
  [13, 'a Symbol of 1 MB', () => Symbol('x'.repeat(2 ** 20))],
  [13, 'a well-known Symbol', () => Symbol.iterator],
  [13, 'NaN', () => NaN],
  [13, '-0', () => -0],
  [13, 'Infinity', () => -Infinity],
  [13, 'the greatest number', () => Number.MAX_VALUE],
  [13, 'true', () => true],
  [13, 'a list of numbers that JSON cannot say', () => [NaN, -0, Infinity, 1n, Symbol('a'), undefined, () => {}]],
  [13, 'a function with a throwing name', () => withGetters(() => {}, { name: fail })],
  [13, 'a function with a name that is none', () => withOwn(() => {}, { name: { toString: method(fail) } })],
  [13, 'a function that throws', () => method(fail)],
  [13, 'a function that gives itself', () => { const it = method(() => it); return it; }],
  [13, 'a class', () => class Planned { static { this.inner = this; } }],
  [13, 'a class with a static name', () => class Planned { static name() { ran.calls++; } }],
  [14, 'a Date that is none', () => new Date(NaN)],
  [14, 'the last of all days', () => new Date(8.64e15)],
  [14, 'a Date whose valueOf throws', () => withOwn(new Date(), { valueOf: method(fail), [Symbol.toPrimitive]: method(fail), getTime: method(fail) })],
  [14, 'a Set', () => new Set([1, { a: 1 }])],
  [14, 'a Map whose size throws', () => withGetters(new Map(), { size: fail })],
  [14, 'a WeakMap, a WeakSet, a WeakRef', () => [new WeakMap(), new WeakSet(), new WeakRef({}), new FinalizationRegistry(() => {})]],
  [14, 'typed arrays', () => [new Uint8Array(3), new Float64Array([NaN, -0]), new BigInt64Array(2), new DataView(new ArrayBuffer(3)), new Uint8ClampedArray(2)]],
  [14, 'a typed array whose length throws', () => withGetters(new Uint8Array(3), { length: fail })],
  [14, 'an ArrayBuffer that was given away', () => { const it = new ArrayBuffer(8); const view = new Uint8Array(it); structuredClone(it, { transfer: [it] }); return { it, view }; }],
  [14, 'a typed array beyond its buffer', () => { const it = new ArrayBuffer(16, { maxByteLength: 16 }); const view = new Uint8Array(it, 8, 8); it.resize(4); return view; }],
  [14, 'a SharedArrayBuffer', () => new SharedArrayBuffer(8)],
  [14, 'a RegExp', () => Object.assign(/(a+)+$/g, { lastIndex: 3 })],
  [14, 'a RegExp with an exec of its own', () => withOwn(/a/, { exec: method(fail), test: method(fail), [Symbol.match]: method(fail), [Symbol.search]: method(fail) })],
  [14, 'a generator', () => (function* () { ran.calls++; yield 1; })()],
  [14, 'an iterator without end', () => ({ [Symbol.iterator]: method(function () { return this; }), next: method(() => ({ value: 1, done: false })) })],
  [14, 'an async generator', () => (async function* () { ran.calls++; yield 1; })()],
  [14, 'a Promise', () => Promise.resolve(1)],
  [14, 'a Promise that never settles', () => new Promise(() => {}), { waits: 1 }],
  [14, 'a thenable', () => ({ then: method((resolve) => resolve({ a: 1 })) })],
  [14, 'a thenable that throws', () => ({ then: method(fail) })],
  [14, 'a then that is a throwing getter', () => withGetters({}, { then: fail })],
  [14, 'a thenable that answers with itself', () => { const it = { then: method((resolve) => setTimeout(resolve, 1, it)) }; return it; }, { waits: 1 }],
  [14, 'numbers and truths as objects', () => [new Number(NaN), new Boolean(false), Object(1n), Object(Symbol('planned'))]],
  [14, 'a class instance with private fields', () => new Secretive()],
  [14, 'arguments', () => (function () { return arguments; })(1, { a: 1 }, [2])],
  [14, 'a global object of the language', () => [Math, JSON, Reflect, Intl, Atomics, globalThis.Temporal], { single: 1 }],
  [14, 'a WebAssembly module and its parts', () => { const { exports } = new WebAssembly.Instance(wasm); return { wasm, exports, memory: exports.m, table: exports.t, f: exports.f }; }],
  [14, 'a trap', () => { try { new WebAssembly.Instance(wasm).exports.f(); } catch (trap) { return trap; } return 0; }],
  [14, 'a WebAssembly exception', () => new WebAssembly.Exception(new WebAssembly.Tag({ parameters: ['i32'] }), [1], { traceStack: true })],
  [14, 'a module', () => self, { single: 1 }],
  [15, 'an error that is its own cause', () => { const it = error(); it.cause = it; return it; }],
  [15, 'two errors that cause each other', () => { const it = error(); it.cause = new Error('planned', { cause: it }); return it; }],
  [15, '2,000 causes', () => chain(2000, 'planned')],
  [15, '50,000 causes', () => chain(50_000, null), { heavy: 1 }],
  [15, 'causes without end', function because() { return withGetters(error(), { cause: because }); }],
  [15, 'a cause that is a Proxy', () => new Error('planned', { cause: refusing(error()) })],
  [15, 'a cause that is a document', () => new Error('planned', { cause: document })],
  [15, 'a cause that is 20 MB of text', () => new Error('planned', { cause: 'x'.repeat(BIG) }), { heavy: 1 }],
  [16, '5,000 errors in one', () => new AggregateError(many(5000, (i) => new Error(`planned ${i}`)), 'planned')],
  [16, 'errors that hold themselves', () => { const it = new AggregateError([], 'planned'); it.errors.push(it, it); return it; }],
  [16, 'errors in errors', () => nested(20, (inner) => new AggregateError([inner, inner, inner], 'planned'), error())],
  [16, 'errors that are a sparse array', () => withOwn(error(), { errors: Object.assign([], { length: 2 ** 32 - 1 }) })],
  [16, 'errors that are 1,000,000 numbers', () => withOwn(error(), { errors: Array(1e6).fill(1) }), { heavy: 1 }],
  [16, 'errors that are a Proxy', () => withOwn(error(), { errors: refusing([error()]) })],
  [16, 'errors that are a Proxy without end', () => withOwn(error(), { errors: proxy([], { get: (_, key) => (key === 'length' ? 2 ** 53 - 1 : key === 'constructor' ? Array : 1) }) })],
  [16, 'errors that are no list', () => withOwn(error(), { errors: 'planned', cause: { errors: 7 } })],
  [16, 'the errors of a browser’s own validation', () => Object.assign(error(), { errors: [{ path: ['a'], message: 'planned' }, null, 1] })],
  [17, 'a stack of 1 MB', () => withOwn(error(), { stack: '    at planned (https://example.com/a.js:1:1)\n'.repeat(22_000) })],
  [17, 'a stack of one line of 1 MB', () => withOwn(error(), { stack: 'at ' + 'a'.repeat(2 ** 20) + ':1:1' })],
  [17, 'a stack that is an object', () => withOwn(error(), { stack: { toString: method(fail) } })],
  [17, 'a stack that is a number', () => withOwn(error(), { stack: 7 })],
  [17, 'a stack that is null', () => withOwn(error(), { stack: null })],
  ...['(', '@', ':1', ':1:1)', ' at ', '    at (', 'eval at ', '\n    at ', 'x@x:1:1 > eval', 'wasm-function[1]', ' > ', '\\', '\t', '%25', 'a=', '"', '[native code]\n', '\r', 'async ', '//@', '\u2028', '/0:', '[as '].map((piece) => [17, `a stack of nothing but ${JSON.stringify(piece)}`, () => withOwn(error(), { stack: 'TypeError: planned\n' + piece.repeat(65_536 / piece.length) }), { few: 1 }]),
  [17, 'a stack with all kinds of frames', () => withOwn(error(), { stack: 'TypeError: planned\n    at new A.b [as c] (eval at d (https://x.y/a.js:1:2), <anonymous>:3:4)\n    at async Promise.all (index 0)\n    at https://x.y/a.wasm:wasm-function[7]:0x1f\nf@https://x.y/a.js line 1 > eval:1:1\n[native code]\n    at file:///C:/a b/c.js:99999999999999999999:-1\n@:0:0\n' })],
  [18, 'a frozen error', () => Object.freeze(error())],
  [18, 'a sealed error', () => Object.seal(error())],
  [18, 'an error that takes nothing more', () => Object.preventExtensions(error())],
  [18, 'frozen all the way down', () => Object.freeze({ a: Object.freeze({ b: Object.freeze([Object.freeze({ c: 1 })]) }) })],
  [18, 'an error without a prototype', () => Object.setPrototypeOf(error(), null)],
  [18, 'what inherits from Error and is none', () => Object.create(Error.prototype)],
  [18, 'an error of the old kind', () => { function Old() { this.message = 'planned'; this.name = 'Old'; } Old.prototype = Object.create(Error.prototype); return new Old(); }],
  [18, 'null', () => null],
  [18, 'undefined', () => undefined],
  [18, '0', () => 0],
  [18, 'a list', () => [1, 'two', { three: 3 }, [4]]],
  [18, 'a plain object', () => ({ message: 'planned', code: 7 })],
  [18, 'an object with the names of an event', () => ({ event_id: 'planned', timestamp: 'never', level: {}, platform: 7, logger: [], message: { a: 1 }, logentry: 'x', tags: [1], user: 'u', extra: 7, contexts: { trace: 1, a: null }, exception: { values: [null, 1, {}, { stacktrace: { frames: 7 } }] }, breadcrumbs: { values: [null, 7, {}] }, fingerprint: {}, request: 'r', modules: 7, sdk: 0, type: 'transaction', release: 1, dist: {}, environment: [], debug_meta: 1, threads: 'x' })],
  [19, 'an error of another realm', () => new realm.TypeError('planned')],
  [19, 'a rejection of another realm', () => realm.eval('(() => { try { null.x } catch (error) { return error } })()')],
  [19, 'objects of another realm', () => realm.eval('({ list: [1], date: new Date(0), map: new Map(), plain: { a: 1 }, fn() {} })')],
  [19, 'a window of another origin', () => stranger, { single: 1 }],
  [19, 'the location of a window of another origin', () => stranger.location, { single: 1 }],
  [19, 'windows of other origins inside', () => ({ stranger, list: [stranger] })],
  [19, 'the window', () => window, { single: 1 }],
  [19, 'a window that is gone', () => { const frame = document.body.appendChild(document.createElement('iframe')); const it = [frame.contentWindow, new frame.contentWindow.Error('planned')]; windows.add(it[0]); frame.remove(); return it; }],
  [19, 'an error of a window that is gone', () => { const frame = document.body.appendChild(document.createElement('iframe')); const it = new frame.contentWindow.Error('planned'); frame.remove(); return it; }],
  [20, 'an element', () => Object.assign(document.createElement('div'), { id: 'planned', innerHTML: '<b>text</b>' })],
  [20, 'the document', () => document, { single: 1 }],
  [20, 'document.all', () => document.all, { single: 1 }],
  [20, 'a form whose inputs take its place', () => document.getElementById('shadowing'), { single: 1 }],
  [20, 'a drawing', () => document.getElementById('drawing'), { single: 1 }],
  [20, 'a frame', () => document.getElementById('stranger'), { single: 1 }],
  [20, 'nodes that are no elements', () => [document.createTextNode('planned'), document.createComment('planned'), document.createDocumentFragment(), document.createAttribute('planned')]],
  [20, 'an element whose methods throw', () => withOwn(document.createElement('a'), { getAttribute: method(fail), toString: method(fail) })],
  [20, 'a shadow root', () => document.createElement('div').attachShadow({ mode: 'closed' })],
  [20, 'lists of nodes', () => [document.querySelectorAll('*'), document.forms, document.body.classList, document.body.dataset, document.body.style]],
  [20, 'an event', () => new MouseEvent('click', { bubbles: true })],
  [20, 'an event whose type throws', () => withGetters(new Event('planned'), { type: fail, target: fail })],
  [20, 'an event with a detail', () => new CustomEvent('planned', { detail: document })],
  [20, 'an error event without an error', () => new ErrorEvent('error', { message: 'Uncaught TypeError: planned', filename: 'https://example.com/a.js', lineno: 7, colno: 9 })],
  [20, 'an error event with a bad one', () => new ErrorEvent('error', { message: '\ud800'.repeat(9999), filename: 'x'.repeat(2 ** 16), error: refusing(error()) })],
  [20, 'an error event whose fields throw', () => withGetters(new ErrorEvent('error'), { error: fail, message: fail, filename: fail, lineno: fail })],
  [20, 'a rejection event', () => { const promise = Promise.resolve(1); return new PromiseRejectionEvent('unhandledrejection', { promise, reason: gone({}) }); }],
  [20, 'a response whose body was read', () => { const it = new Response('planned'); it.text(); return it; }],
  [20, 'a response whose body was not', () => new Response('planned')],
  [20, 'a request with a body', () => new Request('https://example.com/?token=1', { method: 'POST', body: 'planned' })],
  [20, 'a stream', () => new ReadableStream({ pull() { ran.calls++; } }, { highWaterMark: 0 })],
  [20, 'a stream that somebody reads', () => { const it = new ReadableStream(); it.getReader(); return it; }],
  [20, 'a Blob and a File', () => [new Blob(['planned']), new File(['planned'], 'planned')]],
  [20, 'parts of the page', () => ({ location, navigator, history, screen, performance, crypto, localStorage, customElements }), { single: 1 }],
  [20, 'the location', () => location, { single: 1 }],
  [20, 'a storage', () => localStorage, { single: 1 }],
  [20, 'a DOMException', () => new DOMException('planned', 'AbortError')],
  [20, 'a DOMException whose message throws', () => withGetters(new DOMException('planned', 'AbortError'), { message: fail, name: fail, stack: fail })],
  [20, 'a signal that was aborted', () => AbortSignal.abort(gone({}))],
  [20, 'a URL, headers, a form’s data', () => [new URL('https://u:p@example.com/?token=1'), new Headers({ a: 'b' }), new FormData(), new URLSearchParams('token=1')]],
  [20, 'a port and a channel', () => { const it = new MessageChannel(); it.port1.close(); return it; }],
  [21, '__proto__ as a key', () => JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":1}')],
  [21, 'the names of Object.prototype as keys', () => Object.fromEntries(['hasOwnProperty', 'toString', 'valueOf', '__defineGetter__', '__lookupSetter__', 'isPrototypeOf', 'constructor'].map((name) => [name, 'planned']))],
  [21, 'odd keys', () => ({ '': 1, ' ': 2, '\n': 3, '\u2026': 4, 'a.b': 5, 'a[0]': 6, length: 7, then: 8, nodeType: 1, window: 9, self: 10, type: 'event' })],
  [21, 'what seems a list', () => ({ length: 2 ** 32, 0: 'a' })],
  [21, 'what seems an event', () => tagged('ErrorEvent', { error: gone({}), message: 7, filename: {}, lineno: 'x', colno: -1 })],
  [21, 'what seems a rejection', () => tagged('PromiseRejectionEvent', { reason: refusing({}) })],
  [21, 'what seems a window', () => { const it = Object.create(null); Object.defineProperty(it, 'window', accessor(() => it)); return it; }],
  ...['Error', 'Date', 'Map', 'Uint8Array', 'HTMLElement', 'MouseEvent', 'Array', 'x'.repeat(2 ** 20)].map((tag) => [21, `what says that it is ${tag.slice(0, 20)}`, () => Object.create({ [Symbol.toStringTag]: tag }, { a: { value: 1, enumerable: true }, valueOf: { value: method(fail) } })]),
  [21, 'what does not say what it is', () => withGetters(Object.create({}), { [Symbol.toStringTag]: fail })],
  [21, 'what inherits setters', () => withOwn(Object.create(withGetters({}, { a: fail, message: fail, stack: fail })), { b: 1 })],
  [21, 'what says that all is an instance of it', () => ({ [Symbol.hasInstance]: method(() => true), constructor: { name: { toString: method(fail) } } })],
  [22, 'getters with effects', () => withGetters({ plain: 1 }, Object.fromEntries(['a', 'message', 'name', 'tags', 'data', 'id', 'level'].map((name) => [name, () => 'ran'])))],
  [22, 'getters with effects, further in', () => ({ inner: withGetters({}, { a: () => 'ran' }), list: [withGetters({}, { b: () => 'ran' })] })],
  [22, 'a getter that takes 300 ms', () => withGetters({}, { slow: slowly(300) })],
  [22, 'an error whose message takes 300 ms', () => withGetters(error(), { message: slowly(300) }), { few: 1 }],
  [22, 'an error with getters that are none of an error’s', () => withGetters(error(), { response: fail, config: fail })],
  [22, 'a getter in the prototype', () => Object.create(withGetters({}, { a: () => 'ran' }))],
].map(([row, name, make, flags = {}]) => ({ row, name, make, ...flags }));

// --- whether a value is as it was ---------------------------------------------------------------------------------

const numbers = new WeakMap();
let count = 0;
/** Of getters and setters of the platform's WebKit makes new ones when nobody has them. */
const kept = new Set();
const numberOf = (object) => numbers.get(object) ?? (numbers.set(object, ++count), count);
const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
const mostNodes = 300;
const mostKeys = 400;

/** All that can be told of a value without running anything of its own: keys, fields by identity, prototypes, whether
 * it is frozen, and the inner state of what the platform made. */
function portrait(root) {
  const lines = [];
  const queue = [];
  const known = new Set();
  const say = (value) => {
    if (!isObject(value)) return Object.is(value, -0) ? '-0' : typeof value === 'string' ? `${value.length}${value.slice(0, 40)}` : typeof value === 'bigint' ? value.toString(16) : String(value);
    if (!known.has(value)) {
      known.add(value);
      queue.push(value);
    }
    return '#' + numberOf(value);
  };
  say(root);
  for (const found of queue) {
    if (lines.length > mostNodes) break;
    if (revoked.has(found)) continue;
    const it = behind.get(found) ?? found;
    try {
      const plain = !windows.has(it) && it !== document && it !== self;
      const large = (Array.isArray(it) || ArrayBuffer.isView(it)) && it.length > mostKeys;
      const keys = large ? many(50, String) : Reflect.ownKeys(it);
      let line = `${say(found)} ${Object.isExtensible(it)} ${keys.length} ${large ? it.length : ''}`;
      const parent = Object.getPrototypeOf(it);
      line += parent ? ' ' + numberOf(parent) : '';
      for (const key of keys.length > mostKeys ? [...keys.slice(0, mostKeys / 2), ...keys.slice(-mostKeys / 2)] : keys) {
        const field = Object.getOwnPropertyDescriptor(it, key);
        if (!field || !plain) continue;
        line += `\n ${String(key).slice(0, 99)} ${field.writable}${field.enumerable}${field.configurable} `;
        kept.add(field.get).add(field.set);
        line += 'value' in field ? say(field.value) : `${field.get && numberOf(field.get)} ${field.set && numberOf(field.set)}`;
      }
      if (it instanceof Response || it instanceof Request) line += it.bodyUsed;
      if (it instanceof ReadableStream) line += it.locked;
      if (it instanceof Element) line += it.outerHTML + it.isConnected;
      if (it instanceof Map || it instanceof Set) line += Object.getOwnPropertyDescriptor(Object.getPrototypeOf(it), 'size').get.call(it);
      if (it instanceof Storage) line += JSON.stringify(it);
      lines.push(line);
    } catch (thrown) {
      lines.push('cannot be seen');
    }
  }
  return lines.join('\n');
}

/** The first line in which two differ. */
const difference = (before, after) => {
  const [a, b] = [before.split('\n'), after.split('\n')];
  const at = a.findIndex((line, i) => line !== b[i]);
  return `${a[at] ?? 'nothing'} became ${b[at] ?? 'nothing'}`.slice(0, 300);
};

// --- the functions ------------------------------------------------------------------------------------------------
// Each entry: a name and what is done with a value. `bag`: the value itself is a bag of arguments, whose fields are
// read, or comes from a hook. `more`: not about errors. `answers`: waits for what hooks give. `own`: what the peer does
// not have, or takes too long for. `call` runs one call under watch; `capture` one that makes an event.

const FIELDS = 'level logger transaction message logentry exception breadcrumbs tags extra contexts user request fingerprint modules timestamp event_id release environment dist server_name sdk platform debug_meta threads type'.split(' ');
const OPTIONS = 'dsn release environment dist serverName tunnel inferIp sendResult sdkLogLevel sampleRate maxBreadcrumbs maxValueLength normalizeDepth normalizeMaxBreadth enabled debug globalHandlers attachStacktrace dedupe floodControl reportModules sendDefaultPii beforeSend afterSend beforeBreadcrumb excludeException debugWriter tags modules dataCollection includedEnvironments inAppInclude inAppExclude ignoreErrors allowUrls denyUrls initialScope integrations breadcrumbs defaultFilters wasm'.split(' ');
const DIALOG = 'eventId user lang title subtitle subtitle2 labelName labelEmail labelComments labelClose labelSubmit errorGeneric errorFormEntry successMessage onLoad onClose dsn'.split(' ');

const apis = {
  'thrown and not caught': {
    uncaught: true,
    run: (w, s, v) =>
      w.uncaught('error', v, (v) =>
        setTimeout(() => {
          throw v;
        }),
      ),
  },
  'rejected and not caught': { uncaught: true, run: (w, s, v) => w.uncaught('unhandledrejection', v, (v) => void Promise.reject(v)) },
  captureException: { run: (w, s, v) => w.capture(() => s.captureException(v), { of: v }) },
  'captureException of a cause': {
    run: (w, s, v) => w.capture(() => s.captureException(Object.assign(new Error('planned', { cause: v }), { field: v, errors: [v] }))),
  },
  'captureException with a hint': {
    more: true,
    bag: true,
    run(w, s, v) {
      w.capture(() => s.captureException(error(), v));
      w.capture(() => s.captureException(error(), { captureContext: v, stacktrace: v, level: v, fingerprint: v }));
      w.capture(() => s.captureException(error(), { captureContext: () => v, mechanism: v, tags: v, extra: v, contexts: v, user: v }), { places: 5 });
      w.capture(() => s.captureException(error(), { mechanism: { type: v, data: v, handled: v }, attachments: v }));
    },
  },
  captureMessage: {
    more: true,
    run(w, s, v) {
      w.capture(() => s.captureMessage(v));
      w.capture(() => s.captureMessage('planned %s', { params: [v, { v }] }));
    },
  },
  'captureMessage with a level': {
    more: true,
    bag: true,
    run(w, s, v) {
      w.capture(() => s.captureMessage('planned', v));
      w.capture(() => s.captureMessage('planned', { level: v, params: v, captureContext: { level: v } }));
    },
  },
  captureEvent: {
    more: true,
    bag: true,
    run(w, s, v) {
      w.capture(() => s.captureEvent(v));
      w.capture(() => s.captureEvent({ message: 'planned' }, v));
    },
  },
  'fields of captureEvent': {
    more: true,
    bag: true,
    run(w, s, v) {
      for (let i = 0; i < FIELDS.length; i += 9) {
        w.capture(() => s.captureEvent({ message: 'planned', ...Object.fromEntries(FIELDS.slice(i, i + 9).map((name) => [name, v])) }));
      }
      w.capture(() =>
        s.captureEvent({
          exception: { values: [v, { type: v, value: v, stacktrace: { frames: [v] }, mechanism: v }] },
          breadcrumbs: [v, { message: v, data: v, timestamp: v }],
          contexts: { v },
          extra: { v },
          tags: { v },
          user: { id: v, v },
          request: { url: v, headers: v },
          fingerprint: [v],
        }),
      );
    },
  },
  captureFeedback: {
    more: true,
    bag: true,
    run(w, s, v) {
      w.capture(() => s.captureFeedback(v));
      w.capture(() => s.captureFeedback({ message: v, source: v }));
      w.capture(() => s.captureFeedback({ message: 'planned', name: v, email: v, url: v, associatedEventId: v, tags: { v } }));
    },
  },
  addBreadcrumb: {
    bag: true,
    more: true,
    run(w, s, v) {
      w.call(() => s.addBreadcrumb(v));
      w.call(() => s.addBreadcrumb({ message: v, category: v, type: v, level: v, timestamp: v }, v));
    },
  },
  'data of addBreadcrumb': {
    more: true,
    run(w, s, v) {
      w.call(() => s.addBreadcrumb({ data: v }));
      w.call(() => s.addBreadcrumb({ message: 'planned', data: { v, list: [v] } }));
    },
  },
  'the console': {
    more: true,
    run(w, s, v) {
      w.call(() => console.log(v));
      w.call(() => console.error('planned', v, { v }));
      w.call(() => console.assert(false, v));
    },
  },
  setTag: {
    more: true,
    run(w, s, v) {
      w.call(() => s.setTag('planned', v));
      w.call(() => s.setTag(v, 'planned'));
    },
  },
  setTags: {
    more: true,
    run(w, s, v) {
      w.call(() => s.setTags(v));
      w.call(() => s.setTags({ v }));
    },
  },
  setExtra: {
    run(w, s, v) {
      w.call(() => s.setExtra('planned', v));
      w.call(() => s.setExtra(v, 'planned'));
    },
  },
  setExtras: {
    more: true,
    run(w, s, v) {
      w.call(() => s.setExtras(v));
      w.call(() => s.setExtras({ v, list: [v] }));
    },
  },
  setContext: {
    more: true,
    run(w, s, v) {
      w.call(() => s.setContext('planned', v));
      w.call(() => s.setContext('further', { v }));
      w.call(() => s.setContext(v, { planned: 1 }));
    },
  },
  setUser: {
    more: true,
    run(w, s, v) {
      w.call(() => s.setUser({ id: v, email: v, username: v, ip_address: v, more: v }));
      w.capture(() => s.captureMessage('planned: with all of it'));
      w.call(() => s.setUser(v));
    },
  },
  'setFingerprint and setLevel': {
    more: true,
    run(w, s, v) {
      w.call(() => s.getIsolationScope().setFingerprint([v]));
      w.call(() => s.getIsolationScope().setFingerprint(v));
      w.call(() => s.getIsolationScope().setLevel(v));
    },
  },
  // All that was set until here.
  'captureMessage with scopes': { run: (w, s) => w.capture(() => s.captureMessage('planned: with all of it')), last: true },
  'the scope of withScope': {
    more: true,
    run(w, s, v) {
      w.call(() =>
        s.withScope((scope) => {
          const calls = [
            () => scope.setTag('planned', v),
            () => scope.setTags(v),
            () => scope.setUser(v),
            () => scope.setExtra('planned', v),
            () => scope.setExtras(v),
            () => scope.setContext('planned', v),
            () => scope.setFingerprint(v),
            () => scope.setLevel(v),
            () => scope.addBreadcrumb({ message: 'planned', data: v }),
          ];
          for (const call of calls) w.call(call);
          w.capture(() => s.captureMessage('planned'));
        }),
      );
    },
  },
  addAttachment: {
    more: true,
    bag: true,
    run(w, s, v) {
      w.call(() => s.withScope((scope) => {
        w.call(() => scope.addAttachment(v));
        // Of a file of many megabytes the bytes take their time.
        const file = (typeof v === 'string' && v.length > 1e6) || (ArrayBuffer.isView(v) && v.byteLength > 1e6) ? 'planned' : v;
        w.call(() => scope.addAttachment({ filename: v, data: file, contentType: v, attachmentType: v }));
        w.call(() => scope.addAttachment({ filename: 'planned', data: [v] }));
        w.capture(() => s.captureMessage('planned'));
      }));
    },
  },
  'withScope without a function': {
    more: true,
    run(w, s, v) {
      if (typeof v !== 'function') w.call(() => s.withScope(v));
    },
  },
  'an event processor': {
    more: true,
    answers: true,
    bag: true,
    run(w, s, v) {
      const with_ = (processor) =>
        w.call(() =>
          s.withScope((scope) => {
            w.call(() => scope.addEventProcessor(processor));
            w.capture(() => s.captureException(error()));
          }),
        );
      with_(() => v);
      with_(() => {
        throw v;
      });
      with_((event) => Object.assign(event, { extra: { v }, tags: { v }, user: v, contexts: { v }, message: v }));
      with_(v);
    },
  },
  'setEnabled, flush, explain': {
    more: true,
    bag: true,
    own: true,
    async run(w, s, v) {
      await s.flush(5000);
      await w.promise(() => s.flush(v));
      await w.promise(() => s.explain(v));
      w.call(() => s.setEnabled(v));
      w.call(() => s.setEnabled(true));
    },
  },
  showReportDialog: {
    more: true,
    bag: true,
    async run(w, s, v) {
      await w.dialog(() => s.showReportDialog(v));
      await w.dialog(() => s.showReportDialog({ ...Object.fromEntries(DIALOG.map((name) => [name, v])), user: { name: v, email: v } }));
    },
  },
  'init with an option': {
    more: true,
    answers: true,
    bag: true,
    own: true,
    async run(w, s, v) {
      const { dsn } = hostile;
      // A tunnel of broken percent-encoding is one more than the server of these pages can bear.
      for (const name of OPTIONS) if (name !== 'tunnel' || typeof v !== 'string' || !v.includes('%')) w.init({ dsn, [name]: v }, name);
      w.init(v, 'everything');
      w.init({ dsn, integrations: [v, { name: v, setup: v, setupOnce: v, processEvent: v }] }, 'an integration');
      w.init({ dsn, integrations: [{ name: 'planned', setup: () => v, setupOnce: () => v, processEvent: () => v }] }, 'what an integration gives');
      w.init({ dsn, beforeSend: () => v, beforeBreadcrumb: () => v, afterSend: () => v }, 'what hooks give');
      w.init({ dsn, beforeSend() { throw v; }, beforeBreadcrumb() { throw v; } }, 'what hooks throw');
      w.init({ dsn, ignoreErrors: [v], initialScope: { tags: v, user: v, extra: { v } } }, 'parts of options');
      w.init({ dsn, tags: { v }, breadcrumbs: { dom: v, console: v }, defaultFilters: { v }, modules: { v } }, 'more parts of options');
      await w.settled();
    },
  },
};

// --- the run ------------------------------------------------------------------------------------------------------

/** The capture that a listener of the page times: from the first listener to the last. */
let waiting;
const watch = (type) => {
  addEventListener(type, () => waiting && (waiting.began = performance.now()));
  return () =>
    addEventListener(type, (event) => {
      event.preventDefault();
      if (waiting?.type === type) {
        waiting.ms = performance.now() - (waiting.began ?? performance.now());
        waiting.done();
      } else if (WEBKIT && type === 'error' && waiting) {
        // Before it tells of a rejection WebKit looks at the reason; what that throws nobody catches, on any page.
        hostile.more++;
      } else {
        const thrown = type === 'error' ? event.error : event.reason;
        hostile.strays.push(`${type}: ${thrown instanceof Error ? thrown.stack : typeof thrown}`);
      }
    });
};

/** Notes what became of a capture, unless it was sent; after a flush that is known. */
async function explained(s, id, name, report) {
  const late = new Promise((done) => setTimeout(done, 500, { status: 'unsettled' }));
  const { status, reason } = await Promise.race([s.explain(id), late]);
  if (status !== 'sent') report.unsent.push({ id, status, reason, name });
}
function listing(value) {
  const began = performance.now();
  try {
    if (typeof value === 'object' && !ArrayBuffer.isView(value)) Object.keys(value);
  } catch {
    // It has none that can be listed.
  }
  return performance.now() - began;
}

const pause = () => new Promise((done) => setTimeout(done));
/** What was thrown, in words, whatever it is. */
const words = (thrown) => {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}`.slice(0, 120) : Object.prototype.toString.call(thrown);
  } catch {
    return 'something hostile';
  }
};

/** The peer's scopes have no function that empties them. */
const EMPTY = { _level: undefined, _fingerprint: undefined, _transactionName: undefined };

/** Of a hook that fails an event tells, once a minute, as this does. */
const debugWriter = (_, text) => void (hostile.more += /a hook failed/.test(text));

const hostile = (globalThis.hostile = {
  apis: Object.keys(apis),
  values: corpus.map(({ row, name }) => `${row}: ${name}`),
  strays: [],
  captured: new WeakSet(),
  /** Captures that the values themselves make, or the browser while it looks at one, and that are made of hooks that
   * fail. */
  more: 0,

  async start(dsn) {
    hostile.dsn = dsn;
    // The browser's own console keeps what it prints, and puppeteer carries it over.
    for (const name of ['debug', 'info', 'log', 'warn', 'error', 'assert']) console[name] = () => {};
    const lasts = ['error', 'unhandledrejection'].map(watch);
    const peer = params.get('sdk') === 'peer';
    const s = (hostile.sdk = await import(peer ? '/peer/sdk.js' : '/dist/index.js'));
    hostile.peer = peer;
    const client = s.init(
      peer
        ? { dsn, integrations: (all) => all.filter(({ name }) => name !== 'Dedupe') }
        : { dsn, debugWriter, dedupe: false, floodControl: false, breadcrumbs: { dom: false, fetch: false, history: false, xhr: false, console: true } },
    );
    for (const last of lasts) last();
    return client?.ready;
  },

  /** One value, given to all functions, or to those that it is for. */
  async run(index) {
    const { sdk: s, peer } = hostile;
    const { make, heavy, single, few, waits, wordy } = corpus[index];
    const report = { calls: 0, times: [], expected: 0, ids: {}, threw: [], mutated: [], run: [], bags: [], rejected: [], slow: [], unsent: [] };
    let shared;
    try {
      shared = make();
    } catch (thrown) {
      return { absent: words(thrown) };
    }
    /** Whoever wants to know any key of an object has them all listed by the engine, which may have to be done thrice, or
     * in each of the places where the object is given. */
    const listed = heavy ? listing(shared) : 0;
    const mostIn = (places = 3) => MOST_MS + places * listed;
    const clear = () => {
      for (const scope of [s.getIsolationScope(), s.getCurrentScope(), s.getGlobalScope()]) {
        if (!peer) scope.clear();
        else Object.assign(scope, EMPTY, { _breadcrumbs: [], _eventProcessors: [], _tags: {}, _extra: {}, _contexts: {}, _user: {}, _attributes: {} });
      }
    };

    const first = heavy && portrait(shared);
    for (const name of hostile.apis) {
      const { run, bag, uncaught, more, last, answers, own } = apis[name];
      if ((few && more) || (waits && answers) || (peer && own) || (wordy && uncaught && !V8)) continue;
      const value = heavy || single ? shared : make();
      const was = heavy ? '' : portrait(value);
      const before = { ...ran };
      const told = [];
      let count = 0;
      /** How long the calls took that were made inside the one that is being made. */
      let inner = 0;
      /** A call's own time: without that of the host's functions, and of calls inside it. */
      const timed = (fn) => {
        const host = ran.ms;
        const before = inner;
        const began = performance.now();
        let given;
        report.calls++;
        inner = 0;
        try {
          given = fn();
        } catch (thrown) {
          report.threw.push(`${name}: ${words(thrown)}`);
        }
        const ms = performance.now() - began;
        const own = Math.max(0, ms - inner - (inner ? 0 : ran.ms - host));
        inner = before + ms;
        return [own, given];
      };
      /** The least of three, for whoever shares the machine must not count. */
      const call = (fn, places) => {
        const number = ++count;
        const most = mostIn(places);
        let [ms, given] = timed(fn);
        for (let i = 0; i < 2 && ms > most && !peer; i++) {
          const [again, last] = timed(fn);
          ms = Math.min(ms, again);
          given = last;
        }
        report.times.push(ms);
        if (ms > most) report.slow.push(`${name}, call ${number}: ${Math.round(ms)} ms`);
        return given;
      };
      /** What was captured before is not captured again when nobody catches it. */
      const isNew = (value) => {
        const known = typeof value === 'object' && value !== null && hostile.captured.has(value);
        if (isObject(value)) hostile.captured.add(value);
        return !known;
      };
      const w = {
        call,
        /** `of`: what is captured. The peer does not send an error twice. */
        capture(fn, { of, places } = {}) {
          call(() => {
            if (isNew(of) || !peer) report.expected++;
            const id = fn();
            if (typeof id === 'string') report.ids[id] = name;
          }, places);
        },
        async promise(fn) {
          try {
            await call(fn);
          } catch (thrown) {
            report.rejected.push(`${name}: ${words(thrown)}`);
          }
        },
        async uncaught(type, value, fn) {
          const once = async (value) => {
            if (isNew(value)) report.expected++;
            const host = ran.ms;
            const began = performance.now();
            const it = await new Promise((done) => {
              waiting = { type, done: () => done(waiting), ms: 0 };
              setTimeout(done, 3000, waiting);
              fn(value);
            });
            waiting = undefined;
            report.calls++;
            // The peer has wrapped the timer, too.
            return Math.max(0, (peer ? performance.now() - began : it.ms) - (ran.ms - host));
          };
          let ms = await once(value);
          // What was captured already would be none.
          for (let i = 0; i < 2 && ms > mostIn() && !peer && !single; i++) ms = Math.min(ms, await once(make()));
          report.times.push(ms);
          if (ms > mostIn()) report.slow.push(`${name}: ${Math.round(ms)} ms`);
        },
        async dialog(fn) {
          const size = () => document.body.childElementCount + document.head.childElementCount;
          const before = size();
          let over;
          Promise.resolve(call(fn)).then(
            () => (over = true),
            (thrown) => report.rejected.push(`${name}: ${words(thrown)}`),
          );
          for (let i = 0; i < 50 && !over && before === size(); i++) await pause();
          for (const left of document.querySelectorAll('tailcone-report-dialog, script[src*="error-page"]')) left.remove();
        },
        init(options, option) {
          const own = s.createInstance();
          const client = call(() => own.init(option === 'everything' ? options : { debugWriter, ...options }));
          if (!client) return;
          let captures = 0;
          const id = call(() => (captures++, own.captureMessage('planned: with an option')));
          told.push({ own, client, id, captures, option, options });
        },
        /** What has become of those that were initialised. */
        async settled() {
          await Promise.all(
            told.splice(0).map(async ({ own, client, id, captures, option, options }) => {
              const by = await Promise.race([client.ready, pause().then(pause)]);
              // A tunnel leads elsewhere.
              if (by !== 'disabled' && !(option === 'tunnel' && typeof options.tunnel === 'string' && options.tunnel)) report.expected += captures;
              await w.promise(() => own.flush(5000));
              if (by !== 'disabled') await explained(own, id, `${name}: ${option}`, report);
              await w.promise(() => client.close(500));
            }),
          );
        },
      };
      hostile.at = name;
      await run(w, s, value);
      if (last) clear();
      if (ran.writes > before.writes) report.mutated.push(`${name}: ${ran.writes - before.writes} writes`);
      const runs = ran.reads - before.reads + (ran.calls - before.calls);
      const now = heavy ? '' : portrait(value);
      if (now !== was) report.mutated.push(`${name}: ${difference(was, now)}`);
      if (runs && !uncaught) report[bag ? 'bags' : 'run'].push(`${name}: ${runs}`);
    }
    const last = heavy && portrait(shared);
    if (last !== first) report.mutated.push(`something: ${difference(first, last)}`);
    clear();
    if (peer) {
      // Its flush waits for events that it has lost. Losses are told when the page hides.
      await new Promise((done) => setTimeout(done, 20));
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
      delete document.visibilityState;
    } else {
      await s.flush(5000);
      // The losses that the first one has settled.
      await s.flush(5000);
    }
    report.times = report.times.map((ms) => Math.round(ms * 100) / 100);
    report.strays = hostile.strays.splice(0);
    // Here, at the end, all hooks have been called.
    report.expected += hostile.more;
    hostile.more = 0;
    // What became of the last hundred is known.
    if (s.explain && report.expected <= 100) for (const id in report.ids) await explained(s, id, report.ids[id], report);
    return report;
  },
});

/** Is never there: this module's own namespace cannot be looked at without a ReferenceError. */
export const unborn = await new Promise(() => {});
