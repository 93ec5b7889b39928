// Loads wasm modules in every way there is, and runs what they export: in a page, and in the worker that this same
// script is in.
import { wasmImages } from '/dist/wasm.js';
import * as tailcone from '/dist/index.js';

globalThis.tailcone = tailcone;
/** `there`: an image that events have before. */
globalThis.start = (options, images, there) => {
  const before = { name: 'Before', processEvent: (event) => ({ ...event, debug_meta: { images: [there] } }) };
  globalThis.client = tailcone.init({ ...options, integrations: [...(there ? [before] : []), wasmImages(images)] });
};

/** What `env.callback` does in the modules. */
globalThis.callback = () => {};
const imports = { env: { callback: () => callback() } };

const bytes = async (url) => (await fetch(url)).arrayBuffer();
const instance = async (made) => (await made).instance;

/** Ways to load a module. Each gives an instance. */
const ways = {
  'instantiateStreaming, a promise': (url) => instance(WebAssembly.instantiateStreaming(fetch(url), imports)),
  'instantiateStreaming, a response': async (url) => instance(WebAssembly.instantiateStreaming(await fetch(url), imports)),
  compileStreaming: async (url) => WebAssembly.instantiate(await WebAssembly.compileStreaming(fetch(url)), imports),
  instantiate: async (url) => instance(WebAssembly.instantiate(await bytes(url), imports)),
  compile: async (url) => new WebAssembly.Instance(await WebAssembly.compile(new Uint8Array(await bytes(url))), imports),
  Module: async (url) => new WebAssembly.Instance(new WebAssembly.Module(await bytes(url)), imports),
};

/** The exports of the modules that were loaded, by name. */
globalThis.loaded = {};
globalThis.load = async (name, way, url) => void (loaded[name] = (await ways[way](url)).exports);
/** Instantiates a module that was made elsewhere. */
globalThis.take = (name, module) => void (loaded[name] = new WebAssembly.Instance(module, imports).exports);

/** Calls a function of a module where nobody catches what it throws. */
// Not in the place of a tail call, which would leave the trap no frame of a script, and WebKit no more to tell than
// "Script error.".
globalThis.runLater = (name, fn) => void setTimeout(() => void loaded[name][fn]());
/** Captures what it throws. Gives the event's id. */
globalThis.capture = (name, fn) => {
  try {
    loaded[name][fn]();
  } catch (error) {
    return tailcone.captureException(error);
  }
};

/** Makes `env.callback` throw. A function that a test gives a page is foreign there, and uncaught errors are withheld. */
globalThis.throwing = (text) => (globalThis.callback = () => throwError(text));
const throwError = (text) => {
  throw new Error(text);
};

/** Makes `env.callback` print an error. */
globalThis.printing = (text) => (globalThis.callback = () => console.error(text));

if (globalThis.document) {
  globalThis.startWorker = () => {
    const worker = new Worker('/pages/wasm.js', { type: 'module' });
    // Planned, and the console has enough of them.
    worker.onerror = (event) => event.preventDefault();
    const ask = (message) =>
      new Promise((done) => {
        worker.onmessage = ({ data }) => done(data);
        worker.postMessage(message);
      });
    globalThis.inWorker = (...message) => ask(message);
    return new Promise((done) => (worker.onmessage = done));
  };
} else {
  addEventListener('message', async ({ data: [command, ...args] }) => {
    await globalThis[command](...args);
    postMessage('done');
  });
  postMessage('ready');
}
globalThis.ready = true;
