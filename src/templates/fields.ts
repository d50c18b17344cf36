import { suggestion } from './did-you-mean.js';
import type { Findings, Place } from './findings.js';
import { kindOf, pathOf, printable, type YamlMap, type YamlNode } from './yaml-tree.js';

/** A value with the place of its key, for messages. */
export interface Field {
  readonly node: YamlNode;
  readonly path: string;
  readonly keyAt: Place;
}

/** Reads one value; undefined means that it was wrong and that the finding is noted. */
export type Reader<T> = (field: Field, findings: Findings) => T | undefined;

/** The keys of one mapping: takes those it knows, and reports the rest as unknown. */
export class Fields {
  private readonly known = new Set<string>();
  private readonly reported = new Set<string>();

  constructor(
    private readonly map: YamlMap,
    readonly path: string,
    /** place of the key above: where a missing key is reported */
    readonly at: Place,
    readonly findings: Findings,
  ) {}

  /** The value under this key, or null. An empty value counts as absent. */
  take(key: string): Field | null {
    this.known.add(key);
    const entry = this.map.entries.get(key);
    if (entry === undefined || (entry.value.kind === 'scalar' && entry.value.value === null)) return null;
    return { node: entry.value, path: pathOf(this.path, key), keyAt: entry.keyAt };
  }

  optional<T, F>(key: string, read: Reader<T>, fallback: F): T | F {
    const field = this.take(key);
    return field === null ? fallback : (read(field, this.findings) ?? fallback);
  }

  /** `instead` lets the reading go on after the finding, so that all mistakes are found at once. */
  required<T>(key: string, read: Reader<T>, instead: T, example: string): T {
    const field = this.take(key);
    if (field !== null) return read(field, this.findings) ?? instead;
    this.missing(key, example);
    return instead;
  }

  missing(key: string, example: string): void {
    this.reported.add(key);
    const entry = this.map.entries.get(key);
    const where = this.path === '' ? 'the template' : `'${this.path}'`;
    const message = entry === undefined ? `${where} has no '${key}'` : `'${key}' is empty`;
    const at = entry?.keyAt ?? this.at;
    this.findings.error({ code: 'missing-key', message, repair: `add ${example}`, path: pathOf(this.path, key), at });
  }

  /** Where the key stands; the place of the mapping where it is absent. */
  placeOf(key: string): Place {
    return this.map.entries.get(key)?.keyAt ?? this.at;
  }

  has(key: string): boolean {
    return this.map.entries.has(key);
  }

  private warnOfEmpty(key: string, at: Place): void {
    const message = `'${key}' is empty, and counts as left out`;
    this.findings.warning({ code: 'empty-value', message, repair: 'write its value, or remove it', path: pathOf(this.path, key), at });
  }

  /** Reports every key that nobody took, and every one that has no value. Call it last. */
  done(): void {
    for (const { key, keyAt, value } of this.map.entries.values()) {
      if (this.findings.isFull) return;
      if (this.known.has(key)) {
        if (value.kind === 'scalar' && value.value === null && !this.reported.has(key)) this.warnOfEmpty(key, keyAt);
        continue;
      }
      const where = this.path === '' ? 'a template' : `'${this.path}'`;
      this.findings.error({
        code: 'unknown-key',
        message: `${where} knows no key '${printable(key)}'`,
        repair: Object.hasOwn(foreignKeys, key) ? (foreignKeys[key] ?? '') : suggestion(key, [...this.known]),
        path: pathOf(this.path, key),
        at: keyAt,
      });
    }
  }
}

/** The mapping in a field; undefined, with a finding, where there is something else. */
export const asFields: Reader<Fields> = ({ node, path, keyAt }, findings) => {
  if (node.kind === 'map') return new Fields(node, path, keyAt, findings);
  const repair = path === '' ? "begin with 'apiVersion: assay.dev/v1'" : `write 'key: value' lines below '${lastKey(path)}', indented`;
  wrongType({ node, path, keyAt }, findings, 'a mapping', repair);
  return undefined;
};

export const asList: Reader<readonly Field[]> = ({ node, path, keyAt }, findings) => {
  if (node.kind === 'list') return node.items.map((item, index) => ({ node: item, path: `${path}[${index}]`, keyAt: item.at }));
  wrongType({ node, path, keyAt }, findings, 'a list', `begin each entry below '${lastKey(path)}' with '- '`);
  return undefined;
};

export function wrongType({ node, path }: Field, findings: Findings, wanted: string, repair: string): void {
  const message = `${path === '' ? 'a template' : `'${lastKey(path)}'`} must be ${wanted}, and is ${kindOf(node)}`;
  findings.error({ code: 'wrong-type', message, repair, path, at: node.at });
}

/** `margin` of `spec.metrics[0].margin`. */
export function lastKey(path: string): string {
  const quoted = /\["((?:[^"\\]|\\.)*)"\]$/.exec(path)?.[1];
  return quoted ?? path.slice(path.lastIndexOf('.') + 1);
}

/** Keys of other tools, and what says the same here. */
const foreignKeys: Readonly<Record<string, string>> = {
  successCondition: "say how much harm is accepted: 'limit: 0.01' (absolute) or 'margin: { relative: 0.1 }' (against the baseline)",
  failureCondition: "say how much harm is accepted: 'limit: 0.01' (absolute) or 'margin: { relative: 0.1 }' (against the baseline)",
  threshold: "write 'limit: …' (absolute) or 'margin: { relative: … }' (against the baseline)",
  thresholds: "write 'limit: …' (absolute) or 'margin: { relative: … }' (against the baseline)",
  thresholdRange: "write 'limit: …' (absolute) or 'margin: { relative: … }' (against the baseline)",
  interval: "write 'schedule: { window: 15s }' below spec",
  provider: "write 'source: prometheus', and the selector inside the kind of the metric",
};
