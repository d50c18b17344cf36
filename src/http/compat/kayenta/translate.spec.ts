import { describe, expect, it } from '@jest/globals';
import { kayentaConfig, kayentaMetric, kayentaScopes } from '../../../../test/support/kayenta-config.js';
import type { Template } from '../../../domain/index.js';
import { type CanaryConfig, readUnnamedConfig } from '../../../templates/index.js';
import { holdScore, readExecutionRequest, stretchOf } from './execution-request.js';
import { changesOf, problemsOf, translateConfig } from './translate-config.js';

type Change = Parameters<typeof kayentaScopes>[0];

function configOf(change: object = {}): CanaryConfig {
  const problems: string[] = [];
  const config = readUnnamedConfig(kayentaConfig(change), problems);
  expect(problems).toEqual([]);
  return config;
}

const oneMetric = (template: string, more: Parameters<typeof kayentaMetric>[2] = {}): CanaryConfig =>
  configOf({ metrics: [kayentaMetric('m', template, more)] });

/** The query of the first metric for these scopes, or what is wrong. */
function queried(config: CanaryConfig, change: Change = {}): string {
  const problems: string[] = [];
  const request = readExecutionRequest({ scopes: kayentaScopes(change) }, config, problems);
  const stretch = stretchOf(request, problems);
  if (!stretch || problems.length > 0) return problems.join('; ');
  const { template } = translateConfig(config, request, stretch, problems);
  if (problems.length > 0) return problems.join('; ');
  const [metric] = template.metrics;
  return metric?.kind === 'gauge' && metric.of.type === 'query' ? metric.of.query.replaceAll('\n', '') : 'no query';
}

const both = (baseline: string, canary: string): string =>
  `label_replace(${baseline}, "assay_cohort", "baseline", "", "") or label_replace(${canary}, "assay_cohort", "canary", "", "")`;

describe("a canary config's queries", () => {
  it.each([
    ['in a label', 'PromQL:up{version="${scope}"}', {}, 'up{version="1.4.2"}', 'up{version="1.5.0"}'],
    ['escaped from Orca', 'PromQL:up{version="$\\{scope}"}', {}, 'up{version="1.4.2"}', 'up{version="1.5.0"}'],
    ['as a location', 'PromQL:up{region="${location}"}', { experiment: { location: 'us-1' } }, 'up{region="eu-1"}', 'up{region="us-1"}'],
    [
      'as a list of labels, as Argo writes it',
      'PromQL:sum(rate(requests_total{code="500",${scope}}[1m]))',
      {
        control: { scope: 'app=checkout,rollouts-pod-template-hash=5d4b' },
        experiment: { scope: 'app=checkout and rollouts-pod-template-hash=9c7f' },
      },
      'sum(rate(requests_total{code="500",app="checkout",rollouts_pod_template_hash="5d4b"}[1m]))',
      'sum(rate(requests_total{code="500",app="checkout",rollouts_pod_template_hash="9c7f"}[1m]))',
    ],
    [
      'as a pattern, raw as in Kayenta',
      'PromQL:up{pod=~"${scope}-[a-z0-9]+"}',
      { control: { scope: 'checkout-5d4b' }, experiment: { scope: 'checkout-(9c7f|77aa)' } },
      'up{pod=~"checkout-5d4b-[a-z0-9]+"}',
      'up{pod=~"checkout-(9c7f|77aa)-[a-z0-9]+"}',
    ],
    [
      'with parameters of the scope',
      'PromQL:rate(up{version="${scope}",ns="${namespace}"}[${window}])',
      {
        control: { extendedScopeParams: { namespace: 'shop', window: '5m' } },
        experiment: { extendedScopeParams: { namespace: 'shop', window: '5m' } },
      },
      'rate(up{version="1.4.2",ns="shop"}[5m])',
      'rate(up{version="1.5.0",ns="shop"}[5m])',
    ],
    [
      'with quotes in it',
      'PromQL:up{version="${scope}"}',
      { experiment: { scope: '"} or vector(0) or up{a="' } },
      'up{version="1.4.2"}',
      'up{version="\\"} or vector(0) or up{a=\\""}',
    ],
  ])('take the scope %s', (_, template, change, baseline, canary) => {
    expect(queried(oneMetric(template), change)).toBe(both(baseline, canary));
  });

  it('may be called template, as later versions of Kayenta do', () => {
    const query = { type: 'prometheus', template: 'PromQL:up{version="${scope}"}' };
    const config = configOf({ metrics: [{ ...kayentaMetric('m', ''), query }] });
    expect(queried(config)).toBe(both('up{version="1.4.2"}', 'up{version="1.5.0"}'));
  });

  it('may have patterns that overlap where another label tells the sides apart', () => {
    const config = oneMetric('PromQL:up{version="${scope}",zone=~"${location}.*"}');
    expect(queried(config, { control: { location: 'eu' }, experiment: { location: 'eu-1' } })).toContain('zone=~"eu-1.*"');
  });

  it('are built as Kayenta builds them from a filter', () => {
    const query = {
      type: 'prometheus',
      metricName: 'node_cpu',
      customFilterTemplate: 'by-version',
      labelBindings: ['mode="user"'],
      groupByFields: ['zone'],
    };
    const config = configOf({ metrics: [{ ...kayentaMetric('m', ''), query }], templates: { 'by-version': 'version="${scope}"' } });
    expect(queried(config)).toBe(
      both('avg(node_cpu{version="1.4.2",mode="user"}) by (zone)', 'avg(node_cpu{version="1.5.0",mode="user"}) by (zone)'),
    );
  });

  it.each([
    ['the same for both', 'PromQL:up{version="1"}', 'it asks the same for both cohorts'],
    ['broken', 'PromQL:sum(up{version="${scope}"}', "'(' is never closed"],
    ['masked, and decide alone', 'PromQL:sum(rate(errors_total{v="${scope}"}[1m])) or vector(0)', 'turns missing data into a number'],
    ['FreeMarker', 'PromQL:up{version="${scope?upper_case}"}', 'FreeMarker'],
    ['a directive', 'PromQL:up{version="${scope}"<#if x>}', 'FreeMarker'],
    ['no PromQL at all', '', 'neither a customInlineTemplate nor a filter template'],
  ])('are refused where they are %s', (_, template, why) => {
    expect(problemsOf(oneMetric(template)).join()).toContain(why);
  });

  it.each([
    ['equal scopes', 'PromQL:up{version="${scope}"}', { experiment: { scope: '1.4.2' } }, 'give the same query'],
    ['a missing parameter', 'PromQL:up{version="${scope}",ns="${ns}"}', {}, '${ns} is used, and the scope has none'],
    ['text outside quotes', 'PromQL:${scope}_total{region="${location}"}', {}, 'outside quotes'],
    ['a broken list of labels', 'PromQL:up{${scope}}', {}, 'no list of label=value'],
    ['another time for the control', 'PromQL:up{version="${scope}"}', { control: { start: '2026-01-31T10:00:00Z' } }, 'different times'],
    ['another step', 'PromQL:up{version="${scope}"}', { control: { step: 30 } }, 'different steps'],
    ['no pattern', 'PromQL:up{pod=~"${scope}.*"}', { control: { scope: 'a(' }, experiment: { scope: 'b' } }, 'no pattern'],
    [
      'scopes that overlap',
      'PromQL:up{pod=~"${scope}.*"}',
      { control: { scope: 'checkout' }, experiment: { scope: 'checkout-canary' } },
      'the cohorts overlap',
    ],
    [
      'scopes that overlap behind a dash',
      'PromQL:up{pod=~"${scope}-.+"}',
      { control: { scope: 'checkout' }, experiment: { scope: 'checkout-canary' } },
      'the cohorts overlap',
    ],
  ])('are refused for %s', (_, template, change, why) => {
    expect(queried(oneMetric(template), change)).toContain(why);
  });
});

