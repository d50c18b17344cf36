import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { columnText, newRunId, timeSortableId } from './ids.js';

const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 });
const times = fc.integer({ min: 0, max: Date.UTC(3000, 0) });

it('is `run_` and 20 characters that people cannot misread', () => {
  expect(newRunId(new Date('2026-03-01T12:00:00Z'), new Uint8Array(10))).toBe('run_01KJMMA2G00000000000');
  expect(newRunId(new Date())).toMatch(/^run_[0-9A-HJKMNP-TV-Z]{20}$/);
});

it('sorts by time, whatever the random part', () => {
  fc.assert(
    fc.property(times, times, bytes, bytes, (a, b, x, y) => {
      fc.pre(a < b);
      expect(timeSortableId('dlv', new Date(a), x) < timeSortableId('dlv', new Date(b), y)).toBe(true);
    }),
  );
});

it('does not take too little randomness', () => {
  expect(() => newRunId(new Date(), new Uint8Array(9))).toThrow(RangeError);
});

it('makes any text fit into an indexed column without mixing two up', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 300 }), (a, b) => {
      expect(columnText(a) === columnText(b)).toBe(a === b);
      expect(columnText(a)).not.toContain('\0');
      expect(columnText(a).length).toBeLessThanOrEqual(200);
    }),
  );
  expect(columnText('checkout')).toBe('checkout');
  expect(columnText('a\0')).not.toBe(columnText('a\uFFFD'));
  expect(columnText('\ud800')).not.toBe(columnText('\ud801'));
});
