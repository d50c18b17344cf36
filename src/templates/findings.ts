import type { Issue } from '../domain/index.js';

/** Where something stands in the text; both 1-based. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What is wrong at a place, and how to mend it. */
export interface Mistake {
  readonly code: string;
  readonly message: string;
  readonly repair: string;
  readonly path: string;
  readonly at: Place;
}

/** More mistakes than anybody reads; a hostile text could have tens of thousands. */
const mostIssues = 100;

/** Gathers every mistake of one text, so that the author mends them all in one go. */
export class Findings {
  private readonly found: Issue[] = [];
  private errorCount = 0;

  get hasErrors(): boolean {
    return this.errorCount > 0;
  }

  /** Nobody will see another one. */
  get isFull(): boolean {
    return this.found.length >= mostIssues;
  }

  error(mistake: Mistake): void {
    this.errorCount += 1;
    this.add('error', mistake);
  }

  warning(mistake: Mistake): void {
    this.add('warning', mistake);
  }

  /** All mistakes in the order of the text. */
  issues(): Issue[] {
    return this.found.toSorted((a, b) => a.line - b.line || a.column - b.column);
  }

  private add(severity: Issue['severity'], { code, message, repair, path, at }: Mistake): void {
    if (this.isFull) return;
    this.found.push({ code, severity, message, repair, path, line: at.line, column: at.column });
  }
}
