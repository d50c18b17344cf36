import { styleText } from 'node:util';
import { forecastInWords, type TemplateForecast } from '../analysis/index.js';
import type { Issue } from '../domain/index.js';

/** What the linter found in one file. */
export interface LintedFile {
  readonly file: string;
  /** null where the file could not be read; `unreadable` says why */
  readonly issues: readonly Issue[] | null;
  readonly unreadable: string | null;
  /** null where no traffic was assumed, or the template cannot be used */
  readonly forecast: TemplateForecast | null;
}

export interface LintCounts {
  readonly files: number;
  readonly errors: number;
  readonly warnings: number;
  readonly unreadable: number;
}

export const countLint = (files: readonly LintedFile[]): LintCounts => {
  const issues = files.flatMap((file) => file.issues ?? []);
  const errors = issues.filter(({ severity }) => severity === 'error').length;
  return { files: files.length, errors, warnings: issues.length - errors, unreadable: files.filter((file) => file.issues === null).length };
};

/** `file:line:column severity code message`, the repair indented below, and the counts at the end. */
export function lintInWords(files: readonly LintedFile[], colours: boolean): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  const lines = files.flatMap(({ file, issues, unreadable, forecast }) => {
    if (issues === null) return [`${paint('bold', oneLine(file))} ${paint('red', 'error')} unreadable ${oneLine(unreadable ?? '')}`];
    const found = issues.flatMap(({ line, column, severity, code, message, repair }) => [
      `${paint('bold', `${oneLine(file)}:${line}:${column}`)} ${paint(severity === 'error' ? 'red' : 'yellow', severity)} ${code} ${oneLine(message)}`,
      `    ${paint('dim', oneLine(repair))}`,
    ]);
    const [first = '', ...rest] = forecast === null ? [] : forecastInWords(forecast).map(oneLine);
    return forecast === null ? found : [...found, `${paint('bold', oneLine(file))} ${first}`, ...rest];
  });
  const counts = countLint(files);
  const read = `${counts.files} ${counts.files === 1 ? 'file' : 'files'}`;
  const unread = counts.unreadable > 0 ? `, ${counts.unreadable} unreadable` : '';
  const last = `${read}: ${plural(counts.errors, 'error')}, ${plural(counts.warnings, 'warning')}${unread}`;
  return `${[...lines, last].join('\n')}\n`;
}

/** The same for machines: `{ files: [{ file, unreadable, issues, forecast }], counts }`. */
export function lintAsJson(files: readonly LintedFile[]): string {
  const listed = files.map(({ file, issues, unreadable, forecast }) => ({ file, unreadable, issues: issues ?? [], forecast }));
  return `${JSON.stringify({ files: listed, counts: countLint(files) }, null, 2)}\n`;
}

/** Names and messages may hold what the author wrote: nothing of it may move the cursor or begin a line. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ');

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
