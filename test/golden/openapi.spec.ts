import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const golden = 'docs/openapi.json';
const isBuilt = existsSync('dist/http/openapi.js');
if (!isBuilt) process.stdout.write('skipped: docs/openapi.json against the built server (no dist: run npm run build)\n');

describe('docs/openapi.json', () => {
  (isBuilt ? it : it.skip)('is what the built server says of itself', () => {
    const said = execFileSync(process.execPath, ['tools/openapi.mjs', '--stdout'], { encoding: 'utf8', maxBuffer: 16 * 2 ** 20 });
    if (process.env['ASSAY_UPDATE_GOLDEN'] === '1') writeFileSync(golden, said);
    expect(JSON.parse(readFileSync(golden, 'utf8'))).toEqual(JSON.parse(said));
  });
});
