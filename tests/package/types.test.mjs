// The types of the built package, as TypeScript finds them by the package's name.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { dist, needs, parts, root } from '../lib/env.mjs';
import { start } from '../lib/process.mjs';

const tsc = join(root, 'xtask/node_modules/typescript/bin/tsc');
const folder = mkdtempSync(join(tmpdir(), 'tailcone-types-'));

const PAGE = `import { init, captureException, type Options } from 'tailcone';
const options: Options = { dsn: 'https://key@host/1', sampleRate: 0.5 };
init(options);
export const id: string = captureException(new Error('x'));
`;
const SERVER = `import { getScope, init, withMonitor, wrapHandler, type EdgeOptions } from 'tailcone';
import { createTunnel } from 'tailcone/tunnel';
const options: EdgeOptions = { dsn: 'https://key@host/1', sendRequest: true, allowedHeaders: ['accept'] };
init(options);
export const handler: (request: Request) => Promise<Response> = wrapHandler(options, (request) => {
  getScope(request).setTag('a', 1).captureMessage('b', 'info');
  return withMonitor('c', () => new Response('d'));
});
export const { fetch } = createTunnel({ dsns: 'https://key@host/1' });
`;
const WORKER = `import { withTailcone } from 'tailcone/cloudflare';
interface Env { DSN: string }
export default withTailcone((env: Env) => ({ dsn: env.DSN, monitors: true }), {
  async fetch(request: Request, env: Env): Promise<Response> {
    return new Response(request.url + env.DSN);
  },
});
`;

describe('types', { skip: needs(parts.dist, [tsc, 'TypeScript (npm ci in xtask/)']) }, () => {
  before(() => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(dist, join(folder, 'node_modules/tailcone'), 'junction');
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** What TypeScript has to say of a program. */
  async function check(source, ...options) {
    writeFileSync(join(folder, 'program.ts'), source);
    const strict = ['--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2023,dom,dom.iterable', '--types', ''];
    const program = start(process.execPath, [tsc, ...strict, ...options, 'program.ts'], { cwd: folder });
    await program.exited;
    return program.output();
  }
  const bundler = ['--module', 'es2022', '--moduleResolution', 'bundler'];

  it('are those of pages for who bundles', async () => {
    assert.equal(await check(PAGE, ...bundler), '');
    assert.match(await check(SERVER, ...bundler), /no exported member 'wrapHandler'/);
  });

  it('are those of servers in Node, and by the conditions of runtimes', async () => {
    assert.equal(await check(SERVER, '--module', 'nodenext'), '');
    for (const condition of ['workerd', 'edge-light']) assert.equal(await check(SERVER, ...bundler, '--customConditions', condition), '');
  });

  it('are those of a runtime by its name', async () => {
    assert.equal(await check(WORKER, ...bundler), '');
    for (const name of ['deno', 'bun', 'node', 'vercel', 'hono']) assert.equal(await check(SERVER.replace("'tailcone'", `'tailcone/${name}'`), ...bundler), '');
    assert.match(await check(WORKER.replace('monitors: true', 'monitors: 1'), ...bundler), /number/);
  });
});
