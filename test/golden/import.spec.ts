import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { importInWords } from '../../src/cli/import-report.js';
import { type Imported, importFiles, parseTemplate } from '../../src/templates/index.js';
import { expectGolden } from '../support/golden.js';

const folder = 'test/fixtures/import';

const imported = (...names: readonly string[]): Imported =>
  importFiles(
    names.map((name) => ({ name, text: textOf(name) })),
    { cohorts: null, mesh: null, format: null },
  );

const textOf = (name: string): string => readFileSync(resolve(folder, name), 'utf8');

const codes = ({ findings }: Imported): Set<string> => new Set(findings.map(({ code }) => code));

/** What is imported together, and the finding that it is there for. */
const imports: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['mixed-cohorts', ['mixed-cohorts.yaml'], ['cohort-unselected', 'cohorts-unknown']],
  ['canary-against-stable', ['canary-against-stable.yaml'], ['compared-with-baseline', 'metric-left']],
  ['hard-coded-app', ['hard-coded-app.yaml'], ['hard-coded-target']],
  ['kayenta-thresholds', ['kayenta-thresholds.yaml', 'kayenta-config.json'], ['unknown-key', 'kayenta-elsewhere']],
  ['no-data-passes', ['no-data-passes.yaml'], ['masked-missing-data', 'cohort-by-run']],
  ['vector-zero', ['vector-zero.yaml'], ['masked-missing-data', 'other-unit']],
  ['ratio-without-sum', ['ratio-without-sum.yaml'], ['ratio-without-aggregation', 'other-unit']],
  ['fixed-range', ['fixed-range.yaml'], ['range-is-not-window', 'other-unit']],
  ['metric-templates', ['metric-templates.yaml'], ['margin-assumed', 'other-unit', 'range-is-not-window']],
  ['argo-all-fields', ['argo-all-fields.yaml'], ['query-not-portable', 'condition-not-a-limit', 'two-limits', 'not-imported']],
  ['flagger-all-fields', ['flagger-all-fields.yaml'], ['webhook-left', 'built-in-metric', 'query-not-portable', 'other-cohort-label']],
  ['kayenta-config', ['kayenta-config.json'], ['same-query', 'groups-shared-anew', 'no-data-holds', 'not-imported']],
  ['keptn', ['slo.yaml', 'sli.yaml'], ['alternatives', 'compared-with-baseline', 'no-score', 'measured-from-spans', 'sli-unused']],
  ['keptn-without-sli', ['slo.yaml'], ['measured-from-spans', 'metric-left']],
];

describe('an analysis of another tool', () => {
  it.each(imports)('%s: imports, loads, and is told what is wrong with it', (name, files, expected) => {
    const result = imported(...files);
    expect(result.unreadable).toEqual([]);
    expect(result.templates.length).toBeGreaterThan(0);
    for (const { text } of result.templates) expect(parseTemplate(text).issues.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect([...codes(result)]).toEqual(expect.arrayContaining([...expected]));
    const templates = result.templates.map((template) => `# ${template.name}.yaml\n${template.text}`).join('\n');
    expectGolden(`import/${name}.txt`, `${templates}\n# ${'='.repeat(76)}\n\n${importInWords(result, new Map(), false)}`);
  });

  it('says for every remark where it is, why, and what to do', () => {
    for (const [, files] of imports)
      for (const { line, column, message, repair, file } of imported(...files).findings) {
        expect([line, column].every((each) => Number.isInteger(each) && each > 0)).toBe(true);
        expect(Math.min(message.length, repair.length, file.length)).toBeGreaterThan(0);
      }
  });
});

interface Leaf {
  readonly document: number;
  readonly path: string;
}

/** Every field of a file that has a value, as the YAML library sees it. */
function leavesOf(text: string): Leaf[] {
  const documents = parseAllDocuments(text);
  return (Array.isArray(documents) ? documents : []).flatMap((parsed, document) => leavesIn(parsed.toJS(), '').map((path) => ({ document, path })));
}

function leavesIn(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => leavesIn(each, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return value === null ? [] : [path];
  return Object.entries(value).flatMap(([key, each]) => leavesIn(each, below(path, key)));
}

const below = (path: string, key: string): string =>
  /^[\w-]{1,64}$/.test(key) ? (path === '' ? key : `${path}.${key}`) : `${path}[${JSON.stringify(key)}]`;

/** Where fields are named, themselves or as a part of something that is. */
function unaccounted({ findings, moved }: Imported, file: string, leaves: readonly Leaf[]): string[] {
  const known = [...findings.filter(({ path, code }) => path !== '' || ['unknown-kind', 'no-template'].includes(code)), ...moved];
  const said = known.filter((each) => each.file === file);
  const isSaid = ({ document, path }: Leaf): boolean =>
    said.some((each) => each.document === document && (path === each.path || each.path === '' || path.startsWith(`${each.path}.`) || path.startsWith(`${each.path}[`)));
  return leaves.filter((leaf) => !isSaid(leaf)).map(({ document, path }) => `${document}: ${path}`);
}

const everyFile = [...new Set(imports.flatMap(([, files]) => files))];

describe('every field of the input', () => {
  it.each(imports)('%s: is moved or named', (_, files) => {
    const result = imported(...files);
    for (const file of files) {
      const leaves = leavesOf(textOf(file));
      expect(leaves.length).toBeGreaterThan(5);
      expect(unaccounted(result, file, leaves)).toEqual([]);
    }
  });

  it.each(everyFile)('%s: is named with its place where nobody knows it', (file) => {
    const text = textOf(file);
    const documents = parseAllDocuments(text);
    for (const [index, document] of (Array.isArray(documents) ? documents : []).entries()) {
      const plain: unknown = document.toJS();
      for (const path of mapsIn(plain, [])) {
        const grown = structuredClone(plain);
        const map = path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], grown) as Record<string, unknown>;
        map['unheardOf'] = 'x';
        const all = (Array.isArray(documents) ? documents : []).map((each, at) => JSON.stringify(at === index ? grown : each.toJS()));
        const result = importFiles([{ name: file, text: all.join('\n---\n') }], { cohorts: null, mesh: null, format: null });
        const where = below(path.reduce<string>((sofar, key) => (/^\d+$/.test(key) ? `${sofar}[${key}]` : below(sofar, key)), ''), 'unheardOf');
        expect(unaccounted(result, file, [{ document: index, path: where }])).toEqual([]);
        expect(result.moved.filter(({ path: moved }) => moved === where)).toEqual([]);
      }
    }
  });
});

/** Paths of all mappings, in keys. */
function mapsIn(value: unknown, path: readonly string[]): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.entries(value).flatMap(([key, each]) => mapsIn(each, [...path, key]));
  return Array.isArray(value) ? inside : [path, ...inside];
}
