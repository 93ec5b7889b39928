// Starts the Rust-wasm application and calls its exports when the demo's page asks for it.

import load, * as app from '/rust-app/rust_app.js';
import { dsn } from './config.js';

try {
  await load();
  app.start(dsn);
  addEventListener('message', ({ data: name, ports: [port] }) => {
    // The trap of a panic is an uncaught error of this frame; the Rust side's listener knows it for the panic's.
    addEventListener('error', ({ message }) => port.postMessage({ trap: message.replace(/^Uncaught /, '') }), { once: true });
    port.postMessage({ id: app[name]() });
  });
  parent.postMessage('ready', location.origin);
} catch (error) {
  parent.postMessage(String(error), location.origin);
}
