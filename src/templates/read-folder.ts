import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** One file of the folder as it stands on the disk. */
export interface FolderFile {
  readonly name: string;
  /** changes whenever the content may have changed */
  readonly signature: string;
}

const largestFile = 1024 * 1024;

/** Template files of a folder by name: `*.yaml` and `*.yml`, not hidden, not in folders below. */
export async function listFolder(directory: string): Promise<FolderFile[]> {
  const names = (await readdir(directory)).filter((name) => /\.ya?ml$/i.test(name) && !name.startsWith('.')).sort();
  const files = await Promise.all(names.map((name) => describeFile(directory, name)));
  return files.filter((file) => file !== null);
}

/** The text of a file. @throws {Error} not readable, far too large, or not UTF-8 */
export async function readText(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > largestFile) throw new Error(`the file has ${size} bytes`);
  const bytes = await readFile(path);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Error('the file is not UTF-8', { cause });
  }
}

async function describeFile(directory: string, name: string): Promise<FolderFile | null> {
  try {
    const found = await stat(join(directory, name), { bigint: true });
    if (!found.isFile()) return null;
    return { name, signature: `${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}` };
  } catch {
    return null; // gone between the listing and now: an editor replaces files by renaming
  }
}
