import { describe, expect, it } from '@jest/globals';
import { closedWindows, type VersionTraffic } from '../../test/support/pushed-traffic.js';
import type { ClosedWindow, Look, PhaseChange, Run, Template } from '../domain/index.js';
import { parseTemplate, resolveArguments } from '../templates/index.js';
import { replayRun } from './replay-run.js';
import { newRun } from './start-run.js';

const start = Date.UTC(2026, 10, 2);
const seconds = 15;
const minute = 4; // windows

const templateOf = (schedule: Readonly<Record<string, string>>, phases = ''): Template => {
  const timing = { warmup: '0s', minDuration: '1m', minSamples: '100', deadline: '1h', ...schedule };
  const { template, issues } = parseTemplate(`
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  schedule: ${JSON.stringify(timing).replace('"100"', '100')}
  metrics:
    - name: error-rate
      role: critical
      source: traces
      proportion: { of: { kind: server }, events: { status: error } }
      margin: { relative: 0.25, absolute: 0.001 }
${phases}`);
  if (!template) throw new Error(issues.map(({ message }) => message).join('; '));
  return resolveArguments(template, {});
};

const ladder = `  phases:
    - { weight: 0.05, margins: { error-rate: { relative: 3, absolute: 0.005 } } }
    - { weight: 0.2, margins: { error-rate: { relative: 0.6, absolute: 0.0015 } } }
    - { weight: 1 }`;

const runOf = (template: Template, windows: readonly ClosedWindow[], phaseChanges?: readonly PhaseChange[]): Run => {
  const to = new Date(windows.at(-1)?.to ?? start);
  const request = { template: 'shop', arguments: {}, baseline: 'old', canary: 'new', weight: null, labels: {}, idempotencyKey: null };
  const run = newRun(template, { ...request, from: new Date(start), to }, to);
  return phaseChanges ? { ...run, phaseChanges } : run;
};

const looksAt = (template: Template, windows: readonly ClosedWindow[], phaseChanges?: readonly PhaseChange[]): Look[] => [
  ...replayRun(runOf(template, windows, phaseChanges), windows),
];

/** 2 000 requests a window, errors at a rate of 0.5 % in the old version and `times` as many in the new one. */
const split = (share: number, times = 1): Readonly<Record<string, VersionTraffic>> => {
  const [canary, baseline] = [2000 * share, 2000 * (1 - share)];
  return {
    old: { requests: baseline, errors: Math.round(baseline * 0.005) },
    new: { requests: canary, errors: Math.round(canary * 0.005 * times) },
  };
};

const at = (window: number, weight: number, phase: number): PhaseChange => ({
  at: new Date(start + window * seconds * 1000),
  weight,
  phase,
});
const steps = [at(0, 0.05, 0), at(5 * minute, 0.2, 1), at(10 * minute, 0.5, 2)];
const shareAt = (index: number): number => (index < 5 * minute ? 0.05 : index < 10 * minute ? 0.2 : 0.5);

