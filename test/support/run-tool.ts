import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');

/**
 * What a tool prints, run as people run it. Outside of the test runner the mathematics is ten times faster, so thousands of runs fit.
 *
 * @throws {Error} the tool failed; with what it said
 */
export async function runTool(name: string, args: readonly string[]): Promise<string> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'tools', name), ...args], { cwd: root, env });
  return stdout;
}
