// The recorder's state: what began when, who sends, how much was loaded for it.

import { inbox, place } from './config.js';

const fact = (name) => document.querySelector(`[data-fact="${name}"]`);
const ms = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

/** In words, what `client.ready` says. */
const WHO = {
  wasm: 'the WebAssembly module',
  fallback: 'the fallback sender: the module cannot run here',
  disabled: 'nothing: the DSN is not valid',
};

/** @param {number} init when init() was called, in milliseconds since the page's loading began */
export function showStart(init) {
  const [mark] = performance.getEntriesByName('loader');
  fact('loader').textContent = ms(mark.startTime);
  fact('init').textContent = ms(init);
  scale(mark.startTime, init, init * 1.5);
}

export async function showState(sender, init, cost) {
  const ready = performance.now();
  const [mark] = performance.getEntriesByName('loader');
  fact('ready').textContent = sender === 'wasm' ? ms(ready) : 'not used';
  scale(mark.startTime, init, ready);
  document.getElementById('start').dataset.sender = sender;
  set('sender', code(sender), ` ${WHO[sender]}`);
  set('cost', `init() took ${cost.toFixed(2)} ms of the main thread`);
  set('to', place ?? 'nowhere', ...(inbox ? [' (', link(inbox, 'the inbox'), ')'] : []));
  set('size', await sizes());
}

function set(name, ...parts) {
  fact(name).replaceChildren(...parts);
}

function code(text) {
  const node = document.createElement('code');
  node.textContent = text;
  return node;
}

function link(href, text) {
  const node = document.createElement('a');
  Object.assign(node, { href, target: '_blank', rel: 'noopener', textContent: text });
  return node;
}

/** The columns of the start are as wide as they lasted, as far as their words leave room for that. */
function scale(loader, init, ready) {
  const spans = [loader, init - loader, ready - init];
  const columns = spans.map((span) => `minmax(max-content, ${Math.max(span, 1).toFixed(1)}fr)`);
  document.getElementById('start').style.setProperty('--spans', columns.join(' '));
}

/** What came from the package, as it is and compressed, which the demo's own server does not do. */
async function sizes() {
  const paths = new Set(
    performance
      .getEntriesByType('resource')
      .map(({ name }) => new URL(name).pathname)
      .filter((path) => path.startsWith('/tailcone/')),
  );
  let raw = 0;
  let small = 0;
  for (const path of paths) {
    const bytes = await (await fetch(path)).arrayBuffer();
    raw += bytes.byteLength;
    const zipped = new Response(bytes).body.pipeThrough(new CompressionStream('gzip'));
    small += (await new Response(zipped).arrayBuffer()).byteLength;
  }
  return `${kB(small)} gzip, ${kB(raw)} raw, ${paths.size} files`;
}