describe('a margin ladder', () => {
  it('passes each early phase by its looser margins, goes back to hold by tighter ones, and promotes in the last phase', () => {
    const looks = looksAt(
      templateOf({}, ladder),
      closedWindows(start, seconds, 40 * minute, (index) => split(shareAt(index))),
      steps,
    );
    const said = looks.map(({ verdict: { decision, code } }) => `${decision} ${code}`);
    const changes = said.filter((each, index) => each !== said[index - 1]);
    expect(changes).toEqual([
      'hold min-duration',
      'hold insufficient-evidence',
      'promote phase-safe',
      'hold insufficient-evidence',
      'promote phase-safe',
      'hold insufficient-evidence',
      'promote all-safe',
    ]);
    expect(looks.filter(({ verdict }) => verdict.code === 'phase-safe').every(({ verdict }) => !verdict.final)).toBe(true);
    expect(looks.find(({ verdict }) => verdict.code === 'phase-safe')?.verdict.reason).toContain('phase 1 of 3');
    expect(looks.at(-1)?.verdict.final).toBe(true);
    expect(looks.at(-1)?.sequence).toBeGreaterThan(10 * minute);
  });

  it('is judged for harm by the final margin from the first phase on', () => {
    const windows = closedWindows(start, seconds, 60 * minute, () => split(0.2, 2.2));
    const inFirst = looksAt(templateOf({}, ladder), windows, [at(0, 0.2, 0)]);
    const inLast = looksAt(templateOf({}, ladder), windows, [at(0, 0.2, 2)]);
    const [early, late] = [inFirst.at(-1)?.verdict, inLast.at(-1)?.verdict];
    expect(early).toMatchObject({ decision: 'rollback', code: 'harm-evidence' });
    expect([early?.elapsedSeconds, early?.evidence[0]?.logHarm]).toEqual([late?.elapsedSeconds, late?.evidence[0]?.logHarm]);
    expect(inFirst.some(({ verdict }) => verdict.code === 'phase-safe')).toBe(true); // within 4 times: fine for 5 % of the traffic
    expect(inLast.some(({ verdict }) => verdict.decision === 'promote')).toBe(false);
  });

  it('finds a regression that begins with the last weight within 8 windows', () => {
    const world = (index: number) => split(shareAt(index), index < 10 * minute ? 1 : 6);
    const looks = looksAt(templateOf({ minDuration: '15m' }), closedWindows(start, seconds, 20 * minute, world));
    expect(looks.at(-1)?.verdict).toMatchObject({ decision: 'rollback', code: 'harm-evidence' });
    expect(looks.at(-1)?.sequence).toBeLessThanOrEqual(10 * minute + 8);
  });

  it('holds in the end where the last phase never came', () => {
    const looks = looksAt(
      templateOf({ deadline: '10m' }, ladder),
      closedWindows(start, seconds, 20 * minute, () => split(0.05)),
      [steps[0] ?? at(0, 0.05, 0)],
    );
    expect(looks.at(-1)?.verdict).toMatchObject({ decision: 'hold', code: 'deadline', final: true, elapsedSeconds: 600 });
  });
});

describe('a bake', () => {
  const baking = templateOf({ bake: '10m' });
  const begins = (looks: readonly Look[]): number => looks.findIndex(({ verdict }) => verdict.code === 'baking');

  it('promotes for good only after it was watched for so much longer', () => {
    const looks = looksAt(
      baking,
      closedWindows(start, seconds, 60 * minute, () => split(0.5)),
    );
    expect(looks.at(-1)?.verdict).toMatchObject({ decision: 'promote', code: 'all-safe', final: true });
    expect(looks.length - 1 - begins(looks)).toBe(10 * minute);
    expect(looks.slice(begins(looks), -1).every(({ verdict }) => verdict.code === 'baking' && !verdict.final)).toBe(true);
  });

  it('rolls back on harm that begins in it', () => {
    const began = begins(
      looksAt(
        baking,
        closedWindows(start, seconds, 60 * minute, () => split(0.5)),
      ),
    );
    const looks = looksAt(
      baking,
      closedWindows(start, seconds, 60 * minute, (index) => split(0.5, index < began + minute ? 1 : 6)),
    );
    expect(looks[began]?.verdict.decision).toBe('promote');
    expect(looks.at(-1)?.verdict).toMatchObject({ decision: 'rollback', code: 'harm-evidence', final: true });
    expect(looks.length).toBeLessThan(began + minute + 10);
  });

  it('does not end while the canary is silent, and ends when it is back', () => {
    const began = begins(
      looksAt(
        baking,
        closedWindows(start, seconds, 60 * minute, () => split(0.5)),
      ),
    );
    const [from, to] = [began + 9 * minute, began + 12 * minute];
    const world = (index: number) => (index >= from && index < to ? { old: split(0.5)['old'] as VersionTraffic } : split(0.5));
    const looks = looksAt(baking, closedWindows(start, seconds, 60 * minute, world));
    expect(looks[began + 10 * minute]?.verdict).toMatchObject({ decision: 'hold', code: 'no-data', final: false });
    expect(looks.at(-1)?.verdict).toMatchObject({ decision: 'promote', code: 'all-safe', final: true });
    expect(looks.length - 1).toBe(to);
  });

  it('says the same bytes when a look is judged again from its windows and the verdict before', () => {
    const windows = closedWindows(start, seconds, 60 * minute, () => split(0.5));
    expect(JSON.stringify(looksAt(baking, windows).map(({ verdict }) => verdict))).toBe(
      JSON.stringify(looksAt(baking, structuredClone(windows)).map(({ verdict }) => verdict)),
    );
  });
});
