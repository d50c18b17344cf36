/** The two populations compared. */
export type CohortName = 'baseline' | 'canary';

export const cohortNames: readonly CohortName[] = ['baseline', 'canary'];

export type MatchOperator = '=' | '!=' | '=~' | '!~';

/**
 * One condition on an attribute or label. Regular expressions are RE2 and anchored at both ends, as in Prometheus.
 * An attribute that is absent has the value '' (as in Prometheus), so `!=` and `!~` match it.
 */
export interface Matcher {
  readonly attribute: string;
  readonly operator: MatchOperator;
  readonly value: string;
}

/** Every condition must hold. */
export type Matchers = readonly Matcher[];

/** Who belongs to which side of one run. */
export type Cohorts = Readonly<Record<CohortName, Matchers>>;
