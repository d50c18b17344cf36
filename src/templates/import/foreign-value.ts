import type { Place } from '../findings.js';
import { childrenOf } from '../places-in.js';
import { pathOf, printable, type YamlNode } from '../yaml-tree.js';
import type { Ledger, Remark } from './ledger.js';

/**
 * One value of another tool's document, with its place. Reading it accounts for nothing: say what became of it with
 * {@link moved}, {@link changed} or {@link undecided}, each of which speaks for everything inside.
 */
export class ForeignValue {
  constructor(
    readonly node: YamlNode,
    readonly path: string,
    readonly keyAt: Place,
    readonly ledger: Ledger,
  ) {}

  /** The value under a key; null where it is absent, empty, or this is no mapping. */
  get(key: string): ForeignValue | null {
    const entry = this.node.kind === 'map' ? this.node.entries.get(key) : undefined;
    if (entry === undefined || (entry.value.kind === 'scalar' && entry.value.value === null)) return null;
    return new ForeignValue(entry.value, pathOf(this.path, key), entry.keyAt, this.ledger);
  }

  /** The value at the end of some keys. */
  at(...keys: readonly string[]): ForeignValue | null {
    return keys.reduce<ForeignValue | null>((value, key) => value?.get(key) ?? null, this);
  }

  /** Entries of a list; none of anything else. */
  items(): ForeignValue[] {
    return this.node.kind === 'list' ? this.children().map(([, child]) => child) : [];
  }

  /** Keys and values of a mapping; none of anything else. */
  entries(): [string, ForeignValue][] {
    return this.node.kind === 'map' ? this.children() : [];
  }

  /** As written; '' where there is no single value. */
  get text(): string {
    return this.node.kind === 'scalar' && this.node.value !== null ? this.node.text : '';
  }

  /** Numbers also as texts, as Kubernetes' IntOrString and Jackson read them. */
  get number(): number | null {
    if (this.node.kind !== 'scalar' || this.text.trim() === '') return null;
    const value = Number(this.text);
    return Number.isFinite(value) ? value : null;
  }

  get isTrue(): boolean {
    return this.text === 'true';
  }

  /** Everything inside stands in the template, where `to` says. */
  moved(to: string): this {
    this.ledger.move(this.path, to);
    return this;
  }

  /** Means something else now, or nothing, and no harm comes of it. */
  changed(code: string, message: string, repair: string): void {
    this.ledger.name('change', { code, message, repair }, this.path, this.keyAt);
  }

  /** A person must look. */
  undecided(code: string, message: string, repair: string): void {
    this.ledger.name('decide', { code, message, repair }, this.path, this.keyAt);
  }

  /** Something about a part of this text; `offset` counts characters of it. */
  remarkAt(offset: number, severity: 'change' | 'decide', remark: Remark): void {
    const { node } = this;
    this.ledger.say(severity, remark, this.path, node.kind === 'scalar' ? node.placeOf(offset) : node.at);
  }

  /** A second remark on this field. */
  remark(severity: 'change' | 'decide', remark: Remark): void {
    this.ledger.say(severity, remark, this.path, this.keyAt);
  }

  get inWords(): string {
    return printable(this.text);
  }

  private children(): [string, ForeignValue][] {
    const keys = this.node.kind === 'map' ? [...this.node.entries.keys()] : [];
    return childrenOf(this.node, this.path).map(({ node, path, at }, index) => [
      keys[index] ?? '',
      new ForeignValue(node, path, at, this.ledger),
    ]);
  }
}
