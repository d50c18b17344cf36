import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const root = 'src/statistics';

/** Topics whose functions stand on a theorem, a paper or another program; the others are definitions. */
const sourced = new Set(['asymptotic', 'betting', 'classic', 'dependence', 'forecast', 'kayenta', 'multiplicity', 'quality', 'quantiles']);

interface Exported {
  readonly name: string;
  readonly topic: string;
  readonly node: ts.Declaration;
  readonly comment: string;
}

/** What the index names, with the declaration and the comment above it. */
function exportsOf(index: string): Exported[] {
  return parsed(index).statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || !statement.moduleSpecifier || !statement.exportClause) return [];
    const file = join(dirname(index), (statement.moduleSpecifier as ts.StringLiteral).text.replace(/\.js$/, '.ts'));
    const names = (statement.exportClause as ts.NamedExports).elements.map(({ name }) => name.text);
    return names.map((name) => declared(file, name));
  });
}

const parsed = (file: string): ts.SourceFile => ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);

function declared(file: string, name: string): Exported {
  const source = parsed(file);
  for (const statement of source.statements) {
    const nodes: readonly ts.Declaration[] = ts.isVariableStatement(statement)
      ? statement.declarationList.declarations
      : [statement as ts.DeclarationStatement];
    const node = nodes.find((each) => ts.getNameOfDeclaration(each)?.getText(source) === name);
    if (!node) continue;
    const comment = ts.getLeadingCommentRanges(source.text, statement.pos)?.at(-1);
    const text = comment ? source.text.slice(comment.pos, comment.end) : '';
    return { name, topic: file.split('/')[2] ?? '', node, comment: text.startsWith('/**') ? text : '' };
  }
  throw new Error(`${file} does not declare ${name}`);
}

const everything = exportsOf(`${root}/index.ts`);
const functions = everything.filter(({ node }) => ts.isFunctionDeclaration(node));
const named = (each: Exported): [string, Exported] => [each.name, each];

/** An object of other types: its fields say what they are. */
const isPlainShape = (node: ts.Declaration): boolean => ts.isInterfaceDeclaration(node);

/** Numbers of an interface whose names do not already say everything. */
function membersOf(owner: string, node: ts.Declaration): [string, string][] {
  if (!ts.isInterfaceDeclaration(node)) return [];
  return node.members.flatMap((member): [string, string][] => {
    const isNumber = ts.isPropertySignature(member) && member.type?.kind === ts.SyntaxKind.NumberKeyword;
    const name = member.name?.getText() ?? '';
    if (!isNumber || selfEvident.has(name)) return [];
    const text = node.getSourceFile().text;
    return [
      [`${owner}.${name}`, (ts.getLeadingCommentRanges(text, member.pos) ?? []).map(({ pos, end }) => text.slice(pos, end)).join('')],
    ];
  });
}

/** Counts of what the interface says, and ends of an interval. */
const selfEvident = new Set([
  'count',
  'total',
  'events',
  'canaryTotal',
  'baselineTotal',
  'canaryEvents',
  'baselineEvents',
  'low',
  'high',
  'mean',
  't',
  'df',
  'statistic',
  'canaryExposure',
  'baselineExposure',
  'index',
  'weight',
  'scale',
  'offset',
  'zeroCount',
  'increase',
  'lower',
  'upper',
  'estimate',
  'chiSquare',
  'outlierFactor',
  'allowedIncrease',
  'allowedDecrease',
  'criticalIncrease',
  'criticalDecrease',
  'ratio',
]);

describe('every export of src/statistics', () => {
  it('is looked at', () => expect(functions.length).toBeGreaterThan(60));

  it.each(everything.filter(({ node }) => !isPlainShape(node)).map(named))('%s: says what the reader gets', (_, { comment }) => {
    expect(comment).toMatch(/[A-Za-zΦφ].{15,}/);
  });

  it.each(functions.map(named))('%s: says what its numbers are', (_, { node, comment }) => {
    const numbers = (node as ts.FunctionDeclaration).parameters
      .filter(({ type }) => type?.kind === ts.SyntaxKind.NumberKeyword)
      .map(({ name }) => name.getText());
    expect(numbers.filter((name) => !new RegExp(`(^|[^\\w])${name}([^\\w]|$)`).test(comment.replace(/^.*\bfunction\b.*$/m, '')))).toEqual(
      [],
    );
  });

  it.each(functions.map(named))('%s: says what it throws', (_, { node, comment }) => {
    if (/throw new RangeError/.test(node.getText())) expect(comment).toMatch(/@throws \{RangeError\}/);
  });

  it.each(functions.filter(({ topic }) => sourced.has(topic)).map(named))(
    '%s: names its source, or the function it belongs to',
    (_, { comment }) => {
      expect(comment).toMatch(/@see |\{@link |Agrees with R|Assumptions? as (for|in)|Kayenta|statistics\.md/);
    },
  );

  it.each(everything.flatMap(({ name, node }) => membersOf(name, node)))('%s: has no number without a unit or a range', (_, comment) => {
    expect(comment).not.toBe('');
  });
});

const sourceIn = (folder: string): string =>
  readdirSync(`src/${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .map((file) => readFileSync(`src/${folder}/${file}`, 'utf8'))
    .join('\n');

describe('docs/methods.md', () => {
  const document = readFileSync('docs/methods.md', 'utf8');
  const values = everything.filter(({ node }) => ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node));

  it.each(values.map(named))('%s: is listed', (name) => expect(document).toContain(`\`${name}\``));

  it('lists nothing that is not there', () => {
    const code = ['analysis', 'verdicts', 'statistics'].map(sourceIn).join('\n');
    const listed = [...document.matchAll(/`([A-Za-z][A-Za-z0-9]+)`/g)].map(([, name = '']) => name);
    expect(listed.filter((name) => !new RegExp(`(function|class|const) ${name}\\b`).test(code))).toEqual([]);
  });
});
