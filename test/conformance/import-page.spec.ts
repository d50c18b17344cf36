import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { importInWords } from '../../src/cli/import-report.js';
import { type Imported, importFiles, meshes } from '../../src/templates/index.js';

const page = readFileSync('docs/import.md', 'utf8');
const blocks = [...page.matchAll(/```(\w*)\n([\s\S]*?)```/g)].map(([, language, text]) => ({ language, text: text ?? '' }));

const imported = (name: string, text: string): Imported => importFiles([{ name, text }], { cohorts: null, mesh: null, format: null });

/** The rows of the table below a heading, as cells. */
function rowsBelow(heading: string): (readonly [string, string])[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((row) => {
    const [, first = '', second = ''] = row.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));
    return [first.slice(1, -1), second];
  });
}

/** Every code in the second cell is in the template, or told. */
function expectSaid(result: Imported, cell: string): void {
  const text = result.templates.map((template) => template.text).join('');
  const codes = result.findings.map(({ code }) => code);
  const missing = [...cell.matchAll(/`([^`]+)`/g)]
    .map(([, said = '']) => said)
    .filter((said) => !text.includes(said) && !codes.includes(said));
  expect(missing).toEqual([]);
}

const argo = (query: string, condition: string): string =>
  JSON.stringify({
    kind: 'AnalysisTemplate',
    metadata: { name: 'a' },
    spec: { metrics: [{ name: 'm', successCondition: condition, provider: { prometheus: { query } } }] },
  });

describe('docs/import.md', () => {
  it('has an example whose template and list are what comes out', () => {
    const [input, output] = blocks.filter(({ language }) => language === 'yaml');
    const result = imported('analysis-template.yaml', input?.text ?? '');
    expect(result.templates.map(({ text }) => text).join('')).toBe(output?.text);
    expect(importInWords(result, new Map(), false)).toBe(blocks.find(({ language }) => language === '')?.text);
  });

  it.each(rowsBelow('Conditions'))('says what becomes of %s', (condition, becomes) => {
    expectSaid(imported('a.json', argo('level', condition)), becomes);
  });

  it.each(rowsBelow('Queries'))('says what becomes of %s', (query, becomes) => {
    expectSaid(imported('a.json', argo(query, 'result[0] <= 2')), becomes);
  });

  it('names every mesh there is, and every finding', () => {
    for (const mesh of meshes) expect(page).toContain(`\`${mesh}\``);
    const told = codesIn('src/templates/import');
    expect(told.size).toBeGreaterThan(40);
    expect([...told].filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  });
});

/** The codes of findings, as they stand in the source. */
function codesIn(folder: string): Set<string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'),
  );
  const form =
    /(?:code: |(?:changed|undecided)\(\s*|return \[)'([a-z]+(?:-[a-z]+)*)'|\? '([a-z]+(?:-[a-z]+)+)' : '([a-z]+(?:-[a-z]+)+)',$/gm;
  return new Set(
    files.flatMap((name) =>
      [...readFileSync(join(folder, name), 'utf8').matchAll(form)].flatMap((found) => found.slice(1).filter((code) => code !== undefined)),
    ),
  );
}
