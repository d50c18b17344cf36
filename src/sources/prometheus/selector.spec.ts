import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseSelector, quote, renderSelector } from './selector.js';

const narrowed = (text: string): string | null => {
  const selector = parseSelector(text);
  return selector && renderSelector(selector, ['version=~"a|b"']);
};

describe('a selector', () => {
  it.each([
    ['requests_total', 'requests_total{version=~"a|b"}'],
    [' job:requests:rate5m { } ', 'job:requests:rate5m{version=~"a|b"}'],
    ['requests_total{service="x", code=~"5..",}', 'requests_total{service="x",code=~"5..",version=~"a|b"}'],
    [`requests_total{a='it"s', b=\`raw\\\`, c!~"}{,\\"", d!=""}`, `requests_total{a='it"s',b=\`raw\\\`,c!~"}{,\\"",d!="",version=~"a|b"}`],
    ['{__name__="requests_total",service="x"}', 'requests_total{service="x",version=~"a|b"}'],
    ['{__name__=~"requests.*",service="x"}', '{__name__=~"requests.*",service="x",version=~"a|b"}'],
  ])('%s is narrowed to %s', (text, expected) => {
    expect(narrowed(text)).toBe(expected);
  });

  it.each([
    [''],
    ['{}'],
    ['sum(requests_total)'],
    ['requests_total[5m]'],
    ['requests_total offset 5m'],
    ['requests_total @ 0'],
    ['requests_total{service="x"} or vector(0)'],
    ['requests_total{service="x"'],
    ['requests_total{service="x"}}'],
    ['requests_total{service="x" code="y"}'],
    ['requests_total{service=x}'],
    ['requests_total{service="a"b"}'],
    ['requests_total{,}'],
    ['requests_total # {a="b"}'],
    ['0requests'],
  ])('%j is none', (text) => {
    expect(parseSelector(text)).toBeNull();
  });

  it('asks for several names at once', () => {
    const selector = parseSelector('latency_seconds{service="x"}');
    expect(selector && renderSelector(selector, [], ['', '_bucket'])).toBe(
      '{__name__=~"latency_seconds|latency_seconds_bucket",service="x"}',
    );
  });

  it('cannot be broken out of by any value that was quoted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const selector = parseSelector(`requests_total{a=${quote(value)}}`);
        expect(selector?.matchers).toEqual([{ label: 'a', operator: '=', quoted: quote(value) }]);
      }),
    );
  });

  it('is decided in time proportional to its length', () => {
    const started = performance.now();
    expect(parseSelector(`x{${'a="\\\\",'.repeat(10_000)}`)).toBeNull();
    expect(parseSelector(`x{a="${'\\'.repeat(50_001)}`)).toBeNull();
    expect(parseSelector(' '.repeat(50_000))).toBeNull();
    expect(performance.now() - started).toBeLessThan(4_000);
  });
});
