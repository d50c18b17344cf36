import { expect, it } from '@jest/globals';
import { parseTemplate, resolveArguments } from '../templates/index.js';
import { judge } from './judge.js';

const histogram = { kind: 'explicit', bounds: [0.1, 1], counts: [50, 50, 0] } as const;

const namesOf = (name: string, at: string): string[] => {
  const { template } = parseTemplate(`apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: t }
spec:
  schedule: { window: 1s, warmup: 0, minDuration: 0, deadline: 1m }
  metrics:
    - { name: ${name}, role: critical, source: traces, percentiles: { of: { kind: server }, at: ${at} }, margin: { relative: 0.2 } }
`);
  if (template === null) throw new Error('the template is wrong');
  const sample = { kind: 'distribution', histogram } as const;
  const window = {
    from: 0,
    to: 1000,
    phase: 0,
    weight: null,
    measurements: [{ metric: name, baseline: sample, canary: sample, warnings: [] }],
  };
  return judge({ template: resolveArguments(template, {}), from: new Date(0) }, [window]).evidence.map((evidence) => evidence.name);
};

it('does not call a metric p95 p95', () => expect(namesOf('p95', '[0.95]')).toEqual(['p95']));

it.each([
  ['latency', '[0.95]', ['latency p95']],
  ['p95', '[0.5, 0.95]', ['p95 p50', 'p95 p95']],
])('keeps the percentile in the names of %s at %s', (name, at, names) => expect(namesOf(name, at)).toEqual(names));
