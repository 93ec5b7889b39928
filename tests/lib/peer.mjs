// @sentry/browser, to be set beside, and a server that takes whatever is sent.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { build } from 'esbuild';
import { tests } from './env.mjs';

/** The newest @sentry/browser as one module, and its version. `what`: of its exports, as an `export` names them. */
export async function bundlePeer(what = '*') {
  const { version } = JSON.parse(await readFile(join(tests, 'node_modules/@sentry/browser/package.json'), 'utf8'));
  const { outputFiles } = await build({
    stdin: { contents: `export ${what} from '@sentry/browser';`, resolveDir: tests },
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['production'],
    define: { __SENTRY_DEBUG__: 'false' },
    logLevel: 'error',
  });
  return { version, text: outputFiles[0].text };
}

/** What is in an envelope whose items are all of one line, as the inbox tells it. What is no envelope has nothing in it. */
export function itemsOf(body) {
  const lines = body.split('\n');
  const items = [];
  for (let i = 1; i + 1 < lines.length; i += 2) {
    try {
      items.push({ type: JSON.parse(lines[i]).type, payload: JSON.parse(lines[i + 1]) });
    } catch {
      // An event lost.
    }
  }
  return items;
}

/** Takes every envelope, and tells what was in it as the inbox does. */
export async function startSink() {
  let items = [];
  let bytes = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text) => (body += text));
    request.on('end', () => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
      });
      response.end('{}');
      bytes = body.length;
      items.push(...itemsOf(body));
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    dsn: `http://public@127.0.0.1:${server.address().port}/1`,
    items: async () => items,
    rejected: async () => [],
    clear: async () => void (items = []),
    /** How many events are among the items. */
    events: () => items.filter(({ type }) => type === 'event').length,
    /** Of the last request. */
    bytes: () => bytes,
    stop: () => (server.closeAllConnections(), server.close()),
  };
}
