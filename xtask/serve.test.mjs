// The file server of the demo: right types, and nothing from outside its folders.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { serve } from './serve.mjs';

let top;
let site;

before(async () => {
  top = await mkdtemp(join(tmpdir(), 'tailcone-serve-'));
  await mkdir(join(top, 'www/deep'), { recursive: true });
  await mkdir(join(top, 'dist'));
  await writeFile(join(top, 'secret.txt'), 'secret');
  await writeFile(join(top, 'www/index.html'), '<p>home');
  await writeFile(join(top, 'www/deep/index.html'), '<p>deep');
  await writeFile(join(top, 'dist/m.wasm'), 'wasm');
  await writeFile(join(top, 'dist/a.js'), 'js');
  await symlink(join(top, 'secret.txt'), join(top, 'www/link.txt'));
  site = await serve({
    folders: { '/': join(top, 'www'), '/tailcone/': join(top, 'dist') },
    values: { '/config.json': { dsn: 'x' } },
  });
});

after(async () => {
  await site.close();
  await rm(top, { recursive: true });
});

/** A request whose path is sent as written: fetch would work out the `..` first. */
function raw(path, method = 'GET') {
  return new Promise((resolve, reject) => {
    request(new URL(site.url), { path, method }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode, type: response.headers['content-type'], body }));
    })
      .on('error', reject)
      .end();
  });
}

test('files are served with the type that browsers insist on', async () => {
  assert.equal((await raw('/tailcone/m.wasm')).type, 'application/wasm');
  assert.equal((await raw('/tailcone/a.js?v=1')).type, 'text/javascript; charset=utf-8');
  assert.equal((await raw('/')).body, '<p>home');
});

test('a folder answers with its index page', async () => {
  assert.equal((await raw('/deep/')).body, '<p>deep');
  assert.equal((await raw('/deep')).body, '<p>deep');
});

test('a fixed value is answered as JSON', async () => {
  const answer = await raw('/config.json');
  assert.deepEqual([answer.type, answer.body], ['application/json; charset=utf-8', '{"dsn":"x"}']);
});

test('nothing outside the folders can be read', async () => {
  const paths = ['/../secret.txt', '/%2e%2e/secret.txt', '/tailcone/..%2f..%2fsecret.txt', '/deep/../../secret.txt'];
  for (const path of [...paths, '/link.txt', '/tailcone/../../secret.txt', '/..%5csecret.txt']) {
    const answer = await raw(path);
    assert.equal(answer.status, 404, path);
    assert.ok(!answer.body.includes('secret'), path);
  }
});

test('a broken path and a method other than GET and HEAD are refused', async () => {
  assert.equal((await raw('/%zz')).status, 400);
  assert.equal((await raw('/%00')).status, 400);
  assert.equal((await raw('/', 'POST')).status, 405);
  assert.deepEqual(await raw('/', 'HEAD'), { status: 200, type: 'text/html; charset=utf-8', body: '' });
});
