import { styleText } from 'node:util';
import { type Imported, type ImportFinding, nothingToDo } from '../templates/index.js';

/** Where each template went; null: standard output. */
export type WrittenTo = ReadonlyMap<string, string>;

/** `file:line:column` of each thing that changed in meaning, what to do indented below, and the counts at the end. */
export function importInWords({ findings, unreadable, templates, moved }: Imported, written: WrittenTo, colours: boolean): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  const place = ({ file, line, column }: { file: string; line: number; column: number }): string =>
    paint('bold', `${oneLine(file)}:${line}:${column}`);
  const broken = unreadable.flatMap((each) => [
    `${place(each)} ${paint('red', 'error')} ${oneLine(each.message)}`,
    `    ${paint('dim', oneLine(each.repair))}`,
  ]);
  const changed = findings.filter((each) => !isOpen(each));
  const said = [...findings.filter(isOpen), ...changed.filter((each) => each.repair !== nothingToDo)].flatMap((each) => [
    `${place(each)} ${isOpen(each) ? paint('yellow', 'decide') : 'changed'} ${each.code} ${oneLine(each.message)}`,
    `    ${paint('dim', oneLine(each.repair))}`,
  ]);
  const told = inGroups(changed.filter((each) => each.repair === nothingToDo)).map(
    ({ file, code, paths }) => `${paint('bold', oneLine(file))} ${code} ${paint('dim', oneLine(paths.join(', ')))}`,
  );
  const files = templates.flatMap(({ name }) => (written.has(name) ? [`${paint('green', 'wrote')} ${written.get(name)}`] : []));
  const open = findings.filter(isOpen).length;
  const counts = [
    plural(templates.length, 'template'),
    `${plural(moved.length, 'field')} moved as they are`,
    `${findings.length - open} changed in meaning`,
    `${open} to decide`,
    ...(unreadable.length > 0 ? [`${plural(unreadable.length, 'file')} not read`] : []),
  ];
  return `${[...broken, ...said, ...told, ...files, counts.join(', ')].join('\n')}\n`;
}

/** The same for machines, with the templates. */
export function importAsJson({ templates, findings, moved, unreadable }: Imported, written: WrittenTo): string {
  const all = templates.map(({ name, file, text }) => ({ name, from: file, written: written.get(name) ?? null, text }));
  return `${JSON.stringify({ templates: all, findings, moved, unreadable }, null, 2)}\n`;
}

interface Group {
  readonly file: string;
  readonly code: string;
  /** `spec.replicas (28)`: the field, and its line */
  readonly paths: readonly string[];
}

/** What there is nothing to do about is told in one line for each file and reason. */
function inGroups(findings: readonly ImportFinding[]): Group[] {
  const groups = Map.groupBy(findings, ({ file, code }) => JSON.stringify([file, code]));
  return [...groups.values()].map((same) => ({
    file: same[0]?.file ?? '',
    code: same[0]?.code ?? '',
    paths: same.map(({ path, line }) => `${path} (${line})`),
  }));
}

export const isOpen = ({ severity }: ImportFinding): boolean => severity === 'decide';

/** What the author of a file wrote may not move the cursor or begin a line. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ');

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
