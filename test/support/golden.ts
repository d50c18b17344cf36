import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { expect } from '@jest/globals';

/** Where goldens lie, seen from the project's root, in which jest runs. */
const folder = resolve('test/golden');

/**
 * Compares a text byte by byte with `test/golden/<name>`.
 *
 * `ASSAY_UPDATE_GOLDEN=1` writes the file instead (`npm run golden`): then read the diff. A golden that is not there fails.
 */
export function expectGolden(name: string, text: string): void {
  const path = resolve(folder, name);
  if (process.env['ASSAY_UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return;
  }
  if (!existsSync(path)) throw new Error(`there is no golden ${name}: run 'npm run golden' and read what it wrote`);
  expect(text).toBe(readFileSync(path, 'utf8'));
}
