import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk in memory, of 64 MiB until it grows. */
export interface SmallDisk {
  readonly path: string;
  grow(mebibytes: number): void;
  remove(): void;
}

/** @returns null where mounting is not allowed, which is said in one line */
export function smallDisk(what: string): SmallDisk | null {
  const path = mkdtempSync(join(tmpdir(), 'assay-disk-'));
  const run = (program: string, ...args: string[]): Buffer => execFileSync(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    run('mount', '-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', path);
  } catch {
    rmSync(path, { recursive: true });
    process.stdout.write(`skipped: ${what} (mounting is not allowed here)\n`);
    return null;
  }
  const remove = (): void => {
    run('umount', '-l', path);
    rmSync(path, { recursive: true });
  };
  return { path, grow: (mebibytes) => void run('mount', '-o', `remount,size=${mebibytes}m`, path), remove };
}
