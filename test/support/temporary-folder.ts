import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

/** A folder of its own for a spec file or a `describe`, and gone after it. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `assay-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
