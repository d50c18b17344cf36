import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { type Command, type CommanderError, Option } from 'commander';
import { environment } from '../config/index.js';
import { AssayClient, type RunRequest } from './assay-client.js';
import { type GateEnd, type GateListener, gateExit, gateExitCode, passGate } from './gate.js';
import { junitOf } from './gate-junit.js';
import { markdownOf } from './gate-markdown.js';
import { duration, serverUrl, share } from './gate-options.js';
import { endAsDocument, endInWords, messageOf, tellAsLines } from './gate-text.js';
import { variablesOf } from './gate-variables.js';
import { addPair, side } from './option-values.js';
import { liveArea } from './progress.js';

type Pairs = Readonly<Record<string, string>>;

interface GateOptions {
  readonly server: string;
  readonly tokenFile?: string;
  readonly run?: string;
  readonly template?: string;
  readonly arg: Pairs;
  readonly baseline?: string | Pairs;
  readonly canary?: string | Pairs;
  readonly weight?: number;
  readonly label: Pairs;
  readonly idempotencyKey?: string;
  readonly timeout: number;
  readonly onTimeout: 'error' | 'hold';
  readonly retryFor: number;
  readonly json?: true;
  readonly junit?: string;
  readonly summary?: string;
  readonly variables?: string;
}

const twoHours = 7200;

/** `assay gate`: lets a pipeline go on, or not, by its exit code. */
export function addGateCommand(program: Command): void {
  const gate = program
    .command('gate')
    .description('start or join a run and wait for its verdict; the exit code is the verdict')
    .addOption(new Option('--server <url>', 'Assay server').env('ASSAY_URL').default('http://127.0.0.1:8080').argParser(serverUrl))
    .option('--token-file <path>', 'file with the API token (or set ASSAY_TOKEN)')
    .addOption(new Option('--run <id>', 'join this run instead of starting one').conflicts(['template', 'baseline', 'canary', 'weight']))
    .option('--template <name>', 'template to judge by: a name, or name@sha256:…')
    .option('--arg <name=value>', 'argument of the template; repeat for more', addPair, {})
    .option('--baseline <value>', "what runs today: a value of the template's cohorts.by, or attribute=value[,attribute=value]", side)
    .option('--canary <value>', 'what is to be released, written the same way', side)
    .option('--weight <share>', "the canary's share of the traffic: 0.05 or 5%", share)
    .option('--label <name=value>', 'label to find the run by; repeat for more', addPair, {})
    .option('--idempotency-key <key>', 'the same key joins the run it started before')
    .addOption(new Option('--timeout <duration>', 'how long to wait at most').argParser(duration).default(twoHours, '2h'))
    .addOption(new Option('--on-timeout <end>', 'what a timeout means: error is 3, hold is 2').choices(['error', 'hold']).default('error'))
    .addOption(new Option('--retry-for <duration>', 'how long the server may be away').argParser(duration).default(30, '30s'))
    .option('--json', 'one JSON document on standard output, nothing else')
    .option('--junit <path>', 'write JUnit XML: a case for the verdict and one for each metric')
    .option('--summary <path>', 'append Markdown, such as to "$GITHUB_STEP_SUMMARY"')
    .option('--variables <path>', 'append NAME=value lines, such as to "$GITHUB_OUTPUT" or a GitLab dotenv report')
    .addHelpText('after', '\nExit codes: 0 promote, 1 rollback, 2 hold, 3 error, 4 cancelled, 64 usage, 69 server unreachable.')
    .exitOverride(exitOfUsage);
  gate.action(async (options: GateOptions) => {
    const run = runOf(options, gate);
    const client = new AssayClient(options.server, tokenOf(options, gate));
    process.exitCode = gateExit.error; // until something better is known
    process.exitCode = await waitFor(run, client, options);
  });
}

/** Commander ends with 1 on bad usage, which would read as a rollback. */
export function exitOfUsage(error: CommanderError): never {
  process.exit(error.exitCode === 0 ? 0 : gateExit.usage);
}

const silent: GateListener = { started: () => undefined, answered: () => undefined, retrying: () => undefined };

async function waitFor(run: string | RunRequest, client: AssayClient, options: GateOptions): Promise<number> {
  const area = liveArea(process.stderr);
  const order = {
    run,
    idempotencyKey: options.idempotencyKey ?? randomUUID(),
    timeoutMs: options.timeout * 1000,
    retryForMs: options.retryFor * 1000,
    longPollSeconds: 25,
  };
  const end = await passGate(client, order, options.json ? silent : tellAsLines(area));
  area.stop();
  const exitCode = gateExitCode(end, options.onTimeout);
  process.stdout.write(`${options.json ? JSON.stringify(endAsDocument(end, exitCode)) : endInWords(end)}\n`);
  writeReports(end, exitCode, options);
  return exitCode;
}

/** A report that cannot be written is told, and changes nothing: the exit code is the verdict. */
function writeReports(end: GateEnd, exitCode: number, { junit, summary, variables }: GateOptions): void {
  const write = (path: string | undefined, to: (path: string, text: string) => void, text: () => string): void => {
    if (path === undefined) return;
    try {
      to(path, text());
    } catch (error) {
      process.stderr.write(`the report ${path} was not written: ${messageOf(error)}\n`);
    }
  };
  write(junit, writeFileSync, () => junitOf(end));
  write(summary, appendFileSync, () => markdownOf(end));
  write(variables, appendFileSync, () => variablesOf(end, exitCode));
}

function runOf({ run, template, baseline, canary, weight, arg, label }: GateOptions, gate: Command): string | RunRequest {
  if (run !== undefined) return run;
  if (template === undefined || canary === undefined) {
    return gate.error(
      'give --template, --canary and, unless the template compares with the past, --baseline to start a run, or --run to join one',
      { exitCode: gateExit.usage },
    );
  }
  return {
    template,
    arguments: arg,
    canary,
    labels: label,
    ...(baseline !== undefined && { baseline }),
    ...(weight !== undefined && { weight }),
  };
}

/** Never from the command line itself: everybody on the machine can read that. */
function tokenOf({ tokenFile }: GateOptions, gate: Command): string | null {
  if (tokenFile === undefined) return environment()['ASSAY_TOKEN']?.trim() || null;
  try {
    return readFileSync(tokenFile, 'utf8').trim();
  } catch {
    return gate.error(`the token file ${tokenFile} cannot be read`, { exitCode: gateExit.usage });
  }
}
