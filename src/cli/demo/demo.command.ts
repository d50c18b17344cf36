import { styleText } from 'node:util';
import type { Command } from 'commander';
import { loadSettings } from '../../config/index.js';
import { isWatched, liveArea } from '../progress.js';
import type { Paint } from './board.js';
import { type DemoServer, runDemo } from './demo.js';
import type { DemoPlace } from './demo-place.js';
import { portLike } from './free-port.js';

/** `assay demo`: Assay judging a healthy release and two bad ones, on this machine, within a minute. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('watch Assay judge three releases of a small shop from real telemetry')
    .option('--exit', 'stop after the verdicts; exit code 0 only if all three are right')
    .action(async ({ exit = false }: { exit?: boolean }) => {
      process.exit(await demo(exit)); // whatever still holds a socket open, the demo is over
    });
}

async function demo(exit: boolean): Promise<number> {
  const screen = process.stdout;
  const watched = isWatched(screen);
  const leaving = new AbortController();
  const leave = (): void => leaving.abort(new Error('stopped'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, leave);
  const area = liveArea(screen);
  try {
    const look = { area, watched, paint: watched ? colours : plain, width: () => screen.columns || 100 };
    const right = await runDemo({ startServer, ...look, stay: !exit, signal: leaving.signal });
    return right ? 0 : 1;
  } catch (error) {
    if (leaving.signal.aborted) return 130;
    process.stderr.write(`the demo cannot go on: ${error instanceof Error ? error.message : String(error)}\n`);
    return 3;
  }
}

/** Assay as `assay serve` starts it, but forgetful, on free ports where the usual ones are taken. */
async function startServer({ templates }: DemoPlace): Promise<DemoServer> {
  const { startServer: start } = await import('../../main.js');
  const usual = [8080, 4318, 9464];
  const [port, otlpPort, metricsPort] = await Promise.all(usual.map(portLike));
  const settings = loadSettings({
    ASSAY_PORT: String(port),
    ASSAY_OTLP_PORT: String(otlpPort),
    ASSAY_OTLP_GRPC_PORT: 'off',
    ASSAY_METRICS_PORT: String(metricsPort),
    ASSAY_STORE: 'memory:',
    ASSAY_TEMPLATES: templates,
    ASSAY_EGRESS_ALLOW: '127.0.0.0/8',
    ASSAY_LOG_LEVEL: 'error',
  });
  const { urls, stop } = await start(settings);
  const taken = usual.filter((wanted) => ![port, otlpPort, metricsPort].includes(wanted));
  return { url: urls.api, otlpUrl: urls.otlp ?? '', metricsUrl: urls.metrics ?? '', taken, stop };
}

const tones = { good: 'green', bad: 'red', quiet: 'gray', strong: 'bold' } as const;
const colours: Paint = (tone, text) => styleText(tones[tone], text);
const plain: Paint = (_, text) => text;
