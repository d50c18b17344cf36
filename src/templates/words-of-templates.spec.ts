import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { didYouMean } from './did-you-mean.js';
import { formatDuration, parseDuration } from './duration.js';
import { brokenPlaceholder, fill, soleArgument } from './placeholders.js';
import { patternProblem, quotedForPattern, templateRegExp } from './re2.js';

describe('a duration', () => {
  it.each([
    ['15s', 15],
    ['500ms', 0.5],
    ['5m', 300],
    ['1h', 3600],
    ['1d', 86_400],
    ['1h30m', 5400],
    ['1.5s', 1.5],
    ['250us', 0.00025],
  ])('%s is %d s', (text, seconds) => expect(parseDuration(text)).toBe(seconds));

  it.each(['', '15', 's', '-5s', '5 s', '5S', '5sec', '1e3s', '٣s', '5m5'])("'%s' is none", (text) =>
    expect(parseDuration(text)).toBeNull(),
  );

  it('is written so that it reads back', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 1e9 }), (ms) => parseDuration(formatDuration(ms / 1000)) === ms / 1000));
  });
});

describe('a word that is not known', () => {
  const known = ['minDuration', 'minSamples', 'deadline', 'margin', 'limit'];
  it.each([
    ['min_duration', 'minDuration'],
    ['MinSamples', 'minSamples'],
    ['dedline', 'deadline'],
    ['margins', 'margin'],
    ['threshold', null],
    ['x'.repeat(10_000), null],
  ])('%s', (word, meant) => expect(didYouMean(word, known)).toBe(meant));
});

describe('a placeholder', () => {
  it('is replaced once, and doubled dollars stay', () => {
    expect(fill('${a} ${b} $${a} $$a', (name) => `<${name}$\{a}>`)).toBe('<a${a}> <b${a}> ${a} $$a');
  });

  it('is broken without a name or an end', () => {
    expect(brokenPlaceholder('${a} ${')).toBe('${');
    expect(brokenPlaceholder('${a-b_1}')).toBeNull();
    expect(brokenPlaceholder('${1a}')).toBe('${1a}');
    expect(brokenPlaceholder('$${ a')).toBeNull();
  });

  it('may be the whole text', () => {
    expect(soleArgument('${a}')).toBe('a');
    expect(soleArgument('${a}${b}')).toBeNull();
  });
});

describe('a pattern', () => {
  it('is anchored at both ends', () => {
    const matches = templateRegExp('a|bc');
    expect(['a', 'bc', 'ab', 'abc', ' a', ''].map(matches)).toEqual([true, true, false, false, false, false]);
  });

  it('takes no time that grows with the square of its text', () => {
    const started = performance.now();
    expect(templateRegExp('(a+)+b')('a'.repeat(5_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(4_000);
  });

  it.each(['(', '(?=a)', '(?<!a)b', '\\1', '[z-a]', 'a**', 'x'.repeat(257)])('%s is refused', (pattern) =>
    expect(patternProblem(pattern)).not.toBeNull(),
  );

  it('matches exactly a text that is quoted for it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (text, other) => {
        const matches = templateRegExp(quotedForPattern(text));
        return matches(text) && matches(other) === (other === text);
      }),
    );
  });
});
