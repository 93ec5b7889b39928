// Puts the package where a test can reach it: in a page, and in the worker that this same script is in.
import * as tailcone from '/dist/index.js';

globalThis.tailcone = tailcone;
/** What `beforeBreadcrumb` has seen. */
globalThis.seen = [];
globalThis.start = (options) => (globalThis.client = tailcone.init(options));
globalThis.startSeeing = (options) =>
  start({ ...options, beforeBreadcrumb: (crumb, hint) => (seen.push({ crumb, hint }), crumb) });

if (globalThis.document) {
  document.getElementById('host').attachShadow({ mode: 'open' }).innerHTML = '<b class="in"><i id="deep">x</i></b>';
  globalThis.startWorker = () => {
    const worker = new Worker('/pages/breadcrumbs.js', { type: 'module' });
    globalThis.inWorker = (source) =>
      new Promise((done) => {
        worker.onmessage = ({ data }) => done(data);
        worker.postMessage(source);
      });
    return new Promise((done) => (worker.onmessage = done));
  };
} else {
  addEventListener('message', async ({ data }) => postMessage(await (0, eval)(data)));
  postMessage('ready');
}
