import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { InvalidConfigError } from '../domain/index.js';
import { inSpan } from './in-span.js';
import {
  countClosedWindows,
  countDelivery,
  countVerdict,
  instrumentSpecs,
  observeGauge,
  recordLook,
  recordSourceQuery,
} from './instruments.js';
import { startTelemetry, type Telemetry } from './start-telemetry.js';

const onFreePort = { host: '127.0.0.1', metricsPort: 0 };
const withoutTraces = { exportTraces: false };
let running: Telemetry | null = null;

afterEach(async () => {
  await running?.stop();
  running = null;
});

async function page(): Promise<string> {
  return (await fetch(running?.metricsUrl ?? '')).text();
}

describe('the metrics page', () => {
  it('counts from the first verdict after the start, although the instruments were imported before', async () => {
    countVerdict('hold');
    running = await startTelemetry(onFreePort, withoutTraces);
    countVerdict('hold');
    countVerdict('promote');
    countVerdict('promote');
    recordLook(0.02);
    const text = await page();
    expect(text).toContain('assay_verdicts_total{decision="promote"} 2');
    expect(text).toContain('assay_verdicts_total{decision="hold"} 1');
    expect(text).toMatch(/assay_look_duration_seconds_bucket\{le="0.025"\} 1/);
  });

  it('shows gauges of others, and NaN where they do not know', async () => {
    running = await startTelemetry(onFreePort, withoutTraces);
    observeGauge('assay_open_runs', async () => 3);
    observeGauge('assay_deliveries_pending', () => null);
    expect(await page()).toMatch(/^assay_open_runs(\{\})? 3$/m);
    expect(await page()).toMatch(/^assay_deliveries_pending NaN$/m);
  });

  it('shows the delay of the event loop', async () => {
    running = await startTelemetry(onFreePort, withoutTraces);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await page()).toMatch(/assay_event_loop_delay_seconds\{quantile="0.99"\} 0?\.\d/);
  });

  it('starts again in the same process with counts from zero', async () => {
    const first = await startTelemetry(onFreePort, withoutTraces);
    countClosedWindows(7);
    await first.stop();
    running = await startTelemetry(onFreePort, withoutTraces);
    countClosedWindows(1);
    expect(await page()).toMatch(/assay_windows_closed_total(\{\})? 1$/m);
  });

  it('answers only on /metrics', async () => {
    running = await startTelemetry(onFreePort, withoutTraces);
    expect((await fetch((running.metricsUrl ?? '').replace('/metrics', '/'))).status).toBe(404);
  });

  it('may be off', async () => {
    running = await startTelemetry({ host: '127.0.0.1', metricsPort: null }, withoutTraces);
    countDelivery('slack', 'delivered');
    expect(running.metricsUrl).toBeNull();
  });

  it('says which variable to change when its port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const refused = startTelemetry({ host: '127.0.0.1', metricsPort: port }, withoutTraces);
    await expect(refused).rejects.toThrow(
      new InvalidConfigError(`ASSAY_METRICS_PORT: port ${port} on 127.0.0.1 is taken: give another one, 0 for any free one, or off`),
    );
    taken.close();
  });

  it('has every metric of docs/metrics.md and no other', async () => {
    running = await startTelemetry(onFreePort, withoutTraces);
    recordSourceQuery('prometheus', 0.1, 'ok');
    const text = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
    const rows = [...text.matchAll(/^\| `(\w+)` \| (\w+) \| (.*?) \| (.*?) \|$/gm)].map(([, name, kind, labels, about]) => ({
      name,
      kind,
      labels,
      about,
    }));
    const expected = Object.entries(instrumentSpecs).map(([name, { kind, labels, about }]) => ({
      name: `${name}${kind === 'counter' ? '_total' : ''}`,
      kind,
      labels: labels.map((label) => `\`${label}\``).join(', '),
      about,
    }));
    expect(rows).toEqual(expected);
    expect(await page()).toContain('assay_source_query_duration_seconds_count{source="prometheus",outcome="ok"} 1');
  });
});

describe('a span', () => {
  it('is exported at the end where somebody said where to', async () => {
    const paths: string[] = [];
    const collector = createServer((request, response) => {
      paths.push(request.url ?? '');
      request.resume().on('end', () => response.writeHead(200, { connection: 'close' }).end());
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => collector.once('listening', resolve));
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    const telemetry = await startTelemetry({ host: '127.0.0.1', metricsPort: null }, { exportTraces: true });
    await inSpan('look', async () => undefined);
    await telemetry.stop();
    expect(paths).toEqual(['/v1/traces']);
    delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    collector.close();
  });

  it('gives what the work gives and passes its error on', async () => {
    await expect(inSpan('look', async () => 42, { run: 'run_1' })).resolves.toBe(42);
    await expect(inSpan('look', () => Promise.reject(new RangeError('bug')))).rejects.toThrow('bug');
  });
});
