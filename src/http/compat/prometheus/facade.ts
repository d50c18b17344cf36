import { Injectable } from '@nestjs/common';
import { type Run, type Verdict } from '../../../domain/index.js';
import { keyOf, matrixOf, pointAt, scalarAt, sorted, vectorAt } from './facade-answer.js';
import { type LabelMatcher, readQuestion, readSelector } from './facade-question.js';
import { FacadeRuns, refuseTooMany, type Standing, shownUntil } from './facade-runs.js';
import { type TimeRange } from './facade-time.js';
import { isSelected, type Labels, type SeriesValue, seriesOf } from './run-series.js';

/** What is so near to now is answered from the runs as they stand; clients say `time` by their own clocks. */
const presentMs = 5 * 60_000;

/** A promote is shown for so long to a question that does not say which release it is about. */
const freshMs = 5 * 60_000;

/** `data` of an answer, and what its reader should know. */
export interface FacadeAnswer {
  readonly data: object;
  readonly warnings: readonly string[];
}

/** Runs as if they were series of a Prometheus. */
@Injectable()
export class Facade {
  constructor(private readonly runs: FacadeRuns) {}

  /** @param at  the moment asked about, in milliseconds */
  async query(query: string, at: number, now: Date): Promise<FacadeAnswer> {
    const question = readQuestion(query);
    if (question.kind === 'vector') return { data: vectorAt(at, [{ labels: {}, value: question.value }]), warnings: [] };
    if (question.kind === 'scalar') return { data: scalarAt(at, question.value), warnings: [] };
    const isPresent = Math.abs(now.getTime() - at) <= presentMs;
    const asOf = isPresent ? now.getTime() : at;
    const runs = await this.runs.newest(question.matchers, asOf);
    const told = await Promise.all(runs.map(async (run) => seriesOf(run, isPresent ? run.verdict : await this.verdictAt(run, at))));
    const series = told.flat().filter(({ labels }) => isSelected(labels, question.matchers));
    return withoutStalePromote(asWorst(series, question.matchers), namesRelease(question.matchers) ? [] : staleRuns(runs, asOf), at);
  }

  async range(query: string, range: TimeRange): Promise<FacadeAnswer> {
    const question = readQuestion(query);
    if (question.kind !== 'series') {
      const values = [...momentsIn(range)].map((at) => pointAt(at, question.value));
      return { data: matrixOf([{ labels: {}, values }]), warnings: [] };
    }
    const runs = await this.runs.within(question.matchers, range.from, range.to);
    refuseTooMany(runs);
    const lines = new Map<string, { labels: Labels; values: ReturnType<typeof pointAt>[] }>();
    for (const run of runs) {
      for (const { at, series } of seriesOver(run, await this.runs.standings(run), range)) {
        for (const { labels, value } of series) {
          if (!isSelected(labels, question.matchers)) continue;
          const line = lines.get(keyOf(labels)) ?? { labels, values: [] };
          line.values.push(pointAt(at, value));
          lines.set(keyOf(labels), line);
        }
      }
    }
    return { data: matrixOf(lines.values()), warnings: [] };
  }

  /** Label sets of all series that fit one of the selectors; without a selector of all. */
  async series(selectors: readonly string[], from: number, to: number): Promise<Labels[]> {
    const wanted: (readonly LabelMatcher[])[] = selectors.length === 0 ? [[]] : selectors.map((text) => readSelector(text));
    const found = new Map<string, Labels>();
    for (const matchers of wanted) {
      const runs = await this.runs.within(matchers, from, to);
      const fitting = runs.flatMap((run) => seriesOf(run, run.verdict)).filter(({ labels }) => isSelected(labels, matchers));
      for (const { labels } of fitting) found.set(keyOf(labels), sorted(labels));
    }
    return [...found.values()];
  }

  private async verdictAt(run: Run, at: number): Promise<Verdict | null> {
    return (await this.runs.standings(run)).findLast((standing) => standing.at <= at)?.verdict ?? null;
  }
}

const namesRelease = (matchers: readonly LabelMatcher[]): boolean =>
  matchers.some(({ label, needsLabel }) => needsLabel && (label === 'run' || label === 'canary'));

const staleRuns = (runs: readonly Run[], at: number): string[] =>
  runs.filter(({ finishedAt }) => finishedAt !== null && at - finishedAt.getTime() > freshMs).map(({ id }) => id);

/**
 * A question about one application that several runs answer (in two namespaces, with other arguments) gets the worst verdict from each: Argo
 * reads the first result and Flagger the last, and neither may read a promote where another run says no.
 */
function asWorst(series: readonly SeriesValue[], matchers: readonly LabelMatcher[]): readonly SeriesValue[] {
  if (!matchers.some(({ label, exactly }) => label === 'app' && exactly !== null)) return series;
  const isVerdict = ({ labels }: SeriesValue): boolean => labels['__name__'] === 'assay_verdict';
  const worst = Math.min(...series.filter(isVerdict).map(({ value }) => value));
  return series.map((one) => (isVerdict(one) ? { ...one, value: worst } : one));
}

/** The promote of the last release must not let the next one through. */
function withoutStalePromote(series: readonly SeriesValue[], stale: readonly string[], at: number): FacadeAnswer {
  const isStale = ({ labels, value }: SeriesValue): boolean =>
    labels['__name__'] === 'assay_verdict' && value > 0 && stale.includes(labels['run'] ?? '');
  const shown = series.map((one) => (isStale(one) ? { ...one, value: 0 } : one));
  const warnings = series.some(isStale) ? ['a promote older than 5 min is shown as 0: name the release with canary="…" or run="…"'] : [];
  return { data: vectorAt(at, shown), warnings };
}

function* momentsIn({ from, to, step }: TimeRange): Generator<number> {
  for (let index = 0; from + index * step <= to; index++) yield from + index * step;
}

/** What was known of the run at each moment; its series are made once for each verdict. */
function* seriesOver(
  run: Run,
  standings: readonly Standing[],
  range: TimeRange,
): Generator<{ readonly at: number; readonly series: readonly SeriesValue[] }> {
  let index = -1;
  let series: readonly SeriesValue[] = [];
  for (const at of momentsIn(range)) {
    if (at > shownUntil(run)) return;
    const before = index;
    while ((standings[index + 1]?.at ?? Number.POSITIVE_INFINITY) <= at) index += 1;
    if (index !== before) series = seriesOf(run, standings[index]?.verdict ?? null);
    if (index >= 0) yield { at, series };
  }
}
