import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { lintInWords } from '../../src/cli/lint-report.js';
import { lintFile } from '../../src/cli/template-lint.command.js';
import { parseTemplate } from '../../src/templates/index.js';
import { expectGolden } from '../support/golden.js';

const folder = 'test/golden/promql-lint';
const files = readdirSync(resolve(folder)).filter((name) => name.endsWith('.yaml'));
const issuesOf = (file: string) => parseTemplate(readFileSync(resolve(folder, file), 'utf8'), file).issues;

const documentation = readFileSync(resolve('docs/lint.md'), 'utf8');
const rows = documentation.split('\n').filter((line) => line.startsWith('| `'));
const codesOf = (row: string): string[] => [...(row.split(' | ')[0] ?? '').matchAll(/`([a-z][a-z-]+)`/g)].map(([, code]) => code ?? '');

/** Codes that need traffic, another tool, or another kind of metric; their goldens and specs are elsewhere. */
const elsewhere = ['cohort-unselected', 'not-a-selector', 'zero-margin', 'safe-after-deadline', 'never-safe', 'harm-after-deadline'];

describe('a query with a mistake', () => {
  it.each(files)('%s: is told its one mistake, with place and repair', (file) => {
    const issues = issuesOf(file);
    expect(issues).toHaveLength(1);
    expect(issues[0]?.repair).not.toBe('');
    expect(issues[0]?.path).toMatch(/^spec\./);
  });

  it('is told where it stands, inside a block and behind escapes too', () => {
    const place = (file: string): string => issuesOf(`${file}.yaml`).map(({ line, column }) => `${line}:${column}`)[0] ?? '';
    const textAt = (file: string): string => {
      const [line, column] = place(file).split(':').map(Number);
      return (readFileSync(resolve(folder, `${file}.yaml`), 'utf8').split('\n')[(line ?? 0) - 1] ?? '').slice((column ?? 0) - 1);
    };
    expect(textAt('syntax-in-a-block')).toBe('/ 2');
    expect(textAt('syntax-comma')).toBe('zone="eu"})');
    expect(textAt('syntax-unquoted')).toBe('eu})"');
    expect(textAt('syntax-escape')).toMatch(/^\\d/);
    expect(textAt('masked-in-a-denominator')).toBe("or on() vector(1))'");
  });

  it('reads on the screen as the golden says', async () => {
    const linted = await Promise.all(files.map((file) => lintFile(`${folder}/${file}`)));
    expectGolden('promql-lint/lint.txt', lintInWords(linted, false));
  });
});

describe('a gate that needs longer than its deadline', () => {
  const traffic = { requestsPerSecond: 20, requestsByMetric: {}, share: 0.05, levels: {}, phi: 1, harm: 2 };
  const found = async (template: string, assumed: Partial<typeof traffic>): Promise<string[]> => {
    const { issues } = await lintFile(`analysis-templates/${template}.yaml`, { ...traffic, ...assumed });
    return [...new Set((issues ?? []).map(({ code }) => code))];
  };

  it('is told so at the stated traffic', async () => {
    expect(await found('http-service', { requestsPerSecond: 0.2 })).toEqual(['safe-after-deadline', 'harm-after-deadline']);
    expect(await found('slo-limits', { levels: { availability: 0.02 } })).toContain('never-safe');
    expect(await found('http-service', { requestsPerSecond: 5000, share: 0.5 })).toEqual([]);
  });
});

describe('docs/lint.md', () => {
  const found = new Map(files.flatMap((file) => issuesOf(file).map(({ code, severity }) => [code, severity] as const)));

  it('has a row for each code', () => expect([...found.keys()].filter((code) => !rows.flatMap(codesOf).includes(code))).toEqual([]));

  it('has an example of each row', () =>
    expect(rows.flatMap(codesOf).filter((code) => !found.has(code) && !elsewhere.includes(code))).toEqual([]));

  it('says which are errors', () => {
    const errors = [...found].filter(([, severity]) => severity === 'error').map(([code]) => code);
    const said = rows.filter((row) => row.split(' | ')[0]?.includes('(error')).flatMap(codesOf);
    expect(said.filter((code) => found.has(code)).toSorted()).toEqual(errors.filter((code) => code !== 'masked-missing-data').concat('masked-missing-data').toSorted());
  });
});

describe('what is shown to people', () => {
  const documents = ['README.md', ...readdirSync(resolve('docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`)]
    .filter((name) => name.endsWith('.md'))
    .map((name) => readFileSync(resolve(name), 'utf8'));
  const shipped = readdirSync(resolve('analysis-templates')).map((file) => readFileSync(resolve('analysis-templates', file), 'utf8'));
  const metrics = documents.flatMap((text) => [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block]) => block ?? '')).filter((block) => /source: prometheus/.test(block));

  it('is free of mistakes in the templates that come with Assay', () => {
    for (const text of shipped) expect(parseTemplate(text).issues).toEqual([]);
  });

  it('is free of mistakes in the examples with Prometheus', () => {
    expect(metrics.length).toBeGreaterThan(0);
    for (const block of metrics) expect(parseTemplate(wholeTemplate(block)).issues).toEqual([]);
  });
});

/** An example shows a part of a template. */
function wholeTemplate(block: string): string {
  if (/^apiVersion: assay/m.test(block)) return block;
  const head = 'apiVersion: assay.dev/v1\nkind: AnalysisTemplate\nmetadata: { name: example }\n';
  if (block.includes('spec:')) return `${head}${block}`;
  return `${head}spec:\n${block.replace(/^/gm, '  ')}`;
}
