// The examples for servers, each in its runtime with the built package where it would be installed.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { dist, parts, root, tests } from '../lib/env.mjs';
import { breadcrumbs, expectContains, thrown } from '../lib/expect.mjs';
import { start } from '../lib/process.mjs';
import { receiver } from '../lib/receiver.mjs';
import { commands, listening, runtimes } from '../lib/runtimes.mjs';
import { bundleWorker, workerd } from '../lib/workerd.mjs';

const folder = mkdtempSync(join(tmpdir(), 'tailcone-examples-'));
const packages = { tailcone: dist, hono: join(tests, 'node_modules/hono'), express: join(tests, 'node_modules/express') };
before(() => {
  cpSync(join(root, 'examples'), folder, { recursive: true, filter: (path) => !/node_modules|target$/.test(path) });
  mkdirSync(join(folder, 'node_modules'));
  for (const [name, path] of Object.entries(packages)) symlinkSync(path, join(folder, 'node_modules', name), 'junction');
});
after(() => rmSync(folder, { recursive: true, force: true }));

const seatIs = (seat) => ({ where: (event) => event.tags?.seat === seat });

/** A program in a folder of its own that listens on the port of the variable. */
const served = (name, [command, ...args], dsn) =>
  listening((PORT) => start(command, args, { cwd: join(folder, name), env: { ...process.env, PORT, SENTRY_DSN: dsn } }), '/');

describe('the example for Cloudflare', { skip: runtimes.workerd.missing, timeout: 60_000 }, () => {
  const inbox = receiver();
  let worker;
  before(async () => {
    const outdir = join(folder, 'bundled');
    const files = await bundleWorker(join(folder, 'cloudflare/worker.mjs'), outdir, { preserveSymlinks: true });
    worker = await workerd(outdir, files, {
      bindings: { SENTRY_DSN: inbox.dsn, SENTRY_ENVIRONMENT: 'demo', CF_VERSION_METADATA: { id: 'v-17' } },
      compatibilityFlags: ['nodejs_compat'],
    });
  });
  after(() => worker?.stop());

  it('reports a seat that is taken, and what goes wrong after a response', async () => {
    const get = (path) => worker.miniflare.dispatchFetch(`http://seats.example${path}`);
    assert.equal((await get('/book?seat=12A')).status, 500);
    const { payload } = await inbox.waitFor(seatIs('12A'));
    expectContains(payload, { environment: 'demo', release: 'v-17', request: { url: 'http://seats.example/book' } });
    assert.equal(thrown(payload).value, 'seat 12A is taken');
    assert.deepEqual(breadcrumbs(payload).map(({ message }) => message), ['12A is asked for']);
    assert.equal((await get('/book?seat=12B')).status, 200);
    assert.equal(thrown((await inbox.waitFor(seatIs('12B'))).payload).value, 'no printer for the ticket of 12B');
  });

  it('checks its job in', async () => {
    await (await worker.miniflare.getWorker()).scheduled({ cron: '0 4 * * *' });
    for (const status of ['in_progress', 'ok']) await inbox.waitFor({ type: 'check_in', where: (job) => job.status === status });
  });
});

describe('the example for Deno', { skip: runtimes.deno.missing, timeout: 60_000 }, () => {
  const inbox = receiver();
  it('reports a seat that is taken', async () => {
    const program = [parts.deno[0], 'run', '--allow-net', '--allow-env', '--allow-read', 'main.mjs'];
    const server = await served('deno', program, inbox.dsn);
    try {
      assert.equal((await server.fetch('/book')).status, 500);
      assert.equal(thrown((await inbox.waitFor(seatIs('12A'))).payload).value, 'seat 12A is taken');
    } finally {
      await server.stop();
    }
  });
});

for (const [name, place, missing, program] of [
  ['Hono in Bun', 'hono-bun', runtimes.bun.missing, [...commands.bun, 'run', 'server.mjs']],
  ['Express in Node', 'node-express', runtimes.node.missing, [...commands.node, 'server.mjs']],
]) {
  describe(`the example for ${name}`, { skip: missing, timeout: 60_000 }, () => {
    const inbox = receiver();
    it('reports a seat that is taken, and answers with the id of the report', async () => {
      const server = await served(place, program, inbox.dsn);
      try {
        assert.equal((await server.fetch('/book?seat=12B')).status, 200);
        const response = await server.fetch('/book');
        assert.equal(response.status, 500);
        const { payload } = await inbox.waitFor(seatIs('12A'));
        assert.equal((await response.json()).report, payload.event_id);
      } finally {
        await server.stop();
      }
    });
  });
}
