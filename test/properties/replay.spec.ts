import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { metricsOf, nanoseconds, tracesOf } from '../support/otlp-samples.js';
import { randomNormal, seededRandom } from '../support/random.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const command = process.env['ASSAY_TEST_CLI'] ?? 'dist/cli.js';
const folder = temporaryFolder('replay');

/** A limit against hangs: four processes take three seconds where nothing else runs. */
const patienceMs = 240_000;

const t0 = Date.UTC(2026, 2, 29, 0, 30); // the night in which Europe's clocks go forward
const windowMs = 15_000;

const head = (name: string): string => `
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: ${name}, title: "İlk ölçüm – ß" }
spec:
  cohorts: { by: service.version, pod: k8s.pod.name }
  schedule: { window: 15s, warmup: 30s, minDuration: 1m, minSamples: 50 }`;
const templates = {
  shop: `${head('shop')}
  guards: { mix: { by: http.route } }
  metrics:
    - name: errors
      role: critical
      source: traces
      proportion: { of: { kind: server }, events: { status: error } }
      margin: { relative: 0.25, absolute: 0.01 }
    - name: latency
      role: critical
      source: traces
      percentiles: { of: { kind: server }, value: duration, at: [0.5, 0.9] }
      margin: { relative: 1, absolute: 20ms }`,
  levels: `${head('levels')}
  metrics:
    - name: basket
      role: critical
      source: traces
      harm: either
      mean: { of: { kind: server }, value: basket.value }
      margin: { relative: 0.5 }
    - name: heap
      role: weighted
      source: metrics
      gauge: { of: { metric: heap } }
      margin: { relative: 0.5 }`,
};

/** Requests of both versions on routes that sort differently from one language to the next, the canary's failing as often as said. */
function recording(canaryErrors: number, seed: number): string {
  const random = seededRandom(seed);
  const lines: object[] = [];
  let id = 1;
  for (let window = 0; window < 24; window++) {
    for (const [version, pods, errors] of [
      ['baseline', 2, 0.02],
      ['canary', 1, canaryErrors],
    ] as const) {
      for (let pod = 0; pod < pods; pod++) {
        const resource = { 'service.name': 'shop', 'service.version': version, 'k8s.pod.name': `${version}-${pod}` };
        const spans = Array.from({ length: 40 }, () => ({
          id: id++,
          endMs: t0 + window * windowMs + Math.floor(windowMs * random()),
          durationMs: Math.round(100 * Math.exp(0.6 * randomNormal(random))),
          status: random() < errors ? 2 : 0,
          attributes: {
            'http.route': ['/ißt', '/Istanbul', '/istanbul', '/öl', '/zebra'][Math.floor(5 * random())] as string,
            'basket.value': 50 + 10 * random(),
          },
        }));
        const at = nanoseconds(t0 + window * windowMs + 5_000);
        const gauge = { gauge: { dataPoints: [{ timeUnixNano: at, asDouble: 200 + 5 * randomNormal(random) }] } };
        lines.push(tracesOf(resource, spans), metricsOf(resource, 'heap', gauge));
      }
    }
  }
  return lines.map((line) => JSON.stringify(line)).join('\n');
}

/** Where, and how, a replay may run. */
const places: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[]])[] = [
  ['in Kiritimati and Turkish', { TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' }, ['--liftoff-only']],
  [
    'in Newfoundland and German, without an optimising compiler',
    { TZ: 'America/St_Johns', LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE' },
    ['--no-opt', '--no-maglev'],
  ],
  [
    'in UTC and C, with other hashes and a small heap',
    { TZ: 'UTC', LC_ALL: 'C', LANG: 'C' },
    ['--hash-seed=7', '--random-seed=11', '--max-old-space-size=192'],
  ],
];

async function replay(name: string, variables: Readonly<Record<string, string>>, flags: readonly string[]): Promise<string> {
  const { NODE_OPTIONS: _, LC_ALL: _all, LANG: _lang, TZ: _zone, ...env } = process.env;
  const args = ['replay', '--template', join(folder, `${name}.yaml`), '--otlp', join(folder, `${name}.jsonl`), '--json'];
  const child = spawn(process.execPath, [...flags, command, ...args], { env: { ...env, ...variables } });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit') as Promise<[number]>]);
  return `${out}\n${err}exit ${code}`;
}

(existsSync(command) ? describe : describe.skip)('a replay', () => {
  beforeAll(() => {
    for (const [name, template] of Object.entries(templates)) writeFileSync(join(folder, `${name}.yaml`), template);
    writeFileSync(join(folder, 'shop.jsonl'), recording(0.3, 5));
    writeFileSync(join(folder, 'levels.jsonl'), recording(0.02, 6));
  });

  it.each([
    ['shop', '"decision": "rollback"', 'exit 1'],
    ['levels', '"decision": "hold"', 'exit 2'],
  ])(
    'of %s prints the same bytes in every process, time zone and language, whatever compiles it',
    async (name, decision, exit) => {
      const [here, ...elsewhere] = await Promise.all([
        replay(name, {}, []),
        ...places.map(([, variables, flags]) => replay(name, variables, flags)),
      ]);
      expect(here).toContain(decision);
      expect(here).toContain(exit);
      for (const said of elsewhere) expect(said).toBe(here);
    },
    patienceMs,
  );
});
