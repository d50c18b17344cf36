import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLError } from 'yaml';
import type { Findings, Place } from './findings.js';

export interface YamlEntry {
  readonly key: string;
  readonly keyAt: Place;
  readonly value: YamlNode;
}

export interface YamlMap {
  readonly kind: 'map';
  readonly at: Place;
  readonly entries: ReadonlyMap<string, YamlEntry>;
}

export interface YamlList {
  readonly kind: 'list';
  readonly at: Place;
  readonly items: readonly YamlNode[];
}

export interface YamlScalar {
  readonly kind: 'scalar';
  readonly at: Place;
  readonly value: string | number | boolean | null;
  /** as written, without quotes: `1.10` stays `1.10` */
  readonly text: string;
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
  const document = parseDocument(text, { lineCounter: lines, strict: true, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
  const tree = new TreeBuilder(lines, findings);
  for (const error of document.errors.slice(0, 10)) tree.reportSyntax(error);
  if (document.errors.length > 0) return null;
  if (document.contents === null) {
    const repair = "begin with 'apiVersion: assay.dev/v1', or copy a template of analysis-templates/";
    findings.error({ code: 'empty-template', message: 'there is nothing in this text', repair, path: '', at: { line: 1, column: 1 } });
    return null;
  }
  return tree.build(document.contents, { line: 1, column: 1 }, '');
}

class TreeBuilder {
  constructor(
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
      return { kind: 'scalar', at, value, text: plain ? (node.source ?? String(value ?? '')) : String(value ?? '') };
    }
    return { kind: 'scalar', at: fallback, value: null, text: '' };
  }

  reportSyntax(error: YAMLError): void {
    const at = this.place(error.pos[0]);
    const several = error.code === 'MULTIPLE_DOCS';
    this.findings.error({
      code: several ? 'several-documents' : 'yaml-syntax',
      message: several ? 'a file holds one template; a second document begins here' : lowerFirst(error.message.split('\n')[0] ?? ''),
      repair: several ? "move it to a file of its own and remove the '---'" : (syntaxRepairs[error.code] ?? defaultSyntaxRepair),
      path: '',
      at,
    });
  }

  private buildMap(pairs: readonly Pair[], at: Place, path: string): YamlMap {
    const entries = new Map<string, YamlEntry>();
    for (const pair of pairs) {
      const keyAt = this.placeOf(pair.key, at);
      const key = isScalar(pair.key) ? String(pair.key.source ?? pair.key.value ?? '') : null;
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
  return typeof node.value === 'string' ? `the text '${printable(node.value)}'` : `${typeof node.value} ${printable(node.text)}`;
}

const scalarValue = (value: unknown): YamlScalar['value'] =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : String(value);

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
