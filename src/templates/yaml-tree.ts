import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  parseDocument,
  type Scalar,
  type YAMLError,
} from 'yaml';
import { tokensOf } from './check-text.js';
import type { Findings, Place } from './findings.js';
import { scalarOffsets } from './scalar-places.js';

interface YamlEntry {
  readonly key: string;
  readonly keyAt: Place;
  readonly value: YamlNode;
}

export interface YamlMap {
  readonly kind: 'map';
  readonly at: Place;
  readonly entries: ReadonlyMap<string, YamlEntry>;
}

interface YamlList {
  readonly kind: 'list';
  readonly at: Place;
  readonly items: readonly YamlNode[];
}

interface YamlScalar {
  readonly kind: 'scalar';
  readonly at: Place;
  readonly value: string | number | boolean | null;
  /** as written, without quotes: `1.10` stays `1.10` */
  readonly text: string;
  /** place of the character of `text` at this index */
  placeOf(index: number): Place;
}

/** A parsed text in which every value knows its place. Keys live in a Map: `__proto__` is a key like any other. */
export type YamlNode = YamlMap | YamlList | YamlScalar;

/**
 * Parses one document that has passed the limits of `checkText`.
 *
 * @returns null where the syntax is broken or the text is empty; then there are findings
 */
export function parseYaml(text: string, findings: Findings): YamlNode | null {
  const lines = new LineCounter();
  // uniqueKeys compares every key with every other; the tree below finds doubles in one pass, with both places
  const document = parseDocument(text, { lineCounter: lines, strict: true, uniqueKeys: false, prettyErrors: false, logLevel: 'error' });
  const tree = new TreeBuilder(text, lines, findings);
  tree.reportSyntax(document.errors);
  if (document.errors.length > 0) return null;
  if (document.contents === null) {
    const repair = "begin with 'apiVersion: assay.dev/v1', or copy a template of analysis-templates/";
    findings.error({ code: 'empty-template', message: 'there is nothing in this text', repair, path: '', at: { line: 1, column: 1 } });
    return null;
  }
  return tree.build(document.contents, { line: 1, column: 1 }, '');
}

/** Every document of a text that has passed the limits of `checkText`; null where the syntax of one is broken. */
export function parseYamlDocuments(text: string, findings: Findings): YamlNode[] | null {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, strict: true, uniqueKeys: false, prettyErrors: false, logLevel: 'error' });
  const documents = Array.isArray(parsed) ? parsed : [];
  const tree = new TreeBuilder(text, lines, findings);
  tree.reportSyntax(documents.flatMap(({ errors }) => errors));
  if (documents.some(({ errors }) => errors.length > 0)) return null;
  return documents.flatMap(({ contents }) => (contents === null ? [] : [tree.build(contents, { line: 1, column: 1 }, '')]));
}

class TreeBuilder {
  constructor(
    private readonly text: string,
    private readonly lines: LineCounter,
    private readonly findings: Findings,
  ) {}

  build(node: unknown, fallback: Place, path: string): YamlNode {
    if (isMap(node)) return this.buildMap(node.items, this.placeOf(node, fallback), path);
    if (isSeq(node)) {
      const at = this.placeOf(node, fallback);
      return { kind: 'list', at, items: node.items.map((item, index) => this.build(item, at, `${path}[${index}]`)) };
    }
    if (isScalar(node)) {
      const at = node.value === null && node.source === '' ? fallback : this.placeOf(node, fallback);
      const value = scalarValue(node.value);
      const plain = node.type === 'PLAIN' || node.type === undefined;
      const text = plain ? (node.source ?? String(value ?? '')) : String(value ?? '');
      return { kind: 'scalar', at, value, text, placeOf: this.placesWithin(node, text, at) };
    }
    return { kind: 'scalar', at: fallback, value: null, text: '', placeOf: () => fallback };
  }

  /** The first mistake, and others that do not follow from it: one missing quote makes a dozen words unexpected. */
  reportSyntax(errors: readonly YAMLError[]): void {
    const linesSaid = new Set<number>();
    const openQuote = errors.find(isOpenQuote);
    for (const [index, error] of (openQuote === undefined ? errors : [openQuote]).entries()) {
      const at = this.placeOfError(error);
      if (linesSaid.has(at.line) || (index > 0 && error.code === 'UNEXPECTED_TOKEN') || linesSaid.size >= 5) continue;
      linesSaid.add(at.line);
      this.findings.error({ ...this.syntaxMistake(error, at), path: '', at });
    }
  }

  /** An open quote is missed at the end of the text, and mended where it begins. */
  private placeOfError(error: YAMLError): Place {
    const end = this.place(error.pos[0]);
    if (!isOpenQuote(error)) return end;
    const quotes = [...tokensOf(this.text)].filter(({ type }) => type.endsWith('quoted-scalar')).map(({ place }) => place);
    return quotes.findLast(({ line, column }) => line < end.line || (line === end.line && column < end.column)) ?? end;
  }

