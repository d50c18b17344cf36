import { describe, expect, it } from '@jest/globals';
import { type Matcher, SourceQueryError } from '../../domain/index.js';
import { cohortSelection, newestSample, selectBoth } from './cohort-selection.js';
import type { Selector } from './selector.js';

const matcher = (attribute: string, operator: Matcher['operator'], value: string): Matcher => ({ attribute, operator, value });
const requests: Selector = { name: 'requests_total', matchers: [] };
const version = (baseline: string, canary: string) =>
  cohortSelection({ baseline: [matcher('service.version', '=', baseline)], canary: [matcher('service.version', '=', canary)] });

describe('the selection of both cohorts', () => {
  it('asks once where one label tells them apart, under the name it has in Prometheus', () => {
    expect(selectBoth(requests, version('1.4.2', '1.5.0+b'))).toBe('requests_total{service_version=~"1\\\\.4\\\\.2|1\\\\.5\\\\.0\\\\+b"}');
  });

  it('keeps conditions that both have, and patterns as patterns', () => {
    const shared = matcher('region', '!=', 'eu');
    const selection = cohortSelection({ baseline: [shared, matcher('track', '=~', 'a|b')], canary: [matcher('track', '=', 'c'), shared] });
    expect(selectBoth(requests, selection)).toBe('requests_total{region!="eu",track=~"(?:a|b)|c"}');
  });

  it('joins two selectors where they are described unlike', () => {
    const selection = cohortSelection({ baseline: [matcher('canary', '!=', 'yes')], canary: [matcher('canary', '=', 'yes')] });
    expect(selectBoth(requests, selection)).toBe('requests_total{canary!="yes"} or requests_total{canary="yes"}');
    expect(newestSample(requests, selection)).toBe(
      'max by (canary) (timestamp(requests_total{canary!="yes"}) or timestamp(requests_total{canary="yes"}))',
    );
  });

  it('gives a series to the cohort whose conditions it meets, as Prometheus would', () => {
    const { includes } = cohortSelection({ baseline: [matcher('track', '!~', 'can.*')], canary: [matcher('track', '=~', 'can')] });
    expect(includes.baseline({})).toBe(true); // an absent label is empty
    expect(includes.canary({ track: 'canary' })).toBe(false); // anchored
    expect(includes.canary({ track: 'can' })).toBe(true);
    expect(version('constructor', 'x').includes.baseline({ service_version: 'constructor' })).toBe(true);
    expect(cohortSelection({ baseline: [matcher('toString', '=', '')], canary: [matcher('a', '=', 'b')] }).includes.baseline({})).toBe(
      true,
    );
  });

  it('changes when the cohorts are swapped', () => {
    expect(selectBoth(requests, version('a', 'b'))).not.toBe(selectBoth(requests, version('b', 'a')));
  });

  it.each([
    ['everything', { baseline: [], canary: [matcher('a', '=', 'b')] }],
    ['equal cohorts', { baseline: [matcher('a', '=', 'b')], canary: [matcher('a', '=', 'b')] }],
    ['a pattern that is not RE2', { baseline: [matcher('a', '=~', '(?<=x)y')], canary: [matcher('a', '=', 'b')] }],
  ])('refuses %s', (_, cohorts) => {
    expect(() => cohortSelection(cohorts)).toThrow(SourceQueryError);
  });
});
