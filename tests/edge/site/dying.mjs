// A program that ends by an error, in Node, Bun or Deno: its arguments say how.
import * as tailcone from '../../../dist/server.js';

const [dsn, how, warm, kept] = process.argv.slice(2);
tailcone.init({ dsn, release: 'program@1.0.0' });
tailcone.setTag('part', 'last');
if (warm) {
  tailcone.captureMessage('warm');
  await tailcone.flush();
  for (let at = 0; at < 8; at++) tailcone.captureMessage(`before ${at}`);
}
if (kept)
  for (const name of ['uncaughtException', 'unhandledRejection'])
    process.on(name, (error) => {
      console.log(`kept ${error.message}`);
      setTimeout(() => process.exit(3), 500);
    });

const ways = {
  throw() {
    throw new TypeError('thrown at last');
  },
  reject() {
    void Promise.reject(new RangeError('rejected at last'));
  },
  both() {
    const error = new Error('captured and thrown');
    tailcone.captureException(error);
    throw error;
  },
};
setTimeout(ways[how], 10);
