import { describe, expect, it } from '@jest/globals';
import { tracesOf } from '../../test/support/otlp-samples.js';
import { type ClosedWindow, everyService, type MeasuredWindow, planRecording } from '../domain/index.js';
import { WindowRecorder } from '../ingest/index.js';
import { parseTemplate, resolveArguments } from '../templates/index.js';
import { replayRun } from './replay-run.js';
import { newRun } from './start-run.js';
import { measureStored } from './window-reader.js';

const start = Date.UTC(2026, 10, 2);
const [windowMs, windows] = [15_000, 24];
const slices = Array.from({ length: windows }, (_, index) => ({ from: start + index * windowMs, to: start + (index + 1) * windowMs }));
const lost = { late: 0, overflow: 0, incomplete: true } as const;

const { template: parsed } = parseTemplate(`
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  schedule: { warmup: 0s, minDuration: 5m, minSamples: 30, deadline: 6m }
  metrics:
    - { name: errors, role: critical, source: traces, proportion: { of: { service.name: shop }, events: { status: error } }, margin: { absolute: 0.05 } }
`);
if (!parsed) throw new Error('the template is broken');
const template = resolveArguments(parsed, {});
const request = { template: 'shop', arguments: {}, baseline: 'old', canary: 'new', weight: null, labels: {}, idempotencyKey: null };
const run = newRun(template, { ...request, from: new Date(start), to: new Date(start + windows * windowMs) }, new Date());

/** Both versions serve alike. @param broken  windows in which the canary fails */
function recorded(broken: readonly number[] = []): ClosedWindow[] {
  const recorder = new WindowRecorder(planRecording([template]), {});
  for (const [index, { from }] of slices.entries()) {
    for (const version of ['old', 'new']) {
      const status = version === 'new' && broken.includes(index) ? 2 : 0;
      const spans = Array.from({ length: 60 }, () => ({ endMs: from + 1_000, status }));
      recorder.recordDocument(tracesOf({ 'service.name': 'shop', 'service.version': version }, spans));
    }
  }
  return recorder.closeAll();
}

const isRead = ({ measurements, traffic }: MeasuredWindow): string =>
  `${measurements[0]?.canary.kind} ${measurements[0]?.baseline.kind} ${traffic ? 'traffic' : 'no traffic'}`;

describe('a window in which Assay was stopped', () => {
  const halves = recorded().map((window, index) => (index === 3 ? { ...window, flags: lost } : window));

  it('is read by no metric, and says why: a fragment is a biased sample', () => {
    const measured = measureStored(run, slices, halves);
    expect(measured.slice(2, 5).map(isRead)).toEqual(['counts counts traffic', 'gap gap no traffic', 'counts counts traffic']);
    expect(measured[3]?.measurements[0]?.canary).toEqual({
      kind: 'gap',
      cause: 'unavailable',
      detail: 'Assay was stopped in this window, what it had received is lost',
    });
  });

  it('is no evidence of harm: what was left of it failed', () => {
    const broken = recorded([3, 4, 5, 6]).map((window, index) => (index >= 3 && index <= 6 ? { ...window, flags: lost } : window));
    const decisions = [...replayRun(run, broken)].map(({ verdict }) => verdict.decision);
    expect(decisions).not.toContain('rollback');
  });

  it('is never a reason to promote', () => {
    const all = recorded().map((window) => ({ ...window, flags: lost }));
    expect([...replayRun(run, all)].map(({ verdict }) => verdict.decision)).not.toContain('promote');
  });
});

describe('a stretch of time of which something is lost', () => {
  const markOf = (from: number, to: number): ClosedWindow => ({ service: everyService, from, to, cells: [], flags: lost });

  it('concerns every window that it overlaps, also those of which nothing is left, and no other', () => {
    const stored = [
      ...recorded().filter(({ from }) => from !== slices[4]?.from),
      markOf(start + 3 * windowMs + 5_000, start + 5 * windowMs),
    ];
    const read = measureStored(run, slices, stored).map(({ measurements }) => measurements[0]?.canary);
    expect(read.flatMap((one, index) => (one?.kind === 'gap' && one.cause === 'unavailable' ? [index] : []))).toEqual([3, 4]);
  });
});