describe('a translated canary config', () => {
  function translated(config: CanaryConfig, thresholds?: object): Template {
    const asked = readExecutionRequest({ scopes: kayentaScopes(), thresholds }, config, []);
    const stretch = stretchOf(asked, []);
    if (!stretch) throw new Error('the scopes have no times');
    return translateConfig(config, asked, stretch, []).template;
  }

  it("is judged once by Kayenta's judge, with its groups and thresholds", () => {
    const template = translated(configOf(), { pass: 90, marginal: 70 });
    expect(template.judge).toEqual({
      kind: 'kayenta',
      pass: 90,
      marginal: 70,
      decide: 'at-deadline',
      groups: { errors: 60, latency: 40 },
    });
    expect(template.schedule).toMatchObject({ windowSeconds: 60, deadlineSeconds: 3600, warmupSeconds: 0 });
    expect(template.metrics.map(({ role, harm, onNoData, kayenta }) => [role, harm, onNoData.absent, kayenta?.groups])).toEqual([
      ['critical', 'increase', 'hold', ['errors']],
      ['weighted', 'increase', 'ignore', ['latency']],
    ]);
  });

  it("follows the rollout with Assay's own judge, whose margin is the allowed change", () => {
    const metric = kayentaMetric('m', 'PromQL:up{version="${scope}"}', {
      canary: { direction: 'increase', effectSize: { allowedIncrease: 1.2 } },
    });
    const config = configOf({ judge: { name: 'Assay-v1', judgeConfigurations: { maxDurationMinutes: 30 } }, metrics: [metric] });
    const template = translated(config);
    expect([template.judge, template.schedule.deadlineSeconds]).toEqual([undefined, 1800]);
    expect(template.metrics[0]?.margin?.relative).toBeCloseTo(0.2);
    expect(template.metrics[0]?.onNoData.absent).toBe('hold');
  });

  it('is refused where its judge or its margin is not known', () => {
    expect(problemsOf(configOf({ judge: { name: 'dredd-v1.0' } })).join()).toContain("there is no judge 'dredd-v1.0'");
    expect(problemsOf(configOf({ judge: { name: 'Assay-v1' } })).join()).toContain('give effectSize allowedIncrease above 1');
  });

  it('says what it means otherwise', () => {
    expect(changesOf(configOf()).join()).toContain('no data on errors holds');
    expect(changesOf(configOf({ metrics: [kayentaMetric('m', 'PromQL:up{v="${scope}"}', { groups: [] })] })).join()).toContain(
      'counts for nothing',
    );
  });

  it.each([
    [75, 50, true],
    [90, 70, true],
    [72, 70, true],
    [71, 70, false],
    [70, 70, false],
    [100, 98.5, true],
    [90, 0, false],
  ])('needs room for a hold between pass %d and marginal %d: %s', (pass, marginal, isFine) => {
    const problems: string[] = [];
    readExecutionRequest({ scopes: kayentaScopes(), thresholds: { pass, marginal } }, configOf(), problems);
    expect(problems.length === 0).toBe(isFine);
    if (isFine) expect(holdScore({ pass, marginal }) > marginal && holdScore({ pass, marginal }) < pass).toBe(true);
  });
});
