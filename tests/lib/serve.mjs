// A static server for fixture pages: folders mounted at prefixes, and faults of a web server on demand.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { apps, dist, tests } from './env.mjs';
import { sleep } from './process.mjs';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.ts': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

export const mounts = {
  '/dist/': dist,
  '/pages/': join(tests, 'browser/pages'),
  ...Object.fromEntries(['rust-app', 'yew-app', 'yew-app-lean', 'leptos-app'].map((name) => [`/${name}/`, join(apps, name)])),
};

/**
 * Serves `mounts` ({'/prefix/': folder or async (path) => body}) on a free loopback port.
 *
 * `rule(path, {status, delayMs, headers, type, body})` changes how requests for a path (a string, or a RegExp on the
 * path) are answered: `body` may be a function of the file's bytes. The newest rule that fits wins; `reset()` forgets
 * all. `hits` lists the requests seen since, as {path, at}.
 */
export async function serve(mounted = mounts) {
  let rules = [];
  const hits = [];

  async function find(path) {
    for (const [prefix, source] of Object.entries(mounted)) {
      if (!path.startsWith(prefix)) continue;
      const rest = path.slice(prefix.length);
      if (typeof source === 'function') return source(rest);
      const file = normalize(join(source, rest || 'index.html'));
      if (!file.startsWith(normalize(source + sep))) return undefined;
      return readFile(file).catch(() => undefined);
    }
    return undefined;
  }

  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    hits.push({ path, at: Date.now() });
    const rule = rules.find(({ match }) => (match instanceof RegExp ? match.test(path) : match === path)) ?? {};
    if (rule.delayMs) await sleep(rule.delayMs);
    let body = rule.status >= 400 ? Buffer.from(String(rule.status)) : await find(path);
    if (typeof rule.body === 'function') body = rule.body(body);
    else if (rule.body !== undefined) body = rule.body;
    const status = rule.status ?? (body === undefined ? 404 : 200);
    response.writeHead(status, {
      'content-type': rule.type ?? types[extname(path) || '.html'] ?? 'application/octet-stream',
      'cache-control': 'no-store',
      ...rule.headers,
    });
    response.end(body ?? 'not found');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${server.address().port}`;

  return {
    url,
    hits,
    rule(match, answer) {
      rules.unshift({ match, ...answer });
    },
    reset() {
      rules = [];
      hits.length = 0;
    },
    stop() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}
