import type { QueryText } from './query-text.js';
import type { Expr, Span } from './syntax.js';

/** One mistake in a query. */
export interface PromqlFinding {
  /** docs/lint.md has a row for each */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly repair: string;
  /** 0-based, into the query as it was written */
  readonly offset: number;
  readonly length: number;
  /** the whole query, mended; null where that needs to be thought about */
  readonly repaired: string | null;
}

/** What an answer is held against. */
export interface PromqlBound {
  /** null: a margin against the baseline, or not known */
  readonly value: number | null;
  /** as its author says it; null: nobody says */
  readonly unit: string | null;
  readonly harm: 'increase' | 'decrease' | 'either';
}

/** What a query is for. An empty one is a query of another tool, about which nothing is known. */
export interface PromqlContext {
  /** label by which the cohorts are told apart, as Prometheus names it; absent: any usual one */
  readonly cohortLabel?: string;
  /**
   * query: it picks the canary itself; answer: it is asked once for both cohorts, and its answer carries the label; added: the
   * conditions of each cohort are added to a plain selector
   */
  readonly cohorts?: 'query' | 'answer' | 'added';
  /** counter: of which differences are taken; level: a value as it stands */
  readonly reads?: 'counter' | 'level';
  /** absent: true */
  readonly critical?: boolean;
  /** how often the query is asked; absent: not known */
  readonly windowSeconds?: number;
  /** argument that carries the interval; absent: there is none */
  readonly intervalArgument?: string;
  /** absent: 15 */
  readonly scrapeSeconds?: number;
  /** names of the arguments that the template takes */
  readonly arguments?: readonly string[];
  /** it is meant for more than one service, though it takes no arguments */
  readonly isGeneric?: boolean;
  readonly bound?: PromqlBound;
}

/** A query on which checks are made. */
export interface Question {
  readonly written: string;
  readonly query: QueryText;
  readonly expr: Expr;
  readonly context: PromqlContext;
}

/** A piece of text that takes the place of another. */
export interface Edit extends Span {
  readonly text: string;
}

/** What a check found. */
export interface Found {
  readonly code: string;
  readonly at: Span;
  readonly message: string;
  /** `{}` stands for the mended query */
  readonly repair: string;
  /** the repair where the query cannot be mended by itself; absent: `repair` without the query */
  readonly otherwise?: string;
  readonly severity?: PromqlFinding['severity'];
  /** what mends it; absent: nothing that can be computed */
  readonly edits?: readonly Edit[];
}

/** A check: what it looks for in a query, if it is there. */
export type Check = (question: Question) => Found | null | undefined;

/** The query with the edits made; they do not overlap. */
export function edited(written: string, edits: readonly Edit[]): string {
  return edits
    .toSorted((a, b) => b.from - a.from)
    .reduce((text, { from, to, text: put }) => text.slice(0, from) + put + text.slice(to), written);
}

/** @param repaired  the whole query mended; null where that is not known */
export function findingOf({ code, at, message, repair, otherwise, severity = 'warning' }: Found, repaired: string | null): PromqlFinding {
  const isShown = repaired !== null && repaired.length <= longestShown;
  const unmended = otherwise ?? repair.replace(/(?:,? or ask|:)? ?\{\}$/, '');
  const said = isShown ? repair.replace('{}', () => oneLine(repaired)) : unmended;
  return { code, severity, message, repair: said, offset: at.from, length: at.to - at.from, repaired };
}

/** A repair is read on a terminal. */
const longestShown = 400;

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
