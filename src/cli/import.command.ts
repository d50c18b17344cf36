import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { type ForeignFile, formats, type Imported, type ImportFormat, importFiles, meshes } from '../templates/index.js';
import { importAsJson, importInWords, isOpen, type WrittenTo } from './import-report.js';
import { readStandardInput } from './standard-input.js';

/** Exit codes: all imported; imported, and something is for a person to decide; no template; a file cannot be used. 64 is bad usage. */
const exits = { imported: 0, undecided: 1, unreadable: 3, usage: 64 };

/** What no manifest reaches; the reader refuses long before, with a reason. */
const largestFile = 1024 * 1024;

interface TypedOptions {
  readonly out?: string;
  readonly format?: ImportFormat;
  readonly cohorts?: string;
  readonly mesh?: string;
  readonly json?: boolean;
}

/** `assay import FILE…`: templates of what other tools are configured with, and a list of what changed in meaning. */
export function addImportCommand(program: Command): void {
  const command = program
    .command('import')
    .description('make templates of analyses written for Argo Rollouts, Flagger, Kayenta or Keptn, and list what changed in meaning')
    .argument('<file...>', "files to import together, as they refer to each other; '-' is standard input")
    .option('--out <dir>', 'write NAME.yaml files there; without it the templates go to standard output')
    .addOption(new Option('--format <tool>', 'what the files are, where they do not say').choices([...formats]))
    .option('--cohorts <label>', 'label that tells canary and baseline apart, where the queries do not say')
    .addOption(
      new Option('--mesh <name>', "what Flagger's built-in metrics are read from, where the Canary does not say").choices([...meshes]),
    )
    .option('--json', 'one JSON document on standard output: templates, findings, moved fields');
  command
    .addHelpText('after', helpAfter)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? exits.imported : exits.usage))
    .action(async (files: string[], options: TypedOptions) => {
      const label = options.cohorts ?? null;
      if (label !== null && !/^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(label)) command.error('error: --cohorts must be a label of Prometheus');
      await runImport(files, options);
    });
}

const helpAfter = `
Examples:
  assay import analysis-template.yaml                          # the template, and what changed
  assay import canary.yaml metric-templates.yaml --out templates
  assay import slo.yaml sli.yaml --cohorts version
  assay import config.json --json | jq '.findings[]'
  kubectl get analysistemplates -o yaml | assay import -

Nothing is dropped in silence: every field is moved, or named with its place, why, and what to do.

Exit codes: 0 imported, 1 imported and something is for you to decide, 3 no template or a file that cannot be read, 64 usage.`;

async function runImport(names: readonly string[], { out, format, cohorts, mesh, json }: TypedOptions): Promise<void> {
  const read = await Promise.all([...new Set(names)].map(readText));
  const files = read.flatMap((each) => ('text' in each ? each : []));
  const imported = importFiles(files, { cohorts: cohorts ?? null, mesh: mesh ?? null, format: format ?? null });
  const unreadable = [...read.flatMap((each) => ('text' in each ? [] : each)), ...imported.unreadable];
  const all: Imported = { ...imported, unreadable };
  const written = await write(all, out).catch(giveUp);
  const report = importInWords(all, written, showsColours());
  if (json) process.stdout.write(importAsJson(all, written));
  else {
    if (out === undefined) process.stdout.write(all.templates.map(({ text }) => text).join('---\n'));
    process.stderr.write(report);
  }
  process.exitCode = exitOf(all);
}

export function exitOf({ templates, findings, unreadable }: Imported): number {
  if (templates.length === 0 || unreadable.length > 0) return exits.unreadable;
  return findings.some(isOpen) ? exits.undecided : exits.imported;
}

async function write({ templates }: Imported, out: string | undefined): Promise<WrittenTo> {
  const written = new Map<string, string>();
  if (out === undefined) return written;
  await mkdir(out, { recursive: true });
  for (const { name, text } of templates) {
    const path = join(out, `${name}.yaml`);
    await writeFile(path, text, { flag: 'wx' }); // somebody may have worked on what is there
    written.set(name, path);
  }
  return written;
}

/** In place of a stack: what could not be written, and why. */
function giveUp(error: unknown): never {
  const { code = '', path = '', message } = error as NodeJS.ErrnoException;
  const why = code === 'EEXIST' ? 'it is there already, and is not overwritten' : (reasons[code] ?? message);
  process.stderr.write(`error: cannot write ${path}: ${why}\n`);
  process.exit(exits.unreadable);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'this is a folder: name the files in it',
  EACCES: 'reading it is not permitted',
};

async function readText(name: string): Promise<ForeignFile | Imported['unreadable'][number]> {
  try {
    const bytes = name === '-' ? await readStandardInput(largestFile) : await readFile(name);
    return { name, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    const { code = '', message = 'unknown reason' } = error as NodeJS.ErrnoException;
    const why = error instanceof TypeError ? 'the file is not UTF-8' : (reasons[code] ?? message);
    return { file: name, message: why, repair: 'name files of YAML or JSON that can be read', line: 1, column: 1 };
  }
}

const showsColours = (): boolean => process.stderr.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
