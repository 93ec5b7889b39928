// A static file server for the demo and the tests: Node only, this machine only.

import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, sep } from 'node:path';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ts': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/**
 * Serves folders, and JSON values under fixed paths.
 * @param {object} site
 * @param {Record<string, string>} site.folders URL prefix (with `/` at both ends) to folder; the longest prefix wins
 * @param {Record<string, unknown>} [site.values] URL path to a value that is answered as JSON
 * @param {number} [site.port] 0 is any free one
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serve({ folders, values = {}, port = 0 }) {
  const server = createServer((request, response) => {
    answer(request, response, folders, values).catch(() => refuse(response, 500, 'The file could not be read.'));
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

async function answer(request, response, folders, values) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refuse(response, 405, 'Only GET and HEAD are answered.');
  }
  const path = decoded(request.url.split(/[?#]/, 1)[0]);
  if (path === undefined) return refuse(response, 400, 'The path is not valid.');
  if (Object.hasOwn(values, path)) {
    const body = JSON.stringify(values[path]);
    return head(response, 200, TYPES['.json'], Buffer.byteLength(body)).end(request.method === 'GET' ? body : '');
  }
  const file = await find(path, folders);
  if (file === undefined) return refuse(response, 404, 'There is no such file.');
  const type = TYPES[extname(file.path).toLowerCase()] ?? 'application/octet-stream';
  head(response, 200, type, file.size);
  if (request.method === 'HEAD') return response.end();
  createReadStream(file.path)
    .on('error', () => response.destroy())
    .pipe(response);
}

/** The path with its %xx worked out, or undefined when it is not one. */
function decoded(path) {
  try {
    const text = decodeURIComponent(path);
    return text.startsWith('/') && !text.includes('\0') ? text : undefined;
  } catch {
    return undefined;
  }
}

/** The file behind a path; never one outside the folder, whether by `..` or by a symbolic link. */
async function find(path, folders) {
  const prefixes = Object.keys(folders).filter((prefix) => path.startsWith(prefix));
  const prefix = prefixes.sort((a, b) => b.length - a.length)[0];
  if (prefix === undefined) return undefined;
  try {
    const top = await realpath(folders[prefix]);
    const name = path.slice(prefix.length);
    let file = await realpath(join(top, name.endsWith('/') || name === '' ? `${name}index.html` : name));
    let found = await stat(file);
    if (found.isDirectory()) {
      file = await realpath(join(file, 'index.html'));
      found = await stat(file);
    }
    return found.isFile() && file.startsWith(top + sep) ? { path: file, size: found.size } : undefined;
  } catch {
    return undefined;
  }
}

function head(response, status, type, length) {
  return response.writeHead(status, {
    'content-type': type,
    'content-length': length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
}

function refuse(response, status, sentence) {
  if (response.headersSent) return response.destroy();
  return head(response, status, TYPES['.txt'], Buffer.byteLength(sentence)).end(sentence);
}
