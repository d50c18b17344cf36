import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { CohortChoice } from '../analysis/index.js';
import {
  AssayError,
  type ClosedWindow,
  InvalidTemplateError,
  type Issue,
  type Look,
  planRecording,
  type Run,
  type Template,
} from '../domain/index.js';
import { recordOtlpFile, WindowRecorder } from '../ingest/index.js';
import { parseTemplate, resolveArguments } from '../templates/index.js';
import { addPair, side } from './option-values.js';
import { progressBar } from './progress.js';
import { looksOf, runOver } from './replay.js';
import { lookLine, verdictJson, verdictLines } from './verdict-text.js';

interface ReplayOptions {
  readonly template: string;
  readonly otlp: readonly string[];
  readonly arg: Readonly<Record<string, string>>;
  readonly baseline?: CohortChoice;
  readonly canary?: CohortChoice;
  readonly json?: boolean;
}

const exitCodes = { promote: 0, rollback: 1, hold: 2 } as const;
const failed = 3;

/** `assay replay`: judges recorded telemetry offline, look by look, as a live run would have. */
export function addReplayCommand(program: Command): void {
  program
    .command('replay')
    .description('judge recorded OTLP telemetry offline: every look on a line, then the verdict with its reasons')
    .requiredOption('--template <file>', 'analysis template (YAML)')
    .requiredOption('--otlp <file...>', "OTLP-JSON lines as the OpenTelemetry Collector's file exporter writes them; .gz too")
    .option('--arg <name=value>', 'argument of the template; repeat for more', addPair, {})
    .option('--baseline <value>', "value of the template's cohorts.by, or attribute=value[,attribute=value]", side)
    .option('--canary <value>', 'the same for the canary; both may be left out where the telemetry says "baseline" and "canary"', side)
    .option('--json', 'one JSON document instead of lines')
    .addHelpText('after', '\nExit codes: 0 promote, 1 rollback, 2 hold, 3 the files or the template cannot be used, 64 bad usage.')
    .action(async (options: ReplayOptions) => {
      process.exitCode = await replay(options);
    });
}

async function replay(options: ReplayOptions): Promise<number> {
  try {
    const template = resolveArguments(await readTemplate(options.template), { ...options.arg });
    const { windows, notes } = await record(template, options.otlp);
    const run = runOver(template, { baseline: options.baseline ?? null, canary: options.canary ?? null }, windows, new Date());
    return options.json ? printJson(run, windows, notes) : printLines(run, windows, notes);
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    process.stderr.write(`${[error.message, ...error.issues.map(issueLines)].join('\n')}\n`);
    return failed;
  }
}

function issueLines({ code, path, line, column, message, repair }: Issue): string {
  const said = code === 'missing-argument' ? `add --arg ${path.replace(/^arguments\./, '')}=…` : repair;
  return `  ${line > 0 ? `${line}:${column} ` : ''}${message}\n      ${said}`;
}

async function readTemplate(path: string): Promise<Template> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InvalidTemplateError(`the template ${path} cannot be read: ${error.code ?? error.message}`);
  });
  const { template, issues } = parseTemplate(text, basename(path));
  if (!template)
    throw new InvalidTemplateError(`the template ${path} has mistakes:`, { issues: issues.filter(({ severity }) => severity === 'error') });
  return template;
}

async function record(template: Template, files: readonly string[]): Promise<{ windows: ClosedWindow[]; notes: string[] }> {
  const recorder = new WindowRecorder(planRecording([template]));
  const notes: string[] = [];
  for (const file of files) {
    const bar = progressBar(`reading ${basename(file)}`, 1);
    let shown = 0;
    const { accepted, refused } = await recordOtlpFile(file, recorder, (done, total) => {
      bar.resize(total);
      bar.advance(done - shown);
      shown = done;
    }).finally(() => bar.stop());
    if (refused > 0) notes.push(`${basename(file)}: ${refused} of ${accepted + refused} observations could not be used`);
  }
  return { windows: recorder.closeAll(), notes };
}

function printLines(run: Run, windows: readonly ClosedWindow[], notes: readonly string[]): number {
  const { template, names, from, to } = run;
  const out = process.stdout;
  out.write(
    `${template.name}@${template.hash.slice(0, 19)} · ${names.baseline} against ${names.canary} · ${from.toISOString()} to ${to?.toISOString()}\n`,
  );
  let last: Look | null = null;
  for (const look of looksOf(run, windows)) {
    out.write(`${lookLine(look, out)}\n`);
    last = look;
  }
  if (!last) return failed;
  out.write(`\n${verdictLines(last.verdict, out)}\n${notes.map((note) => `  note       ${note}\n`).join('')}`);
  return exitCodes[last.verdict.decision];
}

function printJson(run: Run, windows: readonly ClosedWindow[], notes: readonly string[]): number {
  const looks = [...looksOf(run, windows)];
  const last = looks.at(-1);
  if (!last) return failed;
  const brief = looks.map(({ sequence, at, verdict: { decision, code, final, score } }) => ({
    sequence,
    at: at.toISOString(),
    decision,
    code,
    final,
    score,
  }));
  const { template, names, from, to } = run;
  const document = {
    ...verdictJson(last.verdict),
    template: `${template.name}@${template.hash}`,
    baseline: names.baseline,
    canary: names.canary,
    from: from.toISOString(),
    to: to?.toISOString(),
    looks: looks.length,
    history: brief,
    notes,
  };
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  return exitCodes[last.verdict.decision];
}
