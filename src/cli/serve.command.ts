import { type Command } from 'commander';
import { type Environment, environment, loadSettings, type Settings } from '../config/index.js';
import { AssayError, InvalidConfigError, StoreUnavailableError } from '../domain/index.js';
import type { RunningServer } from '../main.js';

interface ServeFlags {
  readonly port?: string;
  readonly otlpPort?: string;
  readonly store?: string;
  readonly templates?: string;
  readonly prometheus?: string;
}

/** sysexits: a person has to change the configuration; something needed does not answer; a bug. */
const exitCodes = { config: 78, unavailable: 69, bug: 70 };

/** `assay serve`: the server, until it is told to stop. */
export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('start the server: API, OTLP receiver, analysis and deliveries')
    .option('--port <port>', 'port of the API (ASSAY_PORT)')
    .option('--otlp-port <port>', 'port of the OTLP listener (ASSAY_OTLP_PORT)')
    .option('--store <directory>', 'directory of the embedded store (ASSAY_STORE)')
    .option('--templates <directory>', 'directory of analysis templates (ASSAY_TEMPLATES)')
    .option('--prometheus <url>', 'Prometheus-compatible engine to read from (ASSAY_PROMETHEUS_URL)')
    .addHelpText('after', '\nEverything else is set by environment variables: see docs/configuration.md')
    .action(serve);
}

async function serve(flags: ServeFlags): Promise<void> {
  const variables = withFlags(environment(), flags, process.stdout.isTTY);
  try {
    const settings = loadSettings(variables);
    const { startServer } = await import('../main.js'); // only here: other commands need not wait for all of it
    const server = await startServer(settings, { environment: variables });
    if (process.stdout.isTTY) process.stdout.write(welcome(server, settings));
    stopOnSignal(server);
  } catch (error) {
    process.stderr.write(`assay: ${reasonOf(error)}\n`);
    process.exit(exitCodeOf(error));
  }
}

/** Flags win over variables. At a terminal people want to see trouble only, unless they ask for more. */
export function withFlags(variables: Environment, flags: ServeFlags, terminal: boolean): Environment {
  const named = {
    ASSAY_PORT: flags.port,
    ASSAY_OTLP_PORT: flags.otlpPort,
    ASSAY_STORE: flags.store,
    ASSAY_TEMPLATES: flags.templates,
    ASSAY_PROMETHEUS_URL: flags.prometheus,
  };
  const given = Object.entries(named).filter(([, value]) => value !== undefined);
  return { ...(terminal && { ASSAY_LOG_LEVEL: 'warn' }), ...variables, ...Object.fromEntries(given) };
}

/** Where everything is, for a person. */
export function welcome({ urls }: Pick<RunningServer, 'urls'>, settings: Settings): string {
  const store = settings.databaseUrl === null ? `${settings.storeDirectory} (embedded)` : 'PostgreSQL (DATABASE_URL)';
  const lines = [
    ['API and docs', `${urls.api}/docs`],
    ['OTLP/HTTP', urls.otlp ?? 'not received by this process'],
    ['OTLP/gRPC', urls.otlpGrpc ?? 'not received by this process'],
    ['own metrics', urls.metrics ?? 'off'],
    ['store', store],
    ['templates', settings.templatesDirectory],
    ['Prometheus', settings.prometheus?.url ?? 'none (ASSAY_PROMETHEUS_URL)'],
  ];
  return `\nAssay is ready.\n\n${lines.map(([name = '', value]) => `  ${name.padEnd(14)}${value}`).join('\n')}\n\nCtrl-C stops it.\n`;
}

function stopOnSignal(server: RunningServer): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(130); // somebody is impatient
    stopping = true;
    void server.stop().finally(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (process.channel) stopWithLauncher(stop);
}

/** Killed at once, the launcher tells nobody, but the channel to it closes. */
function stopWithLauncher(stop: () => void): void {
  process.once('disconnect', stop);
  process.channel?.unref(); // a server that ends by itself need not wait for it
}

/** One line that says what to do; the log has the rest. */
export function reasonOf(error: unknown): string {
  if (error instanceof AssayError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ''}` : String(error);
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof InvalidConfigError) return exitCodes.config;
  return error instanceof StoreUnavailableError ? exitCodes.unavailable : exitCodes.bug;
}
