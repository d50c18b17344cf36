import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lintPromql } from '../../src/templates/index.js';
import { describeWithPrometheus } from '../support/prometheus.js';

const one = <T>(...values: T[]) => fc.constantFrom(...values);
const selector = one(
  'x',
  'y_total',
  'x{a="b"}',
  '{a="b"}',
  'x{a!="",}',
  '{a=~".*"}',
  '{__name__="x"}',
  'x{__name__="y"}',
  'x{}',
  '{a=~".+"}',
  "x{a='it'}",
  'x{a="\\d"}',
);
const number = one('1', '0.5', 'time()', 'pi()', 'scalar(x)', '-1', 'Inf', '1e3', '0x1F');
const joined = (...parts: (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part))).map((all) => all.join(''));

/** Queries of every form, right ones and almost right ones. */
const query = fc.letrec<{ any: string }>((tie) => {
  const any = tie('any');
  const matching = one('', '', 'on(a) ', 'ignoring(b) group_left(c) ', 'on(a) group_right(a) ', 'bool ', 'on() ', 'on(a) group_left() ');
  return {
    any: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      selector,
      number,
      joined(
        one('rate', 'increase', 'avg_over_time', 'deriv', 'absent_over_time'),
        '(',
        any,
        one('[5m]', '[5m:1m]', '', '[5m:]', '[0s]'),
        ')',
      ),
      joined(
        one('sum', 'avg', 'max', 'count', 'stddev', 'group'),
        one('', ' by (a)', ' without (b)', ' by ()'),
        '(',
        any,
        ')',
        one('', '', ' by (c)'),
      ),
      joined(one('topk', 'quantile', 'count_values', 'bottomk'), '(', one('2', '"v"', 'x'), ', ', any, ')'),
      joined(any, one(' + ', ' - ', ' * ', ' / ', ' % ', ' ^ ', ' atan2 '), matching, any),
      joined(any, one(' == ', ' > ', ' <= ', ' and ', ' or ', ' unless '), matching, any),
      joined('(', any, ')'),
      joined('-', any),
      joined(any, one(' offset 5m', ' @ 17', ' offset -1h', '[5m:1m]', '[5m]', ' @ end()')),
      joined(
        one('abs', 'vector', 'scalar', 'absent', 'ceil', 'timestamp', 'round', 'sort', 'hour', 'rates'),
        '(',
        fc.oneof(any, fc.constant(''), joined(any, ', 5')),
        ')',
      ),
      joined('histogram_quantile(', any, ', ', any, ')'),
      joined('label_replace(', any, ', "a", "b", "c", "d")'),
      joined('clamp_max(', any, ', ', any, ')'),
      joined('quantile_over_time(0.9, ', any, '[5m])'),
    ),
  };
}).any;

const soup = fc
  .array(one(...'x y_total { } a="b" , ( ) [5m] [5m:1m] + / == bool and or on(a) rate sum by topk 5 "s" - vector(1) time() @'.split(' ')), {
    maxLength: 8,
  })
  .map((words) => words.join(' '));

describeWithPrometheus('the grammar of queries', () => {
  it('accepts and refuses what promtool does', () => {
    const queries = [...new Set(fc.sample(fc.oneof({ weight: 4, arbitrary: query }, soup), { numRuns: 1500, seed: 5 }))].filter(
      (each) => each.length < 2000,
    );
    const refused = refusedByPromtool(queries);
    const differ = queries.filter((each, index) => lintPromql(each).some(({ code }) => code === 'invalid-promql') !== refused.has(index));
    expect(queries.length).toBeGreaterThan(700);
    expect(queries.length - refused.size).toBeGreaterThan(150);
    expect(differ.filter((each) => !knownDifference(each))).toEqual([]);
  });
});

/** `x @ end() [5m]` is let through by Prometheus, `x @ 17 [5m]` is not. Newer ones know more than promtool 2.42, which is on this machine. */
const knownDifference = (text: string): boolean => /@ (?:start|end)\(\)\)*\[/.test(text);

function refusedByPromtool(queries: readonly string[]): Set<number> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-promql-'));
  try {
    const file = join(folder, 'rules.yml');
    const rules = queries.map((each, index) => `  - record: r:${index}\n    expr: ${JSON.stringify(each)}\n`);
    writeFileSync(file, `groups:\n- name: g\n  rules:\n${rules.join('')}`);
    const { stdout, stderr } = spawnSync('promtool', ['check', 'rules', '--lint=none', file], { encoding: 'utf8', maxBuffer: 64e6 });
    return new Set([...`${stdout}${stderr}`.matchAll(/rule \d+, "r:(\d+)"/g)].map(([, index]) => Number(index)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
