import { RE2JS } from 're2js';
import { type CohortName, type Cohorts, cohortNames, type Matcher, type Matchers, SourceQueryError } from '../../domain/index.js';
import type { Labels } from './answer.js';
import { literal, quote, renderSelector, type Selector } from './selector.js';

/** Who belongs to which side, in the words of Prometheus. */
export interface CohortSelection {
  /** one list of conditions that selects both cohorts, or one list for each */
  readonly conditions: readonly (readonly string[])[];
  /** labels that the cohorts are told apart by */
  readonly labels: readonly string[];
  readonly includes: Readonly<Record<CohortName, (labels: Labels) => boolean>>;
}

/**
 * The name that OpenTelemetry's translation to Prometheus gives an attribute: `service.version` → `service_version`.
 */
export const labelName = (attribute: string): string => attribute.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_');

/** The value of a label; '' where it is absent, as in Prometheus. */
export const labelOf = (labels: Labels, label: string): string => (Object.hasOwn(labels, label) ? String(labels[label]) : '');

/** @throws {SourceQueryError} a cohort without conditions, equal cohorts, or a pattern that is not RE2 */
export function cohortSelection(cohorts: Cohorts): CohortSelection {
  for (const cohort of cohortNames) {
    if (cohorts[cohort].length === 0) throw new SourceQueryError(`the ${cohort} cohort has no conditions: it would contain everything`);
  }
  const shared = cohorts.baseline.filter((matcher) => cohorts.canary.some((other) => isSame(matcher, other)));
  const [baseline, canary] = [cohorts.baseline, cohorts.canary].map((all) =>
    all.filter((matcher) => !shared.includes(matcher) && !contains(shared, matcher)),
  );
  if (baseline?.length === 0 && canary?.length === 0) throw new SourceQueryError('baseline and canary have the same conditions');
  const union = either(baseline ?? [], canary ?? []);
  const conditions = union ? [[...shared, union]] : [cohorts.baseline, cohorts.canary];
  return {
    conditions: conditions.map((matchers) => matchers.map(rendered)),
    labels: [...new Set([...cohorts.baseline, ...cohorts.canary].map(({ attribute }) => labelName(attribute)))].sort(),
    includes: { baseline: labelTest(cohorts.baseline), canary: labelTest(cohorts.canary) },
  };
}

const isSame = (a: Matcher, b: Matcher): boolean => a.attribute === b.attribute && a.operator === b.operator && a.value === b.value;
const contains = (all: Matchers, matcher: Matcher): boolean => all.some((other) => isSame(matcher, other));

/** One matcher that lets both through, where the cohorts differ in the value of one label only. */
function either([baseline, ...more]: Matchers, [canary, ...others]: Matchers): Matcher | null {
  if (!baseline || !canary || more.length + others.length > 0 || baseline.attribute !== canary.attribute) return null;
  const patterns = [baseline, canary].map(({ operator, value }) =>
    operator === '=' ? literal(value) : operator === '=~' ? `(?:${value})` : null,
  );
  if (patterns.includes(null)) return null;
  return { attribute: baseline.attribute, operator: '=~', value: patterns.join('|') };
}

const rendered = ({ attribute, operator, value }: Matcher): string => `${labelName(attribute)}${operator}${quote(value)}`;

function labelTest(matchers: Matchers): (labels: Labels) => boolean {
  const tests = matchers.map(({ attribute, operator, value }) => {
    const label = labelName(attribute);
    const matches = operator.endsWith('~') ? patternTest(value) : (text: string) => text === value;
    const wanted = !operator.startsWith('!');
    return (labels: Labels) => matches(labelOf(labels, label)) === wanted;
  });
  return (labels) => tests.every((test) => test(labels));
}

function patternTest(pattern: string): (text: string) => boolean {
  try {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.matches(text);
  } catch {
    throw new SourceQueryError(`a cohort is described by "${pattern}", which is not an RE2 pattern`);
  }
}

/** The series of both cohorts in one question. */
export const selectBoth = (selector: Selector, { conditions }: CohortSelection, suffixes?: readonly string[]): string =>
  conditions.map((list) => renderSelector(selector, list, suffixes)).join(' or ');

/** When each cohort's newest sample was taken, seconds since the epoch. `timestamp` knows that of bare selectors only. */
export function newestSample(selector: Selector, { conditions, labels }: CohortSelection, suffixes?: readonly string[]): string {
  const times = conditions.map((list) => `timestamp(${renderSelector(selector, list, suffixes)})`);
  return `max by (${labels.join(', ')}) (${times.join(' or ')})`;
}
