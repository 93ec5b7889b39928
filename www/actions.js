// What the buttons do, by the ids of the buttons. The page prints each function's own text, so what is read is what runs.

import { addBreadcrumb, captureException, captureMessage, showReportDialog, withScope } from 'tailcone';
import { dsn } from './config.js';
import { rust } from './rust.js';

let step = 0;

export const actions = {
  throw() {
    const checkout = (cart) => total(cart);
    const total = (cart) => format(cart.sum);
    const format = (sum) => sum.toFixed(2);
    checkout({ items: [] });
  },

  reject() {
    async function placeOrder(items) {
      if (!items[0]) throw new RangeError('no items');
    }
    placeOrder([]); // no await, no catch
  },

  'reject-value'() {
    Promise.reject({ code: 402, reason: 'card declined' });
  },

  worker() {
    const type = 'module';
    const worker = new Worker('worker.js', { type });
    worker.postMessage({ dsn, parcels: [null] });
    return idFrom(worker); // it weighs the parcels
  },

  caught() {
    return loadPrices().catch((error) => withScope((scope) => {
      scope.setTag('shop', 'berlin').setUser({ id: '7' });
      scope.setContext('order', { number: 4711 });
      return captureException(error);
    }));
  },

  message() {
    return captureMessage('the card terminal is slow', 'warning');
  },

  breadcrumb() {
    addBreadcrumb({
      category: 'demo',
      message: `step ${++step}`,
      data: { scrollY: Math.round(scrollY) },
    });
  },

  dialog() {
    const error = new Error('the order got lost');
    const eventId = captureException(error);
    showReportDialog({ eventId, user: { name: 'Jane' } });
    return eventId;
  },

  // What these two run is printed from the Rust source, below.
  panic: () => rust('do_panic'),
  'rust-error': () => rust('do_error'),

  early: () => location.assign('?early'),
};

/** Taken from examples/rust-app/src/lib.rs as it stands there. */
export const rustSource = {
  panic: `fn take_seat<'a>(seats: &[&'a str], row: usize) -> &'a str {
    seats.get(row).expect("the seat map has no such row")
}`,
  'rust-error': `pub fn do_error() -> String {
    tailcone::capture_error(&BookingFailed { cause: SeatTaken }).to_hex()
}`,
};

export const steps = () => step;

/** Answers as a proxy does that is in trouble. */
async function loadPrices() {
  try {
    return JSON.parse('<html>502 Bad Gateway</html>');
  } catch (cause) {
    throw new Error('the price list could not be read', { cause });
  }
}

/** The id that the worker's own recorder gave its error. */
function idFrom(worker) {
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    // It is the worker's error and is reported there.
    worker.onerror = (event) => event.preventDefault();
  });
}
