// A worker of any kind that reports one message when it is told where to.
import * as tailcone from '/dist/index.js';

async function report(dsn, answer) {
  tailcone.init({ dsn });
  tailcone.captureMessage('planned: from a worker');
  await tailcone.flush();
  answer?.postMessage('done');
}

addEventListener('connect', ({ ports: [port] }) => {
  port.onmessage = ({ data }) => void report(data, port);
});
addEventListener('message', (event) => {
  const told = report(event.data, 'clients' in globalThis ? undefined : globalThis);
  event.waitUntil?.(told);
});
