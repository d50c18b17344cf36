import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { type ArgoMetric, type Measurement, phaseAfter } from '../../../test/support/argo-rules.js';
import { expectGolden } from '../../../test/support/golden.js';
import { temporaryFolder } from '../../../test/support/temporary-folder.js';
import type { Template } from '../../domain/index.js';
import { parseTemplate } from '../../templates/index.js';
import { argoGlue } from './argo.js';
import { flaggerGlue } from './flagger.js';
import { type Glue, longestSeconds } from './glue.js';
import { azureGlue, githubActionsGlue, gitlabGlue, jenkinsGlue } from './pipelines.js';
import { spinnakerGlue } from './spinnaker.js';

const shipped: Template[] = readdirSync('analysis-templates').map((file) => {
  const { template } = parseTemplate(readFileSync(join('analysis-templates', file), 'utf8'));
  if (!template) throw new Error(`${file} is no template`);
  return template;
});
const http = shipped.find(({ name }) => name === 'http-service') as Template;

const glueFor = (change: Partial<Glue> = {}): Glue => ({
  server: 'https://assay.example',
  template: http,
  arguments: {},
  service: 'checkout',
  secret: 'ASSAY_TOKEN',
  toolVersion: null,
  image: 'registry.example/assay:0.1.0',
  ...change,
});

const writers = { argo: argoGlue, flagger: flaggerGlue, github: githubActionsGlue, gitlab: gitlabGlue, azure: azureGlue } as const;

describe('glue', () => {
  it.each(Object.entries({ ...writers, spinnaker: spinnakerGlue, jenkins: jenkinsGlue }))('for %s reads as it did', (name, write) => {
    expectGolden(`emit/${name}.txt`, write(glueFor()));
  });

  it('for an older Argo reads as it did', () => {
    expectGolden('emit/argo-1.7.txt', argoGlue(glueFor({ toolVersion: [1, 7] })));
  });

  it.each(shipped.map((template) => [template.name, template] as const))('is well-formed for %s', (_, template) => {
    for (const write of Object.values(writers)) expect(parse(write(glueFor({ template })))).toBeInstanceOf(Object);
    expect(JSON.parse(spinnakerGlue(glueFor({ template }))).stages).toHaveLength(3);
  });

  it('stays what it is whatever an argument holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const glue = glueFor({ arguments: { service: value } });
        const [metric] = parse(argoGlue(glue)).spec.metrics;
        expect(metric.provider.web.jsonBody.arguments).toEqual({ service: value });
        expect(JSON.parse(spinnakerGlue(glue)).stages[0].payload.arguments).toEqual({ service: value });
        expect(JSON.parse(parse(azureGlue(glue)).inputs.body).arguments).toEqual({ service: value });
      }),
      { numRuns: 200, seed: 5 },
    );
  });
});

describe("an emitted AnalysisTemplate under Argo's rules", () => {
  const measurement = fc.constantFrom<Measurement>('Successful', 'Failed', 'Inconclusive', 'Error');

  it.each(shipped.flatMap((template) => [[1, 7] as const, null].map((toolVersion) => [template.name, template, toolVersion] as const)))(
    'never ends Successful without a promote: %s',
    (_, template, toolVersion) => {
      const [metric] = parse(argoGlue(glueFor({ template, toolVersion }))).spec.metrics as ArgoMetric[];
      const endOf = (measured: readonly Measurement[]): string => {
        for (let count = 1; count <= measured.length; count += 1) {
          const phase = phaseAfter(metric as ArgoMetric, measured.slice(0, count));
          if (phase !== 'Running') return phase;
        }
        return 'Running';
      };
      const undecided = toolVersion === null ? 'Inconclusive' : 'Error';
      expect(endOf(Array.from({ length: 5000 }, () => undecided))).toBe(undecided);
      fc.assert(
        fc.property(
          fc.array(
            measurement.filter((one) => one !== 'Successful'),
            { maxLength: 400 },
          ),
          (measured) => {
            expect(endOf(measured)).not.toBe('Successful');
          },
        ),
        { numRuns: 100, seed: 6 },
      );
      expect(endOf([undecided, undecided, 'Successful'])).toBe('Successful');
      expect(endOf([undecided, 'Failed'])).toBe('Failed');
    },
  );

  it('asks for as long as a run may last', () => {
    for (const template of shipped) {
      const [recent] = parse(argoGlue(glueFor({ template }))).spec.metrics;
      expect(recent.count * 30).toBeGreaterThan(longestSeconds(template));
      expect(recent.inconclusiveLimit).toBe(recent.count);
      const [older] = parse(argoGlue(glueFor({ template, toolVersion: [1, 7] }))).spec.metrics;
      expect(older.consecutiveErrorLimit * 10).toBeGreaterThan(longestSeconds(template));
    }
  });
});

describe('an emitted pipeline', () => {
  const folder = temporaryFolder('emit');
  const fake = join(folder, 'assay');
  writeFileSync(fake, '#!/bin/sh\nfor argument in "$@"; do printf "%s\\n" "$argument" >> "$CALLS"; done\nexit "$EXIT"\n');
  chmodSync(fake, 0o755);

  function run(script: string, exit: number): { code: number; calls: string[] } {
    const calls = join(folder, `calls-${exit}-${Math.abs(script.length)}`);
    writeFileSync(calls, '');
    const env = {
      PATH: `${folder}:${process.env['PATH']}`,
      CALLS: calls,
      EXIT: String(exit),
      BASELINE: '1.4.2',
      CANARY: '1.5.0 rc',
      ASSAY_TOKEN: 'x',
    };
    try {
      execFileSync('bash', ['-e', '-c', script], { env, stdio: 'pipe' });
      return { code: 0, calls: readFileSync(calls, 'utf8').trim().split('\n') };
    } catch (error) {
      return { code: (error as { status: number }).status, calls: readFileSync(calls, 'utf8').trim().split('\n') };
    }
  }

  const hostile = 'it\'s $(touch /tmp/never) `x` "y"';
  const scripts = {
    'GitHub Actions': parse(githubActionsGlue(glueFor({ arguments: { service: hostile } }))).jobs.gate.steps[0].run as string,
    Jenkins: groovyText(/sh '''([\s\S]*?)(?<!\\)'''/.exec(jenkinsGlue(glueFor({ arguments: { service: hostile } })))?.[1] ?? ''),
    GitLab: (parse(gitlabGlue(glueFor({ arguments: { service: hostile } }))).assay.script as string[]).join('\n'),
  };

  /** What Groovy makes of the inside of a ''' text. */
  function groovyText(text: string): string {
    return text.replace(/\\(.)/gs, (_, character: string) => (character === '\n' ? '' : character));
  }

  it.each(Object.entries(scripts))('of %s ends as the gate ends, and gives it each value as one word', (_, script) => {
    for (const exit of [0, 1, 2, 3, 4, 64, 69]) expect(run(script, exit).code).toBe(exit);
    const { calls } = run(script, 0);
    expect(calls.slice(0, 5)).toEqual(['gate', '--server', 'https://assay.example', '--template', 'http-service']);
    expect(calls).toContain(`service=${hostile}`);
    expect(calls[calls.indexOf('--canary') + 1]).toBe('1.5.0 rc');
    expect(calls).toContain('--junit');
  });
});
