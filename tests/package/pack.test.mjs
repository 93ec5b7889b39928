// The package as users get it: packed by npm, installed into an empty Vite project and beside a plain HTML page.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { engineMissing, launch } from '../lib/browsers.mjs';
import { dist, needs, parts, root, tests } from '../lib/env.mjs';
import { expectContains, thrown } from '../lib/expect.mjs';
import { startInbox } from '../lib/inbox.mjs';
import { freePort, run, start, until } from '../lib/process.mjs';
import { serve } from '../lib/serve.mjs';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const vite = join(tests, 'node_modules/vite/bin/vite.js');

/** All files under a folder, as paths from it. */
async function list(folder, below = '') {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const found = await Promise.all(
    entries.map((entry) => {
      const path = below ? `${below}/${entry.name}` : entry.name;
      return entry.isDirectory() ? list(folder, path) : [path];
    }),
  );
  return found.flat().sort();
}

/** What a user's own module does, the same everywhere: nothing about wasm, nothing about files. */
const application = `
import { init, captureException, setTag } from 'tailcone';

globalThis.client = init({ dsn: new URLSearchParams(location.search).get('dsn') });
setTag('area', 'application');
globalThis.capture = () => captureException(new TypeError('planned, in an application'));
`;

describe('the packed package', { skip: needs(parts.dist) }, () => {
  let folder;
  let project;
  let installed;
  let manifest;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tailcone-pack-'));
    project = join(folder, 'project');
    installed = join(project, 'node_modules/tailcone');
    await mkdir(project);
    const packed = await run(npm, ['pack', dist, '--json', '--pack-destination', folder], { cwd: folder });
    const { filename } = JSON.parse(packed.slice(packed.indexOf('[')))[0];
    await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }));
    await run(npm, ['install', '--offline', '--no-audit', '--no-fund', join(folder, filename)], { cwd: project });
    manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('has no dependencies and runs nothing when it is installed', () => {
    for (const key of ['dependencies', 'peerDependencies', 'optionalDependencies', 'bundleDependencies']) {
      assert.deepEqual(Object.keys(manifest[key] ?? {}), [], key);
    }
    assert.deepEqual(Object.keys(manifest.scripts ?? {}), []);
  });

  it('has the version of the crate, and its licences', async () => {
    const version = /^version = "(.+)"$/m.exec(await readFile(join(root, 'Cargo.toml'), 'utf8'))[1];
    assert.equal(manifest.version, version);
    assert.equal(manifest.license, 'MIT OR Apache-2.0');
    for (const name of ['README.md', 'LICENSE-MIT', 'LICENSE-APACHE']) assert.ok(existsSync(join(installed, name)), name);
  });

  it('has every file that its exports, main, types and bin name', () => {
    const named = (value) => (typeof value === 'string' ? [value] : Object.values(value ?? {}).flatMap(named));
    const targets = ['exports', 'main', 'module', 'browser', 'types', 'bin'].flatMap((key) => named(manifest[key]));
    assert.ok(targets.length >= 5);
    for (const target of targets) assert.ok(existsSync(join(installed, target)), target);
  });

  it('holds nothing but what a user needs', async () => {
    const known = /^(?:[\w.-]+\.js|tailcone_bg\.wasm|types\/[\w/.-]+\.d\.ts|package\.json|README\.md|CHANGELOG\.md|LICENSE-(?:MIT|APACHE))$/;
    assert.deepEqual((await list(installed)).filter((path) => !known.test(path)), []);
  });

  it('names no place of the machine it was built on', async () => {
    for (const path of await list(installed)) {
      const text = await readFile(join(installed, path), 'latin1');
      for (const place of [root, process.env.HOME, process.env.CARGO_HOME].filter((place) => place?.length > 4)) {
        assert.ok(!text.includes(`${place}/`), `${path} says ${place}`);
      }
    }
  });

  it('has a command that says its version', async () => {
    const said = await run('npx', ['--no-install', 'tailcone', '--version'], { cwd: project });
    assert.equal(said.trim().split('\n').at(-1), manifest.version);
  });

  describe('in Chromium', { skip: engineMissing('chromium') }, () => {
    let browser;
    let inbox;
    before(async () => {
      [browser, inbox] = await Promise.all([launch('chromium'), startInbox([], join(installed, 'cli.js'))]);
      await writeFile(join(project, 'application.js'), application);
      await writeFile(
        join(project, 'index.html'),
        '<!doctype html><html lang="en"><title>empty</title><script type="module" src="/application.js"></script></html>',
      );
    });
    after(() => Promise.all([browser?.close(), inbox?.stop()]));
    beforeEach(() => inbox.clear());

    /** The application at this address works, by the module and not by the fallback sender. */
    async function works(url) {
      const page = await browser.page();
      await page.goto(`${url}?dsn=${encodeURIComponent(inbox.dsn)}`);
      await page.waitForFunction(() => globalThis.capture);
      const id = await page.evaluate(() => capture());
      const { payload } = await inbox.waitFor({ event_id: id });
      expectContains(thrown(payload), { type: 'TypeError', value: 'planned, in an application' });
      expectContains(payload, { tags: { area: 'application' } });
      assert.equal(payload.contexts?.sdk, undefined, 'not by the fallback sender');
      assert.equal(await page.evaluate(() => client.ready), 'wasm');
      assert.deepEqual(page.failures, []);
      await page.close();
    }

    async function viteServer(command, what) {
      const port = await freePort();
      const server = start(process.execPath, [vite, ...command, '--host', '127.0.0.1', '--port', String(port), '--strictPort'], { cwd: project });
      const url = `http://127.0.0.1:${port}/`;
      await until(() => fetch(url).then(({ ok }) => ok, () => false), () => `${what}; it printed:\n${server.output()}`, { timeoutMs: 30_000 });
      return { url, server };
    }

    it('works in an empty Vite project, built and previewed, with one .wasm', { timeout: 120_000 }, async () => {
      await run(process.execPath, [vite, 'build'], { cwd: project });
      const emitted = await list(join(project, 'dist'));
      assert.equal(emitted.filter((path) => path.endsWith('.wasm')).length, 1, emitted.join(' '));
      const { url, server } = await viteServer(['preview'], 'the preview server');
      try {
        await works(url);
      } finally {
        await server.stop();
      }
    });

    it("works with Vite's development server", { timeout: 120_000 }, async () => {
      const { url, server } = await viteServer([], 'the development server');
      try {
        await works(url);
      } finally {
        await server.stop();
      }
    });

    it('works in a plain HTML page with an import map', async () => {
      const plain = join(folder, 'plain');
      await mkdir(plain, { recursive: true });
      await cp(installed, join(plain, 'tailcone'), { recursive: true });
      await writeFile(
        join(plain, 'index.html'),
        `<!doctype html><html lang="en"><title>plain</title>
         <script type="importmap">{"imports": {"tailcone": "/tailcone/index.js", "tailcone/loader": "/tailcone/loader.js"}}</script>
         <script type="module">import 'tailcone/loader';${application}</script></html>`,
      );
      const site = await serve({ '/': plain });
      try {
        await works(`${site.url}/index.html`);
      } finally {
        await site.stop();
      }
    });
  });
});
