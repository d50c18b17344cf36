import { describe, expect, it } from '@jest/globals';
import { type MetricAnswer, type VerdictAnswer, verdictOf } from '../assay-client.js';
import { type BoardRow, board, boardLines, standingOf } from './board.js';

const answer = (metrics: readonly object[]): VerdictAnswer =>
  verdictOf(
    {
      run: 'run_1',
      decision: 'hold',
      final: false,
      code: 'insufficient-evidence',
      reason: '1 of 2 metrics is safe',
      looks: 17,
      elapsedSeconds: 17,
      metrics,
    },
    'run_1',
  );
const verdict = answer([
  { name: 'error-rate', assessment: 'safe', evidence: { harm: 0.1, safe: 24 } },
  { name: 'latency p95', assessment: 'undecided', evidence: { harm: 14.2, safe: 0.01 } },
]);
const rows: BoardRow[] = [
  { version: '1.5.0', about: 'a healthy release', verdict: null },
  { version: '1.5.1', about: 'every eighth checkout fails', verdict },
];
const head = { elapsedSeconds: 17.4, requestsPerSecond: 361.2, canaryShare: 0.22 };
const plain = (_: string, text: string): string => text;

describe('the table', () => {
  it('shows a line for each canary and a bar for each metric', () => {
    expect(board(rows, head, plain, 120)).toMatchInlineSnapshot(`
      "  shop: 1.4.2 against three canaries · 17 s · each canary gets 22 % of 361 requests/s

        canary   looks  decision   error-rate         latency p95        
        1.5.0    0      …          ·                  ·                  
        1.5.1    17     hold       ██████ safe        ███░░░ harm 50 %   

        1.5.0  waiting for the first window
        1.5.1  1 of 2 metrics is safe"
    `);
  });

  it('fits a narrow screen, without bars', () => {
    const lines = board(rows, head, plain, 60).split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(60);
    expect(lines.join('\n')).not.toContain('█');
    expect(lines.join('\n')).toContain('harm 50 %');
  });

  it('shows the same as lines for a log', () => {
    expect(boardLines(rows, head)).toMatchInlineSnapshot(`
      "  17 s  1.5.0  waiting for the first window
        17 s  1.5.1  hold      17 looks  error-rate safe, latency p95 harm 50 %"
    `);
  });

  it('colours a final rollback as bad and a final promote as good', () => {
    const tones: string[] = [];
    const paint = (tone: string, text: string): string => {
      if (/^(promote|rollback)/.test(text)) tones.push(`${text.trim()} ${tone}`);
      return text;
    };
    const final = (decision: 'promote' | 'rollback'): BoardRow => ({
      version: '1',
      about: '',
      verdict: { ...verdict, decision, final: true },
    });
    board([final('promote'), final('rollback')], head, paint, 120);
    expect(tones).toEqual(['promote good', 'rollback bad']);
  });
});

describe('where a metric stands', () => {
  const standing = (harm: number | null, safe: number | null, assessment = 'undecided', decision: VerdictAnswer['decision'] = 'hold') => {
    const [metric] = answer([{ name: 'm', assessment, evidence: { harm, safe } }]).metrics as [MetricAnswer];
    return standingOf(metric, { ...verdict, decision, metrics: [metric, metric, metric, metric] });
  };

  it('is as far as its evidence on the scale on which evidence grows', () => {
    expect(standing(1, 20 ** 0.5).progress).toBeCloseTo(0.5, 9);
    expect(standing(1, 3)).toMatchObject({ toward: 'safe', text: 'safe 36 %' });
    expect(standing(20, 0.1)).toMatchObject({ toward: 'harm', progress: 0.5 });
  });

  it('points nowhere while there is no evidence', () => {
    for (const nothing of [standing(1, 1), standing(0, 0), standing(null, null), standing(0.5, 0.9)]) {
      expect(nothing).toEqual({ toward: 'neither', progress: 0, text: 'open' });
    }
  });

  it('is not harmful before there is enough for the run', () => {
    expect(standing(200, 0, 'harmful')).toEqual({ toward: 'harm', progress: expect.closeTo(0.884, 3), text: 'harm 88 %' });
    expect(standing(500, 0, 'harmful', 'rollback')).toEqual({ toward: 'harm', progress: 1, text: 'harmful' });
  });

  it('never shows more than the whole bar', () => {
    expect(standing(1e300, 0).progress).toBe(1);
    expect(standing(0, 1e300, 'safe')).toEqual({ toward: 'safe', progress: 1, text: 'safe' });
  });
});
