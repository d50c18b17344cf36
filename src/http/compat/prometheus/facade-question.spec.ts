import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidRequestError } from '../../../domain/index.js';
import { facadeSeries, readQuestion, readSelector } from './facade-question.js';

const literal = (text: string): string => `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
const space = fc.stringMatching(/^[ \t\n]{0,3}$/);
const label = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/);

describe('a question', () => {
  it('admits exactly the values that its conditions name', () => {
    const condition = fc.record({ label, operator: fc.constantFrom('=', '!='), value: fc.string(), before: space, after: space });
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(facadeSeries)), fc.array(condition, { maxLength: 5 }), (name, conditions) => {
        const inside = conditions.map((one) => `${one.before}${one.label}${one.after}${one.operator} ${literal(one.value)}${one.before}`);
        const question = readQuestion(`${name}{${inside.join(',')}}`);
        if (question.kind !== 'series') throw new Error('no selector');
        const [itself, ...others] = question.matchers;
        expect([question.name, itself?.exactly]).toEqual([name, name]);
        expect(others.map((one) => one.label)).toEqual(conditions.map((one) => one.label));
        others.forEach((one, index) => {
          const { value, operator } = conditions[index] ?? { value: '', operator: '' };
          expect(one.matches(value)).toBe(operator === '=');
          expect(one.matches(`${value}x`)).toBe(operator === '!=');
          expect(one.needsLabel).toBe((operator === '=') === (value !== ''));
        });
      }),
    );
  });

  it('is refused, and never a crash, whatever it is', () => {
    const words = fc.array(fc.constantFrom('assay_verdict', '{', '}', '=', '=~', '"', 'app', ',', '(', 'vector', '1', '`', "'", '\\', ' '));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          words.map((all) => all.join('')),
        ),
        (text) => {
          try {
            readQuestion(text);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidRequestError);
          }
        },
      ),
    );
  });

  it.each([
    ['vector(1)', 1],
    [' vector( -2.5e3 ) ', -2500],
    ['vector(.5)', 0.5],
  ])('%s is the number %d', (text, value) => {
    expect(readQuestion(text)).toEqual({ kind: 'vector', value });
  });

  it.each([
    ['=~', '1\\..*', ['1.5', '1.'], ['15', 'x1.5', '']],
    ['!~', 'a|b', ['c', ''], ['a', 'b']],
    ['=~', '.*', ['', 'a'], []],
  ])('matches by %s %s from end to end', (operator, pattern, yes, no) => {
    const [, matcher] = readSelector(`assay_score{canary${operator}\`${pattern}\`}`);
    expect([yes.map((text) => matcher?.matches(text)), no.map((text) => matcher?.matches(text))]).toEqual([
      yes.map(() => true),
      no.map(() => false),
    ]);
  });
});
