import { describe, expect, it } from '@jest/globals';
import { type TwoRegions, twoRegions } from '../../test/support/two-regions.js';
import type { TimeSlice, Verdict } from '../domain/index.js';
import { parseTemplate } from '../templates/index.js';
import { newRunJudge } from './judge.js';
import { newRun } from './start-run.js';
import { measureStored } from './window-reader.js';

const minute = 60_000;
const start = Date.UTC(2026, 10, 9, 14);
const before = 240;
const minutes = 60;

const errors =
  'source: traces, margin: { relative: 0.25, absolute: 0.0005 }, proportion: { of: { kind: server }, events: { status: error } }';
const retries = 'source: traces, margin: { relative: 0.25 }, rate: { events: { status: error }, per: { kind: server } }';
const memory = 'source: metrics, margin: { relative: 0.1 }, gauge: { of: { metric: memory } }';

const all = [errors, retries, memory];

function runOf(metrics: readonly string[], control = '{ region: us }') {
  const { template, issues } = parseTemplate(`
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  cohorts: { by: service.version, baseline: { before: 1d, references: 4, control: ${control} } }
  schedule: { window: 60s, warmup: 0s, minDuration: 5m, minSamples: 30, deadline: 1h }
  metrics: [${metrics.map((metric, index) => `{ name: m${index}, role: critical, ${metric} }`).join(', ')}]
`);
  if (!template) throw new Error(issues.map(({ message }) => message).join('; '));
  const to = new Date(start + minutes * minute);
  const request = { template: 'shop', arguments: {}, weight: null, labels: {}, idempotencyKey: null, from: new Date(start), to };
  return newRun(template, { ...request, baseline: { region: 'eu' }, canary: { region: 'eu', 'service.version': 'new' } }, to);
}

/** The verdict one minute before the deadline. */
function verdictOn(
  metrics: readonly string[],
  world: Pick<TwoRegions, 'today' | 'apart' | 'harm'>,
  { control, history = before }: { control?: string; history?: number } = {},
): Verdict {
  const run = runOf(metrics, control);
  const slices = Array.from({ length: before + minutes - 1 }, (_, index): TimeSlice => {
    const from = start + (index - before) * minute;
    return { from, to: from + minute };
  });
  const measured = measureStored(run, slices, twoRegions({ start, before, minutes, ...world }));
  const judge = newRunJudge(run, measured.slice(before - history, before));
  for (const window of measured.slice(before)) judge.add(window);
  return judge.verdict({ intervals: 'none' });
}

const words = 'the claim holds only under parallel trends';

describe('a release that is compared with the days before and with a control', () => {
  it('is healthy on a day that is bad for everybody, by a share, a rate and a level', () => {
    const verdict = verdictOn(all, { today: 1.5 });
    expect(verdict).toMatchObject({ decision: 'hold', code: 'observational' });
    expect(verdict.evidence.map(({ assessment }) => assessment)).toEqual(['safe', 'safe', 'safe']);
    expect(verdict.reason).toContain(words);
  });

  it('rolls back on a day that is good for everybody else, by a share, a rate and a level', () => {
    const verdict = verdictOn(all, { today: 0.7, harm: 2 });
    expect(verdict).toMatchObject({ decision: 'rollback', code: 'harm-evidence' });
    expect(verdict.evidence.map(({ assessment }) => assessment)).toEqual(['harmful', 'harmful', 'harmful']);
    expect(verdict.reason).toContain(words);
  });

  it('says nothing where service and control went apart before the release', () => {
    const verdict = verdictOn([errors], { apart: 2, harm: 2 });
    expect(verdict).toMatchObject({ decision: 'hold', code: 'no-data' });
    expect(verdict.reason).toContain(`service and control went apart before the release: ${words}`);
  });

  it('says nothing where nobody saw the time before the release', () => {
    const verdict = verdictOn([errors], { harm: 3 }, { history: 20 });
    expect(verdict.decision).toBe('hold');
    expect(verdict.reason).toContain('20 windows from before the release');
  });

  it('says nothing where the control does not exist', () => {
    expect(verdictOn([errors], { harm: 3 }, { control: '{ region: moon }' }).decision).toBe('hold');
  });

  it('finds its control whatever the metric itself selects', () => {
    const named = errors.replace('of: { kind: server }', 'of: { kind: server, region: eu }');
    expect(verdictOn([named], { today: 0.7, harm: 2 }).decision).toBe('rollback');
  });
});
