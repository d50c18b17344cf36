import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeKills } from './kill-claims.js';

const folder = mkdtempSync(join(tmpdir(), 'assay-kill-store-'));

describeKills('the embedded store', {
  open: async () => ({ ASSAY_STORE: join(folder, 'store') }),
  close: async () => rmSync(folder, { recursive: true, force: true }),
});
