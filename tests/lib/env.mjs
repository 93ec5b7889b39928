// What the tests are run against and with: paths from the environment, and what to do when a part is missing.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const tests = join(root, 'tests');
export const dist = resolve(process.env.TAILCONE_DIST || join(root, 'dist'));
export const apps = resolve(process.env.TAILCONE_APPS || join(root, 'target/apps'));
export const chromium = process.env.TAILCONE_CHROMIUM || '/usr/bin/chromium';
export const firefox = process.env.TAILCONE_FIREFOX || '/usr/bin/firefox-esr';
export const webkit = process.env.TAILCONE_WEBKIT || '/usr/bin/WebKitWebDriver';
/** The display for WebKitGTK, which cannot do without. */
export const xvfb = '/usr/bin/Xvfb';
export const wasmOpt = process.env.TAILCONE_WASM_OPT || join(root, 'xtask/node_modules/binaryen/bin/wasm-opt');
export const ci = process.env.CI === 'true' || process.env.CI === '1';

/** A program that comes as npm packages, one for each platform, of which npm installs that for this one. */
function binary(scope, path) {
  const folder = join(tests, 'node_modules', scope);
  const [name = 'none'] = existsSync(folder) ? readdirSync(folder) : [];
  return join(folder, name, path);
}

/** That of Next.js, which it would fetch by itself if it were not there. */
function nextCompiler() {
  const folder = join(tests, 'node_modules/@next');
  const name = existsSync(folder) && readdirSync(folder).find((name) => name.startsWith(`swc-${process.platform}-${process.arch}`));
  return name && join(folder, name);
}

const venv = join(root, 'target/venv/bin/python');
export const python = process.env.TAILCONE_PYTHON || (existsSync(venv) ? venv : undefined);

/**
 * The `skip` option of a test that needs `parts` ([path, name] pairs): false when all are there, else the reason.
 * In CI a missing part is a failure, so that nothing is skipped there unseen.
 */
export function needs(...parts) {
  const missing = parts.filter(([path]) => !path || !existsSync(path)).map(([, name]) => name);
  if (missing.length === 0) return false;
  const reason = `missing: ${missing.join(', ')}`;
  if (ci) throw new Error(`${reason} (in CI nothing may be missing)`);
  return reason;
}

export const parts = {
  dist: [join(dist, 'index.js'), 'the built package (cargo xtask build)'],
  chromium: [chromium, 'Chromium'],
  firefox: [firefox, 'Firefox'],
  webkit: [webkit, 'WebKitGTK with its WebDriver'],
  xvfb: [xvfb, 'Xvfb, the display for WebKitGTK'],
  python: [python, 'Python with the packages of tests/servers/requirements.txt'],
  rustApp: [join(apps, 'rust-app/rust_app.js'), 'the example Rust app (cargo xtask build --apps)'],
  leptosApp: [join(apps, 'leptos-app/leptos_app.js'), 'the example Leptos app (cargo xtask build --apps)'],
  yewApp: [join(apps, 'yew-app/yew_app.js'), 'the example Yew app (cargo xtask build --apps)'],
  yewAppLean: [join(apps, 'yew-app-lean/yew_app.js'), 'the example Yew app with nothing but the recorder (cargo xtask build --apps)'],
  yewAppDebug: [join(apps, 'yew-app-debug/yew_app.js'), 'the example Yew app with debug information (cargo xtask build --apps)'],
  workersRs: [join(apps, 'workers-rs/workers_rs.js'), 'the example Worker of workers-rs (cargo xtask build --apps)'],
  workerd: [join(tests, 'node_modules/workerd/bin/workerd'), 'workerd with miniflare (npm install in tests/)'],
  edgeRuntime: [join(tests, 'node_modules/edge-runtime/package.json'), 'edge-runtime (npm install in tests/)'],
  next: [nextCompiler(), 'Next.js with its compiler (npm install in tests/)'],
  deno: [binary('@deno', 'deno'), 'Deno (npm install in tests/, on Linux for x64)'],
  bun: [binary('@oven', 'bin/bun'), 'Bun (npm ci --ignore-scripts in tests/)'],
  wasmOpt: [wasmOpt, 'wasm-opt (the npm package binaryen in xtask/, which a build installs)'],
};
