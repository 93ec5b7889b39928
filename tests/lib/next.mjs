// Applications of Next.js, built and started as for production.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dist, root, tests } from './env.mjs';
import { run, start } from './process.mjs';

const modules = join(tests, 'node_modules');
const next = join(modules, 'next/dist/bin/next');
const settings = (variables) => ({ env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...variables } });

/** Builds an application of what is in these folders and files, with the package as it would be installed. */
export async function build(from, ...flags) {
  const target = join(root, 'target');
  mkdirSync(target, { recursive: true });
  const folder = mkdtempSync(join(target, 'next-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const [to, path] of from) cpSync(path, join(folder, to), { recursive: true, filter: (path) => !/node_modules|\.next$/.test(path) });
  cpSync(dist, join(folder, 'node_modules/tailcone'), { recursive: true });
  for (const name of ['next', 'react', 'react-dom']) symlinkSync(join(modules, name), join(folder, 'node_modules', name), 'junction');
  // It follows no links out of its root.
  writeFileSync(join(folder, 'next.config.mjs'), `export default { turbopack: { root: ${JSON.stringify(root)} } };\n`);
  await run(process.execPath, [next, 'build', ...flags, folder], settings());
  return folder;
}

/** Starts such an application on a port, with these variables. */
export const serve = (folder, port, variables) => start(process.execPath, [next, 'start', '-H', '127.0.0.1', '-p', port, folder], settings(variables));
