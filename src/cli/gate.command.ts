import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Command, type CommanderError, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../templates/index.js';
import { AssayClient, type RunRequest, type VerdictAnswer } from './assay-client.js';
import { type GateEnd, type GateListener, gateExit, gateExitCode, passGate } from './gate.js';
import { liveArea } from './progress.js';

/** Timers hold no more than 24 days. */
const longestSeconds = 20 * 86_400;

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
}

/** `assay gate`: lets a pipeline go on, or not, by its exit code. */
export function addGateCommand(program: Command): void {
  const gate = program
    .command('gate')
    .description('start or join a run and wait for its verdict; the exit code is the verdict')
    .addOption(new Option('--server <url>', 'Assay server').env('ASSAY_URL').default('http://127.0.0.1:8080').argParser(serverUrl))
    .option('--token-file <path>', 'file with the API token (or set ASSAY_TOKEN)')
    .addOption(new Option('--run <id>', 'join this run instead of starting one').conflicts(['template', 'baseline', 'canary', 'weight']))
    .option('--template <name>', 'template to judge by: a name, or name@sha256:…')
    .option('--arg <name=value>', 'argument of the template; may be repeated', addPair, {})
    .option('--baseline <value>', "what runs today: a value of the template's cohorts.by, or attribute=value,…", side)
    .option('--canary <value>', 'what is to be released, written the same way', side)
    .option('--weight <share>', "the canary's share of the traffic, more than 0, at most 1", share)
    .option('--label <name=value>', 'label to find the run by; may be repeated', addPair, {})
    .option('--idempotency-key <key>', 'the same key joins the run it started before')
    .option('--timeout <duration>', 'how long to wait at most', duration, parseDuration('2h') ?? 0)
    .addOption(new Option('--on-timeout <exit>', 'what a timeout means: error is 3, hold is 2').choices(['error', 'hold']).default('error'))
    .option('--retry-for <duration>', 'how long the server may be away before giving up', duration, 30)
    .option('--json', 'one JSON document on standard output, nothing else')
    .addHelpText('after', '\nExit codes: 0 promote, 1 rollback, 2 hold, 3 error, 4 cancelled, 64 usage, 69 server unreachable.')
    .exitOverride(exitOfUsage);
  gate.action(async (options: GateOptions) => {
    const order = orderOf(options, gate);
    const token = tokenOf(options, gate);
    process.once('uncaughtException', (error) => {
      process.stderr.write(`${messageOf(error)}\n`);
      process.exit(gateExit.error); // Node's own code is 1, which would read as a rollback
    });
    process.exitCode = await runGate(options, order, new AssayClient(options.server, token));
  });
}

/** Commander ends with 1 on bad usage, which would read as a rollback. */
export function exitOfUsage(error: CommanderError): never {
  process.exit(error.exitCode === 0 ? 0 : gateExit.usage);
}

async function runGate(options: GateOptions, run: string | RunRequest, client: AssayClient): Promise<number> {
  const out = options.json ? silentListener : linesOf();
  const order = {
    run,
    idempotencyKey: options.idempotencyKey ?? randomUUID(),
    timeoutMs: options.timeout * 1000,
    retryForMs: options.retryFor * 1000,
    longPollSeconds: 25,
  };
  const end = await passGate(client, order, out);
  const exitCode = gateExitCode(end, options.onTimeout);
  out.stop();
  process.stdout.write(`${options.json ? JSON.stringify({ ...documentOf(end), exitCode }) : sentenceOf(end, exitCode)}\n`);
  return exitCode;
}

const silentListener = { started: () => undefined, answered: () => undefined, retrying: () => undefined, stop: () => undefined };

/** A line where the verdict changes, and a status that moves where somebody watches. */
function linesOf(): GateListener & { stop(): void } {
  const area = liveArea(process.stderr);
  let last = '';
  return {
    started: (run) => area.keep(`run ${run}`),
    answered: (verdict) => {
      const line = `${verdict.decision} (${verdict.code})`;
      if (line !== last && !verdict.final) area.keep(`${line}: ${printable(verdict.reason)}`);
      last = line;
      area.show(statusOf(verdict));
    },
    retrying: (error) => area.show(`trying again: ${printable(error.message)}`),
    stop: () => area.stop(),
  };
}

function statusOf({ decision, looks, elapsedSeconds, etaSeconds, reason }: VerdictAnswer): string {
  const times = [
    elapsedSeconds === null ? '' : `${Math.round(elapsedSeconds)} s`,
    etaSeconds === null ? '' : `about ${Math.round(etaSeconds)} s left`,
  ];
  return `${[decision, `${looks} looks`, ...times].filter((part) => part !== '').join(' · ')}\n${printable(reason)}`;
}

function sentenceOf(end: GateEnd, exitCode: number): string {
  switch (end.kind) {
    case 'final':
      return `${exitCode === gateExit.cancelled ? 'cancelled' : end.verdict.decision}: ${printable(end.verdict.reason)}`;
    case 'timeout':
      return `no final verdict in time${end.run ? `; ${end.run} goes on, join it with --run` : ''}${end.verdict ? ` (${printable(end.verdict.reason)})` : ''}`;
    case 'failed':
      return `${printable(messageOf(end.error))}${end.run ? `; join again with --run ${end.run}` : ''}`;
  }
}

function documentOf(end: GateEnd): object {
  switch (end.kind) {
    case 'final':
      return { end: 'final', ...end.verdict };
    case 'timeout':
      return { end: 'timeout', run: end.run, decision: end.verdict?.decision ?? null, final: false, reason: end.verdict?.reason ?? null };
    case 'failed':
      return { end: 'failed', run: end.run, decision: null, final: false, reason: messageOf(end.error) };
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Text from elsewhere must not move the cursor. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}

function orderOf(options: GateOptions, gate: Command): string | RunRequest {
  const { run, template, baseline, canary, weight } = options;
  if (run !== undefined) return run;
  if (template === undefined || baseline === undefined || canary === undefined) {
    return gate.error('give --template, --baseline and --canary to start a run, or --run to join one', { exitCode: gateExit.usage });
  }
  return { template, arguments: options.arg, baseline, canary, labels: options.label, ...(weight !== undefined && { weight }) };
}

/** Never from the command line itself: everybody on the machine can read that. */
function tokenOf({ tokenFile }: GateOptions, gate: Command): string | null {
  if (tokenFile === undefined) return process.env['ASSAY_TOKEN']?.trim() || null;
  try {
    return readFileSync(tokenFile, 'utf8').trim();
  } catch {
    return gate.error(`the token file ${tokenFile} cannot be read`, { exitCode: gateExit.usage });
  }
}

function serverUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw new InvalidArgumentError('give a URL such as https://assay.example.com');
  if (url.username || url.password) throw new InvalidArgumentError('give the token by --token-file, not in the URL');
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function addPair(text: string, earlier: Pairs): Pairs {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('give name=value');
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
}

function side(text: string): string | Pairs {
  if (!text.includes('=')) return text;
  return text.split(',').reduce<Pairs>((pairs, pair) => addPair(pair, pairs), {});
}

function share(text: string): number {
  const value = /^\d*\.?\d+%$/.test(text) ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('give a share such as 0.05 or 5%');
  return value;
}

function duration(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === null || !(seconds > 0 && seconds <= longestSeconds)) {
    throw new InvalidArgumentError('give a duration such as 90s, 15m or 2h, at most 20 days');
  }
  return seconds;
}
