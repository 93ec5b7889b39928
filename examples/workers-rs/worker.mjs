// What Cloudflare loads: the glue of wasm-bindgen, and what workers-rs's own build tool does about a panic: it ends the
// instance of the module, so the next request gets a new one. Beyond that, the requests that the old instance was
// serving fail at once. Nobody would answer them: the runtime cancels them when nothing is under way for them, and the
// report of the panic is.
import * as app from './workers_rs.js';
import module from './workers_rs_bg.wasm';

app.initSync({ module });

let panicked = false;
/** What fails the requests that are being served. A promise that they share would be one request's, and end with it. */
const served = new Set();

// workers-rs says so when it panics.
Object.defineProperty(app.__worker_init_state(), 'criticalError', {
  set() {
    panicked = true;
    for (const fail of served) fail(new Error('the worker has panicked'));
    served.clear();
  },
});

export default {
  fetch(request, env, context) {
    if (panicked) {
      panicked = false;
      app.__wbg_reset_state();
    }
    return new Promise((answer, fail) => {
      served.add(fail);
      app
        .fetch(request, env, context)
        .then(answer, fail)
        .finally(() => served.delete(fail));
    });
  },
};
