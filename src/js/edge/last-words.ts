// A server's process that is about to end by an error that nobody catches: the error is reported before, and the process
// ends as it would have. Nothing that waits is continued any more by then, so a thread sends, and this one stands still
// until it has.

import type { Answered, Listen } from '../runtime.js';
import { later } from '../clock.js';

/** What is used of `process` in Node and Bun, and by Bun's name of Bun. */
interface Process {
  on(name: string, listener: (error: unknown) => void): void;
  off(name: string, listener: (error: unknown) => void): void;
  listenerCount(name: string): number;
}

const enum Max {
  /** How long the process is kept from ending. */
  Ms = 2000,
}

const THREAD = `import { parentPort } from 'node:worker_threads';
parentPort.on('message', async ({ url, init, done }) => {
  try {
    const response = await fetch(url, init);
    await response.arrayBuffer();
    done[1] = response.status;
  } catch {}
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
});`;

let threads: typeof import('node:worker_threads') | undefined;
let thread: import('node:worker_threads').Worker | undefined;
let end = 0;

/** Sends while the process stands still. Each request may take half of the time that is left. */
export async function post(url: string, { method, headers, body }: RequestInit): Promise<Answered> {
  if (!thread) {
    const code = new URL('data:text/javascript,' + encodeURIComponent(THREAD));
    thread = new threads!.Worker(code, { execArgv: [] });
    thread.unref();
  }
  const done = new Int32Array(new SharedArrayBuffer(8));
  thread.postMessage({ url, init: { method, headers, body, redirect: 'manual' }, done });
  Atomics.wait(done, 0, 0, Math.max(0, end - Date.now()) / 2);
  if (!done[1]) throw new Error('no answer');
  return { status: done[1] };
}

/** Listens for what ends the process. `caught` is told whether it does. */
export const listen: Listen = (caught) => {
  const tell = (event: Event, dying: boolean): void => {
    end = Date.now() + Max.Ms;
    caught(event, dying && !!threads);
  };
  const { process, Bun, Deno } = globalThis as unknown as { process: Process; Bun?: object; Deno?: object };
  void import('node:worker_threads').then((module) => (threads = module)).catch(() => {});
  if (Deno) {
    // It ends unless a listener prevents that; those that come later are not to be known.
    const heard = (event: Event): void => tell(event, !event.defaultPrevented);
    for (const type of ['error', 'unhandledrejection']) addEventListener(type, heard);
    return () => {
      for (const type of ['error', 'unhandledrejection']) removeEventListener(type, heard);
    };
  }
  /** As a browser's event: that is what the shim reads. */
  const eventOf = (type: string, error: unknown): Event =>
    ({ type, error, [Symbol.toStringTag]: 'ErrorEvent' }) as unknown as Event;
  const alone = (name: string, own: number): boolean => process.listenerCount(name) === own;
  const thrown = (error: unknown): void => tell(eventOf('uncaughtexception', error), alone('uncaughtException', 0));
  process.on('uncaughtExceptionMonitor', thrown);
  // In Node what watches sees rejections, too; in Bun it does not, and whoever listens for them keeps the process alive.
  const rejected = (error: unknown): void => {
    const dying = alone('unhandledRejection', 1);
    tell(eventOf('unhandledrejection', error), dying);
    if (!dying) return;
    // Bun is to do with it what it does when nobody listens.
    process.off('unhandledRejection', rejected);
    void Promise.reject(error);
    later(() => process.on('unhandledRejection', rejected), Max.Ms);
  };
  if (Bun) process.on('unhandledRejection', rejected);
  return () => {
    process.off('uncaughtExceptionMonitor', thrown);
    process.off('unhandledRejection', rejected);
  };
};
