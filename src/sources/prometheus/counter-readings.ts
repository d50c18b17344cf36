import type { CohortName, Counts, ExposedEvents, OfPods, ProportionMetric, RateMetric, Sample, Selection } from '../../domain/index.js';
import { absent, poison, type ReadCohort, roundedDown } from './cohort-reading.js';
import type { CohortTable } from './cohort-tables.js';
import { type Increase, increaseOf } from './counter-increase.js';
import { columnOf } from './series-table.js';
import { counterTracks, isThere, podsAt, poisonedIn, type Track } from './track.js';

/** events ÷ of, per pod. */
export function readProportion(metric: ProportionMetric, tables: { of: CohortTable; events: CohortTable }, pod: string | null): ReadCohort {
  const of = tracksOf(tables.of, pod);
  const events = tracksOf(tables.events, pod);
  const [ofQuery, eventsQuery] = [textOf(metric.of), textOf(metric.events)];
  return (cohort, edge) => {
    const poisonedOf = poisonedIn(of[cohort], edge);
    const poisonedEvents = poisonedIn(events[cohort], edge);
    if (poisonedOf > 0) return poison(cohort, poisonedOf, ofQuery);
    if (poisonedEvents > 0) return poison(cohort, poisonedEvents, eventsQuery);
    if (!isPresent(of[cohort], edge + 1)) return absent(cohort, ofQuery);
    const watched = podsAt(of[cohort], edge);
    const total = increaseOf(of[cohort], edge, watched);
    const happened = increaseOf(events[cohort], edge, watched);
    const surplus = Math.max(0, happened.total - total.total);
    const cut = surplus === 0 ? [] : [`${surplus} more events than ${ofQuery} were counted for the ${cohort}; the surplus was cut off`];
    return {
      sample: countsOf(total, happened),
      warnings: [...roundedDown(total.rounded, ofQuery), ...roundedDown(happened.rounded, eventsQuery), ...cut],
    };
  };
}

/** Events per second of wall clock, or per count of something else. */
export function readRate(
  metric: RateMetric,
  tables: { events: CohortTable; per: CohortTable | null },
  seconds: number,
  pod: string | null,
): ReadCohort {
  const events = tracksOf(tables.events, pod);
  const per = tables.per && tracksOf(tables.per, pod);
  const eventsQuery = textOf(metric.events);
  const perQuery = metric.per === 'second' ? eventsQuery : textOf(metric.per);
  return (cohort, edge) => {
    const denominator = (per ?? events)[cohort];
    const poisonedPer = poisonedIn(denominator, edge);
    const poisonedEvents = poisonedIn(events[cohort], edge);
    if (poisonedPer > 0) return poison(cohort, poisonedPer, perQuery);
    if (poisonedEvents > 0) return poison(cohort, poisonedEvents, eventsQuery);
    if (!isPresent(denominator, edge + 1)) return absent(cohort, perQuery);
    const watched = podsAt(denominator, edge);
    const happened = increaseOf(events[cohort], edge, watched);
    const clock = watched.size > 0 ? seconds : 0; // before its first edge a cohort was not watched
    const exposed = per && increaseOf(per[cohort], edge, watched, false);
    const pods = exposedPods(
      happened,
      exposed ? exposed.byPod : new Map([...watched].flatMap((pod) => (pod === '' ? [] : [[pod, seconds]]))),
    );
    return {
      sample: { kind: 'rate', events: happened.total, exposure: exposed ? exposed.total : clock, ...pods },
      warnings: roundedDown(happened.rounded, eventsQuery),
    };
  };
}

const tracksOf = ({ series }: CohortTable, pod: string | null): Record<CohortName, Track<number>[]> => ({
  baseline: counterTracks(series.baseline, pod),
  canary: counterTracks(series.canary, pod),
});

const isPresent = (tracks: readonly Track<number>[], edge: number): boolean => tracks.some((track) => isThere(track, columnOf(edge)));

/** Counts of a cohort and of its pods that did something. Events that other pods count than those of the denominator leave no pods to tell apart. */
function countsOf(of: Increase, happened: Increase): Sample {
  const total = of.total;
  const events = Math.min(happened.total, total);
  const pods = [...new Set([...of.byPod.keys(), ...happened.byPod.keys()])].sort();
  const counts = pods
    .map((pod): [string, Counts] => [pod, { total: of.byPod.get(pod) ?? 0, events: happened.byPod.get(pod) ?? 0 }])
    .filter(([, count]) => count.total > 0 || count.events > 0);
  const consistent = counts.every(([, count]) => count.events <= count.total);
  return { kind: 'counts', total, events, pods: Object.fromEntries(consistent ? counts : [['', { total, events }]]) };
}

/** What each pod did that was watched all the time; nothing where some series names no pod. */
function exposedPods(happened: Increase, exposures: ReadonlyMap<string, number>): { readonly pods?: OfPods<ExposedEvents> } {
  if (happened.byPod.has('') || exposures.has('')) return {};
  const pods = [...exposures]
    .filter(([, exposure]) => exposure > 0)
    .map(([pod, exposure]): [string, ExposedEvents] => [pod, { events: happened.byPod.get(pod) ?? 0, exposure }])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return pods.length > 0 ? { pods: Object.fromEntries(pods) } : {};
}

/** The query as the author wrote it. */
export function textOf(selection: Selection): string {
  if (selection.type === 'query') return selection.query;
  throw new RangeError('a metric of Prometheus is selected by a query');
}
