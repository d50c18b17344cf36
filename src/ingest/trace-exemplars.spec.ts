import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeOtlp } from '../../test/support/otlp-proto.js';
import { type SpanSample, tracesOf } from '../../test/support/otlp-samples.js';
import type { ClosedWindow, Exemplar } from '../domain/index.js';
import { packJson, unpackJson } from '../storage/packed-json.js';
import { anyTime, PartRecorder } from './part-recorder.js';
import { WindowCollector } from './window-collector.js';
import { WindowRecorder } from './window-recorder.js';

const t0 = 1_700_000_010_000; // a multiple of 15 s
const plan = { windowMs: 15_000, latenessMs: 5_000, attributes: ['kind', 'service.name'], values: ['size'] };
const failed = 2;
const idOf = (id: number): string => id.toString(16).padStart(32, '0');

function exemplarsOf(spans: readonly SpanSample[]): readonly Exemplar[] | undefined {
  const recorder = new WindowRecorder(plan);
  recorder.recordDocument(tracesOf({ 'service.name': 'shop' }, spans));
  return recorder.closeAll()[0]?.cells.find(({ signal }) => signal === 'span')?.exemplars;
}

describe('The exemplars of a cell', () => {
  it('are the traces of its slowest span and of the failed one that ended last', () => {
    const spans = [
      { id: 1, endMs: t0 + 10, durationMs: 40 },
      { id: 2, endMs: t0 + 20, durationMs: 900 },
      { id: 3, endMs: t0 + 40, durationMs: 5, status: failed },
      { id: 4, endMs: t0 + 30, durationMs: 500, status: failed },
    ];
    expect(exemplarsOf(spans)).toEqual([
      { kind: 'slowest', traceId: idOf(2), seconds: 0.9, at: t0 + 20 },
      { kind: 'failed', traceId: idOf(3), seconds: 0.005, at: t0 + 40 },
    ]);
  });

  it('may be one and the same trace', () => {
    expect(exemplarsOf([{ id: 7, endMs: t0, status: failed }])?.map(({ kind, traceId }) => [kind, traceId])).toEqual([
      ['slowest', idOf(7)],
      ['failed', idOf(7)],
    ]);
  });

  it('are those with the smaller trace id among equals', () => {
    const spans = [9, 5, 8].map((id) => ({ id, endMs: t0, status: failed }));
    expect(exemplarsOf(spans)?.map(({ traceId }) => traceId)).toEqual([idOf(5), idOf(5)]);
  });

  it('are absent where no span has a trace id', () => {
    expect(exemplarsOf([{ id: 0, endMs: t0 }])).toBeUndefined();
  });

  it('are there for spans alone, not for their numeric attributes', () => {
    const recorder = new WindowRecorder(plan);
    recorder.recordDocument(tracesOf({}, [{ id: 1, endMs: t0, attributes: { size: 3 } }]));
    const [window] = recorder.closeAll();
    expect(window?.cells.map(({ signal, exemplars }) => [signal, exemplars?.length])).toEqual([
      ['histogram', undefined],
      ['span', 1],
    ]);
  });

  it('start again with every part, and with every window', () => {
    const recorder = new PartRecorder(plan, { maxSeries: 100, maxObservations: 1_000 });
    const parts = [
      { id: 1, endMs: t0, durationMs: 90 },
      { id: 2, endMs: t0 + 15_000, durationMs: 5, status: failed },
    ].map((span) => {
      recorder.record(recorder.readDocument(tracesOf({}, [span])), anyTime);
      return [...recorder.take(0).exemplars];
    });
    expect(parts.map((numbers) => numbers.length / 9)).toEqual([1, 2]);
    expect(parts[1]?.slice(-1)).toEqual([2]);
  });

  it('are the same in whatever order, by whichever thread, encoding and request the spans came', () => {
    const span = fc.record({
      endMs: fc.constantFrom(t0, t0 + 1, t0 + 14_999),
      durationMs: fc.constantFrom(0, 5, 5.000001, 80),
      status: fc.constantFrom(0, failed),
    });
    const spans = fc.array(span, { minLength: 1, maxLength: 20 }).map((all) => all.map((each, index) => ({ ...each, id: 1 + index * 37 })));
    const shuffled = spans.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }), fc.nat()));
    fc.assert(
      fc.property(shuffled, ([inOrder, mixed, seed]) => {
        const inTurn = closedBy(3, mixed, seed);
        expect(withoutSquares(inTurn)).toEqual(withoutSquares(closedBy(1, inOrder, 0)));
      }),
    );
  });

  it('are stored with their window', async () => {
    const windows = closedBy(1, [{ id: 3, endMs: t0, status: failed }], 0);
    expect(windows[0]?.cells[0]?.exemplars).toHaveLength(2);
    expect(await unpackJson(await packJson(windows))).toEqual(windows);
  });
});

/** What the collector makes of spans that came one by one, each to one of the threads, each in one of the encodings. */
function closedBy(threads: number, spans: readonly SpanSample[], seed: number): readonly ClosedWindow[] {
  const recorders = Array.from({ length: threads }, () => new PartRecorder(plan, { maxSeries: 100, maxObservations: 1_000 }));
  const collector = new WindowCollector(plan, { maxSeries: 100, maxAgeMs: 3_600_000 }, t0);
  spans.forEach((span, index) => {
    const thread = (index * 7 + seed) % threads;
    const recorder = recorders[thread] as PartRecorder;
    const request = tracesOf({ 'service.name': 'shop' }, [span]);
    const isBinary = (index + seed) % 2 === 1;
    const batch = isBinary ? recorder.read('traces', 'protobuf', encodeOtlp('Traces', request)) : recorder.readDocument(request);
    recorder.record(batch, anyTime);
    if ((index + seed) % 3 === 0) collector.merge(recorder.take(t0), thread, t0);
  });
  for (const [thread, recorder] of recorders.entries()) collector.merge(recorder.take(t0), thread, t0);
  return collector.close(t0 + 60_000, t0 + 60_000).windows;
}

/** Sums of squares are floats, and depend on the order in their last digits. */
const withoutSquares = (windows: readonly ClosedWindow[]): object[] =>
  windows.map((window) => ({ ...window, cells: window.cells.map((cell) => ({ ...cell, sumOfSquares: 0 })) }));
