import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where the product is that is measured: dist/, or the folder that ASSAY_BENCH_DIST names. */
export const builtFolder = resolve(process.env['ASSAY_BENCH_DIST'] ?? resolve(import.meta.dirname, '../../dist'));

/** A module of the built product, by its path below src/. Ends the bench where nothing was built. */
export async function built(path) {
  const file = resolve(builtFolder, path);
  if (existsSync(file)) return import(pathToFileURL(file).href);
  process.stderr.write(`${file} is missing: npm run build first, or name the folder of a build in ASSAY_BENCH_DIST\n`);
  process.exit(69);
}
