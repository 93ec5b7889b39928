// Starts the built inbox and makes envelopes for its tests.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { join, resolve } from 'node:path';

const dist = process.env.TAILCONE_DIST ? resolve(process.env.TAILCONE_DIST) : fileURLToPath(new URL('../../dist', import.meta.url));
export const cli = join(dist, 'cli.js');

export const newId = () => randomBytes(16).toString('hex');
export const sdk = { name: 'tailcone.javascript.browser', version: '0.1.0' };
export const now = () => Date.now() / 1000;

/** Runs the command to its end. */
export function run(...args) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [cli, ...args]);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}

export async function startInbox(...args) {
  const child = spawn(process.execPath, [cli, 'inbox', '--port', '0', '--json', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = [];
  const reader = createInterface({ input: child.stdout });
  const first = await new Promise((done, fail) => {
    reader.once('line', done);
    child.once('exit', (code) => fail(new Error(`the inbox ended with ${code}`)));
  });
  reader.on('line', (line) => lines.push(line));
  const { url, dsn, port } = JSON.parse(first);
  const api = (path) => `${url}api/inbox/${path}`;
  return {
    url,
    dsn,
    port,
    child,
    lines,
    api,
    get: async (path) => (await fetch(api(path))).json(),
    behave: async (behaviour) => fetch(api('behaviour'), { method: 'PUT', body: JSON.stringify(behaviour) }),
    forget: () => fetch(api('items'), { method: 'DELETE' }),
    /** Sends as a browser does; `auth` false leaves the query away. */
    send: (body, { project = '1', auth = true, headers = {}, signal } = {}) =>
      fetch(`${url}api/${project}/envelope/${auth ? '?sentry_version=7&sentry_key=public&sentry_client=test%2F1' : ''}`, {
        method: 'POST',
        body,
        headers: { 'Content-Type': 'text/plain;charset=UTF-8', ...headers },
        signal,
      }),
    stop: () =>
      new Promise((done) => {
        if (child.exitCode !== null) return done(child.exitCode);
        child.once('exit', (code) => done(code));
        child.kill('SIGTERM');
      }),
  };
}

/** An envelope of [type, payload, extra item header] triples, with lengths as they should be. */
export function envelope(header, ...items) {
  const parts = [JSON.stringify(header)];
  for (const [type, payload, extra] of items) {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    parts.push(JSON.stringify({ type, length: Buffer.byteLength(text), ...extra }), text);
  }
  return `${parts.join('\n')}\n`;
}

export const head = (id, more = {}) => ({ ...(id ? { event_id: id } : {}), sent_at: new Date().toISOString(), sdk, ...more });

/** A full event of the browser kind. */
export function errorEvent(id = newId(), more = {}) {
  return {
    event_id: id,
    timestamp: now(),
    platform: 'javascript',
    level: 'error',
    release: 'shop@1.2.3',
    environment: 'production',
    sdk,
    exception: {
      values: [
        { type: 'RangeError', value: 'out of range', mechanism: { type: 'chained', exception_id: 1, parent_id: 0, source: 'cause' } },
        {
          type: 'TypeError',
          value: 'x is not a function',
          mechanism: { type: 'auto.browser.global_handlers.onerror', handled: false, exception_id: 0 },
          stacktrace: {
            frames: [
              { filename: 'https://app.example/vendor.js', function: 'dispatch', lineno: 1, colno: 2, in_app: false },
              { filename: 'https://app.example/checkout.js', function: 'submitOrder', lineno: 84, colno: 17, in_app: true },
            ],
          },
        },
      ],
    },
    breadcrumbs: { values: [{ timestamp: now() - 2, category: 'ui.click', message: 'button' }, { timestamp: now() - 1, category: 'console', level: 'warning', message: 'hm' }] },
    tags: { page: 'checkout', 'feature.x': 'on' },
    user: { id: '4711', email: 'ada@example.com' },
    contexts: { browser: { name: 'Chrome', version: '141' } },
    request: { url: 'https://app.example/checkout', headers: { 'User-Agent': 'Test' } },
    ...more,
  };
}

/** The envelope of one event; `change` is merged over it. */
export function eventEnvelope(change = {}, id = newId()) {
  return envelope(head(id), ['event', { ...errorEvent(id), ...change }]);
}

export function feedbackEvent(id, feedback, more = {}) {
  return { event_id: id, timestamp: now(), platform: 'javascript', level: 'info', contexts: { feedback: { message: 'It broke.', ...feedback } }, ...more };
}
