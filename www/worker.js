// A worker that uses the package by itself. Import maps do not reach workers, hence the path.

import { flush, init, lastEventId } from '/tailcone/index.js';

const weigh = (parcel) => parcel.weight;

addEventListener('message', ({ data: { dsn, parcels } }) => {
  init({ dsn, release: 'demo@1.0.0', environment: 'demo', dedupe: false });
  setTimeout(tell);
  parcels.map(weigh);
});

/** Runs after the error has reached the worker's listeners. */
async function tell() {
  postMessage(lastEventId());
  await flush(5000);
  close();
}
