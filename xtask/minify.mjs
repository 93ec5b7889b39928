// node xtask/minify.mjs FILE...: makes bundles smaller in place. esbuild has bundled and mangled them; terser sees
// across expressions what esbuild does not look for. Nothing unsafe: getters and proxies of a page have effects.

import { readFile, writeFile } from 'node:fs/promises';
import { minify } from 'terser';

for (const file of process.argv.slice(2)) {
  const { code } = await minify(await readFile(file, 'utf8'), {
    module: true,
    // Plain returns pack better than the conditions that they would become.
    compress: { ecma: 2020, passes: 3, keep_fargs: false, if_return: false },
    format: { ecma: 2020 },
  });
  await writeFile(file, code);
}