  private syntaxMistake(error: YAMLError, { line }: Place): { code: string; message: string; repair: string } {
    const { code, message } = error;
    if (isOpenQuote(error)) {
      return {
        code: 'yaml-syntax',
        message: 'this quote is never closed',
        repair: 'close it; a quote inside single quotes is written twice',
      };
    }
    if (code === 'MULTIPLE_DOCS') {
      const repair = "move it to a file of its own and remove the '---'";
      return { code: 'several-documents', message: 'a file holds one template; a second document begins here', repair };
    }
    const bare = /[^'"\w.-]\$\{\w*\}?/.exec(this.text.split('\n')[line - 1] ?? '')?.[0].slice(1);
    const repair = bare === undefined ? (syntaxRepairs[code] ?? defaultSyntaxRepair) : `put '${bare}' in quotes`;
    return { code: 'yaml-syntax', message: lowerFirst(message.split('\n')[0] ?? ''), repair };
  }

  private buildMap(pairs: readonly Pair[], at: Place, path: string): YamlMap {
    const entries = new Map<string, YamlEntry>();
    for (const pair of pairs) {
      const keyAt = this.placeOf(pair.key, at);
      const key = isScalar(pair.key) ? String(pair.key.source ?? pair.key.value ?? '') : null;
      if (key === '<<') {
        const repair = 'write the keys out where they are needed';
        this.findings.error({ code: 'yaml-merge-key', message: 'merge keys are not read', repair, path: pathOf(path, key), at: keyAt });
        continue;
      }
      if (key === null) {
        const repair = 'write one word, or a text in quotes, before the colon';
        this.findings.error({ code: 'wrong-type', message: 'a key must be a text', repair, path, at: keyAt });
        continue;
      }
      const first = entries.get(key);
      if (first !== undefined) this.reportDouble(key, path, keyAt, first.keyAt);
      else entries.set(key, { key, keyAt, value: this.build(pair.value, keyAt, pathOf(path, key)) });
    }
    return { kind: 'map', at, entries };
  }

  private reportDouble(key: string, path: string, at: Place, first: Place): void {
    const message = `'${printable(key)}' stands twice in this mapping, first in line ${first.line}`;
    this.findings.error({ code: 'duplicate-key', message, repair: 'keep one of the two', path: pathOf(path, key), at });
  }

  /** Few scalars are asked where their characters stand, so nothing is counted before. */
  private placesWithin({ range, type }: Scalar, value: string, fallback: Place): YamlScalar['placeOf'] {
    if (!range) return () => fallback;
    const [start, end] = range;
    let offsets: readonly number[] | null = null;
    return (index) => {
      offsets ??= scalarOffsets(this.text, { start, end, type }, value);
      return this.place(offsets[Math.min(Math.max(index, 0), offsets.length - 1)] ?? start);
    };
  }

  private placeOf(node: unknown, fallback: Place): Place {
    const start = (node as Node | null)?.range?.[0];
    return start === undefined ? fallback : this.place(start);
  }

  private place(offset: number): Place {
    const { line, col } = this.lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

/** `spec.metrics[0].of["service.name"]`: how issues name a place. */
export function pathOf(parent: string, key: string): string {
  if (!/^[\w-]{1,64}$/.test(key)) return `${parent}[${JSON.stringify(printable(key))}]`;
  return parent === '' ? key : `${parent}.${key}`;
}

/** Short enough, and of one line, to stand inside a message. */
export const printable = (text: string): string => {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
};

/** The kind of a value in words. */
export function kindOf(node: YamlNode): string {
  if (node.kind !== 'scalar') return node.kind === 'map' ? 'a mapping' : 'a list';
  if (node.value === null) return 'nothing';
  if (typeof node.value === 'boolean') return node.text;
  return typeof node.value === 'string' ? `the text '${printable(node.value)}'` : `the number ${printable(node.text)}`;
}

const scalarValue = (value: unknown): YamlScalar['value'] =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : String(value);

/** Whatever follows an open quote belongs to it, so its other mistakes mean nothing. */
const isOpenQuote = ({ message }: YAMLError): boolean => message.startsWith('Missing closing');

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const defaultSyntaxRepair = "look for a missing quote, bracket or colon here; put values that hold '${', '{', ': ' or '#' in quotes";

const syntaxRepairs: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'give all keys of one mapping the same indentation, and close brackets deeper than the key they belong to',
  BAD_DQ_ESCAPE: 'double every backslash, or use single quotes',
  MULTILINE_IMPLICIT_KEY: 'write the key on one line, followed by a colon',
  BLOCK_AS_IMPLICIT_KEY: "put the value in quotes: it holds ': '",
  MISSING_CHAR: "close the quote or bracket that is open here; put values that hold '${' or '{' in quotes",
};
