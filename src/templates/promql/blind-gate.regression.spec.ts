import { describe, expect, it } from '@jest/globals';
import type { PromqlContext } from './finding.js';
import { lintPromql } from './lint-promql.js';

const level: PromqlContext = { cohortLabel: 'version', cohorts: 'answer', reads: 'level', windowSeconds: 60 };
const codes = (query: string): string[] => lintPromql(query, level).map(({ code }) => code);
const of = (conditions: string): string => `sum by (version) (rate(r_total{${conditions}}[1m]))`;

describe('a gate that cannot fail', () => {
  it.each([
    [`${of('a="b",code="500"')} / ${of('code=~"500", a="b"')}`, 'same-query'],
    [`100 * (${of('')} / (${of('')}))`, 'same-query'],
    [`${of('code=~"500|503"')} - ${of('code=~"503|500"')}`, 'same-query'],
    [`abs(${of('')} - ${of('')}) * 100`, 'same-query'],
    [`0 * ${of('')} + 1`, 'constant-query'],
    [`${of('')} ^ 0`, 'constant-query'],
    [`clamp(${of('')}, 0, 0)`, 'constant-query'],
    [of('code="5.*"'), 'pattern-behind-equals'],
    [of('code="500|503"'), 'pattern-behind-equals'],
    [of('code!="[45].."'), 'pattern-behind-equals'],
    [of('method="GET|POST"'), 'pattern-behind-equals'],
    [of('code="500",code!="500"'), 'contradictory-conditions'],
    [of('code="200",code=~"5.."'), 'contradictory-conditions'],
    [of('code=~"|5.."'), 'empty-alternative'],
    ['sum by (version) (deriv(r_total[1m]))', 'level-of-counter'],
    ['max by (version) (latency_seconds:p95)', ''],
    ['avg by (version) (latency_seconds:p95)', 'average-of-percentiles'],
    [`${of('')} unless on() (hour() < 8)`, 'time-hides-data'],
  ])('%s: %s', (query, code) => expect(codes(query)).toEqual(code === '' ? [] : [code]));

  it('is mended as people mean it', () => {
    expect(lintPromql(of('code="5..",a!="b|c"'), level)[0]?.repaired).toBe(of('code=~"5..",a!~"b|c"'));
  });
});

describe('what only looks like one', () => {
  it.each([
    `${of('code="500"')} / ${of('')}`,
    `${of('')} or ${of('code="200"')} * 0`, // nothing went wrong while requests were seen
    `${of('')} - ${of('code="200"')}`,
    of('path="/a|b"'),
    of('route="/users/[0-9]+"'),
    of('host="a.example.com"'),
    of('code="500",code!="503"'),
    of('code=~"5..",code!~"503"'),
    of('code="${code}",code="500"'),
    of('zone=~"^$|eu"'),
    of('tier="p99"'),
    'sum by (version) (up == bool 1) / count by (version) (up)',
    'avg by (version) (clamp(queue_length, 0, 1))',
    'max by (version) (delta(queue_length[1m]))',
    'sum by (version) (resets(r_total[1m]))',
    'max by (version) (max_over_time(rate(r_total[1m])[5m:]))',
    `${of('')} and on() (sum(up) > 0)`,
  ])('%s', (query) => expect(codes(query)).toEqual([]));
});
