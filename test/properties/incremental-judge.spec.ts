import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judge, newRunJudge } from '../../src/analysis/judge.js';
import type { Verdict } from '../../src/domain/index.js';
import { decodeJson, encodeJson } from '../../src/storage/json-codec.js';
import { type AnyRun, anyRun } from './any-run.js';

const seeded = { seed: 20_261_123, numRuns: 15 };

/** Intervals cost a hundred times the rest: some looks have them. */
const intervalsAt = (index: number): 'none' | 'recent' | 'exact' => (index % 17 === 11 ? 'exact' : index % 17 === 5 ? 'recent' : 'none');

describe('a judge that goes on from the look before', () => {
  it('says the very bytes of one that judges all windows afresh, at every look', () => {
    fc.assert(
      fc.property(anyRun(60), ({ run, history, windows }) => {
        const judging = newRunJudge(run, history);
        let previous: Verdict | null = null;
        for (const [index, window] of windows.entries()) {
          const look = { previous, lastWindow: index === windows.length - 1, intervals: intervalsAt(index) };
          const afresh = judge(run, windows.slice(0, index + 1), { history, ...look });
          judging.add(window);
          previous = judging.verdict(look);
          expect(encodeJson(previous)).toBe(encodeJson(afresh));
        }
      }),
      seeded,
    );
  });

  it('says the same whether it was asked before or not, and with whatever intervals', () => {
    const asking = fc.array(fc.constantFrom('none', 'recent', 'exact', 'settle', null, null, null), { minLength: 5, maxLength: 9 });
    fc.assert(
      fc.property(anyRun(45), asking, (any, asked) => {
        const [silent, busy] = [newRunJudge(any.run, any.history), newRunJudge(any.run, any.history)];
        for (const [index, window] of any.windows.entries()) {
          silent.add(window);
          busy.add(window);
          const how = index % 5 === 0 ? asked[(index / 5) % asked.length] : null;
          if (how === 'settle') for (const _ of busy.settle());
          else if (how) busy.verdict({ intervals: how });
        }
        for (const intervals of ['none', 'recent', 'exact'] as const)
          expect(encodeJson(busy.verdict({ intervals }))).toBe(encodeJson(silent.verdict({ intervals })));
      }),
      seeded,
    );
  });

  it('goes on after a restart from what the store kept, at whatever window that was', () => {
    fc.assert(
      fc.property(anyRun(50), fc.nat(), (any, cut) => {
        const stored = decodeJson<AnyRun['windows']>(encodeJson(any.windows.slice(0, cut % any.windows.length)));
        const history = decodeJson<AnyRun['history']>(encodeJson(any.history));
        const restarted = newRunJudge(any.run, history);
        for (const window of [...stored, ...any.windows.slice(stored.length)]) restarted.add(window);
        expect(encodeJson(restarted.verdict())).toBe(encodeJson(judge(any.run, any.windows, { history: any.history })));
      }),
      seeded,
    );
  });

  it('changes neither the windows nor the template that it is given', () => {
    fc.assert(
      fc.property(anyRun(30), (any) => {
        const before = encodeJson(any);
        judge(any.run, any.windows, { history: any.history });
        expect(encodeJson(any)).toBe(before);
      }),
      seeded,
    );
  });
});
