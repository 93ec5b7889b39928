// Child processes of the tests: started with their output kept, and always ended.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

/** Starts a program; `output()` is what it has printed so far, on both streams. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  const printed = [];
  child.stdout.setEncoding('utf8').on('data', (text) => printed.push(text));
  child.stderr.setEncoding('utf8').on('data', (text) => printed.push(text));
  // A child that has gone closes its pipe; what was being written to it is of no interest then.
  child.stdin.on('error', () => {});
  const exited = new Promise((done) => {
    child.once('exit', (code, signal) => done({ code, signal }));
    child.once('error', (error) => {
      printed.push(String(error));
      done({ code: -1, signal: null });
    });
  });
  const onExit = () => child.kill('SIGKILL');
  process.once('exit', onExit);
  return {
    child,
    exited,
    output: () => printed.join(''),
    /** Asks it to end, then makes it. Gives `{code, signal}`. */
    async stop(graceMs = 5000) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      const how = await exited;
      clearTimeout(timer);
      process.removeListener('exit', onExit);
      return how;
    },
  };
}

/** Runs a program to its end; throws with its output when it fails. */
export async function run(command, args, { input = '', ...options } = {}) {
  const program = start(command, args, options);
  program.child.stdin.end(input);
  const { code, signal } = await program.exited;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code ?? signal}:\n${program.output()}`);
  return program.output();
}

/** A TCP port of the loopback interface that nobody listens on. */
export function freePort() {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** What `promise` gives, or undefined when it takes longer than `ms` or fails: for tidying up, which must not hang. */
export async function within(ms, promise) {
  let timer;
  const late = new Promise((done) => (timer = setTimeout(done, ms)));
  const given = await Promise.race([promise.catch(() => {}), late]);
  clearTimeout(timer);
  return given;
}

/** Polls `probe` until it gives something truthy; throws `what` after `timeoutMs`. */
export async function until(probe, what, { timeoutMs = 10_000, everyMs = 50 } = {}) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms for ${typeof what === 'function' ? what() : what}`);
    await sleep(everyMs);
  }
}
