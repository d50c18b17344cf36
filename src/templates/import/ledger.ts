import type { Place } from '../findings.js';
import { childrenOf } from '../places-in.js';
import type { YamlNode } from '../yaml-tree.js';

/** change: means something else than before; decide: a person has to look, or nothing right comes of it. */
export type ImportSeverity = 'change' | 'decide';

/** What became of a field, in words: why it is not what it was, and what to do. */
export interface ImportFinding {
  readonly code: string;
  readonly severity: ImportSeverity;
  readonly message: string;
  readonly repair: string;
  readonly file: string;
  /** number of the YAML document in the file, from 0 */
  readonly document: number;
  /** of the field, or of the mapping whose fields all share this fate; '' is the whole document */
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** A field that stands in the template with the meaning it had. */
export interface MovedField {
  readonly file: string;
  readonly document: number;
  readonly path: string;
  /** where it is now */
  readonly to: string;
}

export type Remark = Pick<ImportFinding, 'code' | 'message' | 'repair'>;

/** One document of one file. */
export interface DocumentPlace {
  readonly file: string;
  readonly document: number;
}

/** More than anybody reads; what is left out is counted in the last one. */
const mostFindings = 300;

/**
 * Keeps account of every field of a document: moved, or named with what became of it. What nobody accounted for is named by
 * {@link nameTheRest}, so that nothing can be forgotten.
 */
export class Ledger {
  readonly findings: ImportFinding[] = [];
  readonly moved: MovedField[] = [];
  private readonly covered = new Set<string>();

  constructor(readonly place: DocumentPlace) {}

  /** Nothing came of what stands below this path: the fields that were to be moved are not. */
  withdraw(path: string): void {
    const isInside = (each: MovedField): boolean => path === '' || each.path === path || each.path.startsWith(`${path}.`);
    const kept = this.moved.filter((each) => !isInside(each));
    this.moved.splice(0, this.moved.length, ...kept);
  }

  move(path: string, to: string): void {
    const { file, document } = this.place;
    this.covered.add(path);
    this.moved.push({ file, document, path, to });
  }

  /** Somebody has said what became of it. */
  isCovered(path: string): boolean {
    return this.covered.has(path);
  }

  name(severity: ImportSeverity, remark: Remark, path: string, at: Place): void {
    this.covered.add(path);
    this.say(severity, remark, path, at);
  }

  /** A second thing to say about a field; it accounts for nothing. */
  say(severity: ImportSeverity, { code, message, repair }: Remark, path: string, { line, column }: Place): void {
    const { file, document } = this.place;
    const isSaid = this.findings.some((said) => said.code === code && said.path === path && said.message === message);
    if (isSaid || this.findings.length > mostFindings) return;
    if (this.findings.length === mostFindings) {
      const more = {
        code: 'too-many-findings',
        message: 'there is more to say than anybody reads',
        repair: 'import fewer documents at once',
      };
      this.findings.push({ ...more, severity: 'decide', file, document, path: '', line, column });
    } else this.findings.push({ code, severity, message, repair, file, document, path, line, column });
  }

  /** Names what nobody asked for, the largest part that is wholly unknown at a time. */
  nameTheRest(root: YamlNode, path: string, at: Place): void {
    if (this.isCovered(path)) return;
    const children = childrenOf(root, path);
    if (root.kind !== 'scalar' && children.length === 0) return;
    if (!this.isTouched(path)) {
      const message = `'${path || 'this'}' is not read: no part of the template comes from it`;
      this.name(
        'change',
        { code: 'not-imported', message, repair: 'see whether something is meant that the template should say' },
        path,
        at,
      );
      return;
    }
    for (const child of children) this.nameTheRest(child.node, child.path, child.at);
  }

  /** Something inside is accounted for. */
  private isTouched(path: string): boolean {
    if (path === '' && this.covered.size > 0) return true;
    for (const each of this.covered) if (each.startsWith(`${path}.`) || each.startsWith(`${path}[`)) return true;
    return false;
  }
}
