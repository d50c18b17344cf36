import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { isSecretReference, readSecret } from './secret-reference.js';

describe('a reference to a secret', () => {
  it.each(['env:NAME', 'env:_a1', 'file:/run/secrets/token'])('is %s', (text) => {
    expect(isSecretReference(text)).toBe(true);
  });

  it.each(['hunter2', 'env:', 'env:1A', 'env:A B', 'file:relative', 'file:/a\0b', ''])('is not %j', (text) => {
    expect(isSecretReference(text)).toBe(false);
  });
});

describe('a secret', () => {
  const folder = temporaryFolder('secrets');
  afterEach(() => {
    delete process.env['ASSAY_SECRET_SPEC'];
  });

  it('is read anew each time, without the white space around it', async () => {
    const file = join(folder, 'token');
    writeFileSync(file, 'one\n');
    expect(await readSecret(`file:${file}`)).toBe('one');
    writeFileSync(file, '  two  ');
    expect(await readSecret(`file:${file}`)).toBe('two');
    process.env['ASSAY_SECRET_SPEC'] = 'three\r\n';
    expect(await readSecret('env:ASSAY_SECRET_SPEC')).toBe('three');
  });

  it('that is missing or empty is none', async () => {
    process.env['ASSAY_SECRET_SPEC'] = '  ';
    const references = ['env:ASSAY_SECRET_SPEC', 'env:ASSAY_SECRET_NOBODY_SET', `file:${join(folder, 'none')}`, `file:${folder}`];
    expect(await Promise.all(references.map(readSecret))).toEqual([null, null, null, null]);
  });
});
