import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Bound, readCondition } from './read-condition.js';

/** The bounds in short: `<=0.95`, `<0.95`. */
function said(text: string): string {
  const meaning = readCondition(text);
  if (meaning === null) return 'not a limit';
  const inShort = ({ side, value, strict }: Bound): string =>
    `${side === 'max' ? '<' : '>'}${strict ? '' : '='}${typeof value === 'number' ? value : `\${${value.argument}}`}`;
  const noData = meaning.passesWithoutData ? ', no data passes' : meaning.failsWithoutData ? ', no data fails' : '';
  return meaning.bounds.map(inShort).join(' and ') + noData;
}

describe("a condition of Argo's", () => {
  it.each([
    ['result[0] >= 0.95', '>=0.95'],
    ['result <= 0.01', '<=0.01'],
    ['0.95 < result[0]', '>0.95'],
    ['(result[0]) > -1.5e3', '>-1500'],
    ['asFloat(result) < 5', '<5'],
    ['result[0] >= 0.9 && result[0] <= 1.1', '>=0.9 and <=1.1'],
    ['result[0] == 0', '<=0'],
    ['not (result[0] > 3)', '<=3'],
    ['!(result[0] >= 3)', '<3'],
    ['!(result[0] < 1 || result[0] > 5)', '>=1 and <=5'],
    ['!(len(result) == 0 || result[0] > 5)', '<=5, no data fails'],
    ['!(len(result) > 0 && result[0] > 5)', '<=5, no data passes'],
    ['!(isNaN(result) || !(result < 2))', '<2, no data fails'],
    ['result[0] <= ${limit}', '<=${limit}'],
    ['result[0] <= "${limit}"', '<=${limit}'],
    ['len(result) == 0 || result[0] >= 0.95', '>=0.95, no data passes'],
    ['result[0] >= 0.9 || len(result)==0 # why', '>=0.9, no data passes'],
    ['isNaN(result) || result >= 0.95', '>=0.95, no data passes'],
    ['isNil(result) or result >= 0.95', '>=0.95, no data passes'],
    ['result == nil || result >= 0.95', '>=0.95, no data passes'],
    ['len(result) > 0 && result[0] >= 0.95', '>=0.95, no data fails'],
    ['len(result) > 0 and !isNaN(result[0]) and result[0] >= 0.95', '>=0.95, no data fails'],
    ['len(result) == 0 || len(result) > 0 && result[0] >= 0.9', '>=0.9, no data passes'],
    ['default(result, 0) < 0.05', '<0.05, no data passes'],
    ['default(result, 1) < 0.05', '<0.05, no data fails'],
  ])('%s asks for %s', (text, wanted) => expect(said(text)).toBe(wanted));

  it.each([
    'result[0] < 1 || result[0] > 5',
    'result[1] >= 0.9',
    'result.ok && result.successPercent >= 0.90',
    'all(result, # < 1000)',
    'all(result, {# < 1000})',
    'max(result) < 0.05',
    'result == "It worked!"',
    'result == true',
    'isInf(result)',
    'results[0] >= 90',
    'result[0] >= ',
    'result[0] => 0.9',
    'result[0] != 3',
    'len(result) == 0 && result[0] > 3',
    'len(result) > 0 || result[0] >= 0.9',
    '!isNaN(result) || result < 1',
    '!(result[0] > 3 && result[0] < 5)',
    '',
  ])('%s is not a limit', (text) => expect(said(text)).toBe('not a limit'));

  it('of any text is a meaning or none, and never an accident', () => {
    const words = fc.constantFrom(
      'result',
      '[0]',
      '(',
      ')',
      '&&',
      '||',
      '!',
      'not ',
      '<',
      '>=',
      '0.9',
      'len(',
      'nil',
      '"a"',
      ',',
      '-',
      '#',
      '.x',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words, { maxLength: 30 }).map((each) => each.join(' ')),
        ),
        (text) => {
          const meaning = readCondition(text);
          expect(meaning === null || meaning.bounds.length > 0).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
    expect(readCondition('('.repeat(100_000))).toBeNull();
  });
});
