import { describe, expect, it } from '@jest/globals';
import { verdictOf } from '../assay-client.js';
import { type DemoOutcome, isRight, nextSteps, verdictsInWords, wrapped } from './closing-words.js';

const outcome = (decision: string, final = true): DemoOutcome => ({
  version: '1.5.1',
  about: 'every eighth checkout fails',
  run: 'run_1',
  expected: 'rollback',
  verdict: verdictOf(
    { run: 'run_1', decision, final, code: 'x', reason: 'checkout-errors are worse', looks: 31, elapsedSeconds: 31 },
    'run_1',
  ),
});

describe('the end of the demo', () => {
  it('is right only where a final verdict is the expected one', () => {
    expect([outcome('rollback'), outcome('rollback', false), outcome('hold'), outcome('promote')].map(isRight)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('says what was decided, when and why, and does not hide a wrong verdict', () => {
    expect(verdictsInWords([outcome('rollback'), outcome('hold')], 80)).toMatchInlineSnapshot(`
"  1.5.1  every eighth checkout fails
         rollback after 31 s and 31 looks
         checkout-errors are worse

  1.5.1  every eighth checkout fails
         hold after 31 s and 31 looks   (expected rollback)
         checkout-errors are worse
"
`);
  });

  it('gives addresses that work', () => {
    const steps = nextSteps([outcome('rollback')], 'http://127.0.0.1:4711', true);
    expect(steps).toContain("curl -s 'http://127.0.0.1:4711/v1/runs/run_1/verdict'      # 1.5.1");
    expect(steps).toContain('until Ctrl-C');
    expect(nextSteps([outcome('rollback')], 'http://127.0.0.1:4711', false)).toContain('leave --exit out');
  });

  it('breaks long reasons at spaces, and keeps every word', () => {
    const text = 'one two three fourteen-letters five';
    const lines = wrapped(text, 12, '  ').split('\n');
    expect(lines).toEqual(['  one two', '  three', '  fourteen-letters', '  five']);
  });
});
