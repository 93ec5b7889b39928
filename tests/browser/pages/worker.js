// A module worker that uses the package by itself, without a window.
import * as tailcone from '/dist/index.js';

const commands = {
  init: (options) => void tailcone.init(options),
  throwLater: () => void setTimeout(() => workerFails('planned worker error')),
  rejectLater: () => void setTimeout(async () => workerFails('planned worker rejection')),
  message: (text) => tailcone.captureMessage(text),
  flush: (timeout) => tailcone.flush(timeout),
};

function workerFails(text) {
  throw /*@worker*/new RangeError(text);
}

addEventListener('message', async ({ data: [command, argument] }) => {
  postMessage(await commands[command](argument));
});
