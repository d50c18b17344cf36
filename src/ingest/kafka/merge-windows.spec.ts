import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Cell, ClosedWindow, Exemplar } from '../../domain/index.js';
import { mergeWindows } from './merge-windows.js';

const cell = (route: string, count: number, more: Partial<Cell> = {}): Cell => ({
  signal: 'span',
  instrument: null,
  attributes: { 'http.route': route },
  count,
  sum: count * 0.5,
  sumOfSquares: count * 0.25,
  last: 0,
  histogram: { kind: 'exponential', scale: 3, zeroCount: 0, offset: -4, counts: [count] },
  ...more,
});
const part = (cells: readonly Cell[], flags = { late: 0, overflow: 0 }): ClosedWindow => ({
  service: 'shop',
  from: 0,
  to: 10,
  cells,
  flags,
});
const exemplar = (kind: Exemplar['kind'], traceId: string, seconds: number, at: number): Exemplar => ({ kind, traceId, seconds, at });

describe('a window of several parts', () => {
  it('adds up counts, sums, buckets and flags', () => {
    const merged = mergeWindows(
      [part([cell('/a', 2), cell('/b', 1)], { late: 1, overflow: 0 }), part([cell('/a', 3)], { late: 2, overflow: 4 })],
      100,
    );
    expect(merged).toMatchObject({ flags: { late: 3, overflow: 4 }, from: 0, to: 10 });
    expect(merged.cells.map(({ attributes, count, sum }) => [attributes['http.route'], count, sum])).toEqual([
      ['/a', 5, 2.5],
      ['/b', 1, 0.5],
    ]);
    expect(merged.cells[0]?.histogram).toMatchObject({ counts: [5] });
  });

  it('is the same in whatever order its parts came', () => {
    const parts = fc.array(fc.array(fc.tuple(fc.constantFrom('/a', '/b', '/c'), fc.integer({ min: 1, max: 50 })), { maxLength: 4 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(parts, (given) => {
        const windows = given.map((cells) => part([...new Map(cells).entries()].map(([route, count]) => cell(route, count))));
        expect(mergeWindows([...windows].reverse(), 100)).toEqual(mergeWindows(windows, 100));
      }),
      { numRuns: 100 },
    );
  });

  it('puts cells beyond the limit into the overflow cell, and says how much is in it', () => {
    const merged = mergeWindows([part([cell('/a', 1), cell('/b', 2)]), part([cell('/c', 3), cell('/d', 4), cell('/a', 5)])], 2);
    expect(merged.flags.overflow).toBe(7);
    expect(
      merged.cells.map(({ attributes, count }) => [attributes['http.route'] ?? attributes['otel.metric.overflow'], count]).sort(),
    ).toEqual([
      ['/a', 6],
      ['/b', 2],
      ['true', 7],
    ]);
  });

  it('keeps the slowest trace and the newest failed one', () => {
    const [slow, slower] = [exemplar('slowest', 'aa', 1, 5), exemplar('slowest', 'bb', 2, 3)];
    const [failed, later] = [exemplar('failed', 'cc', 9, 5), exemplar('failed', 'dd', 1, 8)];
    const merged = mergeWindows(
      [part([cell('/', 1, { exemplars: [slower, failed] })]), part([cell('/', 1, { exemplars: [slow, later] })])],
      9,
    );
    expect(merged.cells[0]?.exemplars).toEqual([slower, later]);
  });
});
