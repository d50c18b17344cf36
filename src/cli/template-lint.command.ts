import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { type AssumedTraffic, lintWithForecast, type TemplateForecast } from '../analysis/index.js';
import { parseDuration } from '../templates/index.js';
import { countLint, type LintedFile, lintAsJson, lintInWords } from './lint-report.js';
import { readStandardInput } from './standard-input.js';
import { addTrafficOptions, assumedTraffic, type TrafficOptions, wrongNames } from './traffic-options.js';

const largestFile = 1024 * 1024;

/** Exit codes: clean or warnings only, errors, and a file that cannot be read. 64 is bad usage, as everywhere. */
const exits = { clean: 0, errors: 1, usage: 64, unreadable: 66 };

/** `assay template lint FILE…`: every mistake of every file, with its place and its repair. */
export function addTemplateCommands(program: Command): void {
  const template = program.command('template').description('work on analysis templates');
  const lint = template
    .command('lint')
    .description('print every mistake in templates, with line, column and repair; with --rps also how long verdicts would take')
    .argument('<file...>', "template files; '-' is standard input")
    .option('--json', 'one JSON document instead of lines')
    .option(
      '--scrape <duration>',
      'how often Prometheus reads its targets; ranges and windows below two scrapes are warned about',
      seconds,
      15,
    );
  addTrafficOptions(lint)
    .addHelpText('after', helpAfter)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? exits.clean : exits.usage))
    .action(async (files: string[], { json, scrape, ...typed }: TrafficOptions & { json?: boolean; scrape: number }) => {
      const traffic = trafficOr(lint, typed);
      const linted = await Promise.all(files.map((file) => lintFile(file, traffic, scrape)));
      const wrong = traffic && wrongNames(traffic, forecastsOf(linted));
      if (wrong !== null) lint.error(`error: ${wrong}`);
      process.stdout.write(json ? lintAsJson(linted) : lintInWords(linted, showsColours()));
      process.exitCode = exitOf(linted);
    });
}

function seconds(text: string): number {
  const value = parseDuration(text);
  if (value === null || !(value > 0)) throw new InvalidArgumentError("give a duration, such as '30s'");
  return value;
}

const helpAfter = `
A forecast is of medians, under what you assume:
  assay template lint checkout.yaml --rps 20 --share 5% --assume error-rate=0.5% --assume latency=0.08
Verdicts that would come after the deadline are warnings.

Exit codes: 0 clean or warnings only, 1 errors, 64 usage, 66 a file cannot be read.`;

/** None where a file has none: a metric of that name may be in it. */
const forecastsOf = (linted: readonly LintedFile[]): TemplateForecast[] => {
  const forecasts = linted.flatMap(({ forecast }) => forecast ?? []);
  return forecasts.length === linted.length ? forecasts : [];
};

function trafficOr(command: Command, typed: TrafficOptions): AssumedTraffic | null {
  try {
    return assumedTraffic(typed);
  } catch (error) {
    if (error instanceof InvalidArgumentError) return command.error(`error: ${error.message}`);
    throw error;
  }
}

export async function lintFile(file: string, traffic: AssumedTraffic | null = null, scrapeSeconds?: number): Promise<LintedFile> {
  try {
    const { issues, forecast } = lintWithForecast(await readTemplate(file), traffic, {
      source: file,
      ...(scrapeSeconds === undefined ? {} : { scrapeSeconds }),
    });
    return { file, issues, forecast, unreadable: null };
  } catch (error) {
    const { code = '', message = 'unknown reason' } = error as NodeJS.ErrnoException;
    return { file, issues: null, forecast: null, unreadable: reasons[code] ?? message };
  }
}

export function exitOf(linted: readonly LintedFile[]): number {
  const { errors, unreadable } = countLint(linted);
  if (unreadable > 0) return exits.unreadable;
  return errors > 0 ? exits.errors : exits.clean;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'this is a folder: name the files in it',
  EACCES: 'reading it is not permitted',
};

async function readTemplate(file: string): Promise<string> {
  const bytes = file === '-' ? await readStandardInput(largestFile) : await readFile(file);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Error('the file is not UTF-8', { cause });
  }
}

/** NO_COLOR, as at no-color.org, and no colours into files and pipes. */
const showsColours = (): boolean => process.stdout.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
