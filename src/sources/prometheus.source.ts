import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/index.js';
import { cohortNames, type Measurement, SourceQueryError, SourceUnavailableError } from '../domain/index.js';
import type { MetricSource, Reading, ReadRequest } from './metric-source.js';
import { type CohortSelection, cohortSelection, labelName } from './prometheus/cohort-selection.js';
import { splitByCohort } from './prometheus/cohort-tables.js';
import { EdgeReader } from './prometheus/edge-reader.js';
import { freshnessQuery, newestAge, type StillSeries } from './prometheus/freshness.js';
import { type MetricPlan, planMetric } from './prometheus/metric-plan.js';
import { PrometheusClient } from './prometheus/prometheus-client.js';
import type { SeriesTable } from './prometheus/series-table.js';
import { edgesOf, mayBeStale, measuring, unreadable } from './prometheus/window-measuring.js';

const notConfigured = 'no Prometheus is configured; set ASSAY_PROMETHEUS_URL';

/**
 * Prometheus, and every engine that speaks its query API. Counters and buckets are read raw at the edges of windows, one query
 * for both cohorts, and subtracted here: exact whole numbers, restarts seen series by series.
 */
@Injectable()
export class PrometheusSource implements MetricSource {
  private readonly client: PrometheusClient | null;
  private readonly reader: EdgeReader | null;
  private readonly scrapeSeconds: number;

  constructor(@Inject(SETTINGS) { prometheus }: Settings) {
    this.client = prometheus && new PrometheusClient(prometheus);
    this.reader = this.client && new EdgeReader(this.client);
    this.scrapeSeconds = prometheus?.scrapeIntervalSeconds ?? 15;
  }

  async readWindows(request: ReadRequest, signal: AbortSignal): Promise<Reading> {
    const nothing = (trouble: string): Reading => ({
      measurements: request.slices.map(() => request.metrics.map(({ name }) => unreadable(name, trouble))),
    });
    if (!this.reader) return nothing(notConfigured);
    try {
      return { measurements: await this.measure(this.reader, request, cohortSelection(request.cohorts), signal) };
    } catch (error) {
      if (error instanceof SourceQueryError) return nothing(error.message);
      throw error;
    }
  }

  async ping(signal: AbortSignal): Promise<void> {
    if (!this.client) throw new SourceUnavailableError(notConfigured);
    await this.client.instant('vector(1)', Date.now(), signal);
  }

  private async measure(reader: EdgeReader, request: ReadRequest, cohorts: CohortSelection, signal: AbortSignal): Promise<Measurement[][]> {
    const edges = edgesOf(request.slices);
    const moments = { edges, ends: edges.slice(1) };
    const plans = request.metrics.map((metric) => planMetric(metric, cohorts));
    const asked = new Map<string, Promise<SeriesTable>>();
    const ask = ({ at }: MetricPlan, query: string): Promise<SeriesTable> => {
      const key = `${at} ${query}`;
      const table = asked.get(key) ?? reader.read(query, moments[at], signal);
      asked.set(key, table);
      return table;
    };
    const pod = request.pod === null ? null : labelName(request.pod);
    const metrics = await Promise.all(
      plans.map(async (plan) => {
        const tables = await Promise.all(plan.queries.map((query) => ask(plan, query)));
        return measuring(
          plan,
          tables.map((table) => splitByCohort(table, cohorts)),
          request.slices,
          pod,
        );
      }),
    );
    const measured = request.slices.map((_, slice) => metrics.map((measure) => measure(slice)));
    return this.withoutStale(measured, plans, (query) => reader.read(query, moments.ends, signal), cohorts, windowSeconds(edges));
  }

  /** Where nothing moved, asks when the newest samples were taken: a counter that nobody reads stands still, too. */
  private async withoutStale(
    measured: Measurement[][],
    plans: readonly MetricPlan[],
    ask: (query: string) => Promise<SeriesTable>,
    cohorts: CohortSelection,
    seconds: number,
  ): Promise<Measurement[][]> {
    const suspects = plans.flatMap(({ still }, i) => (still && measured.some((window) => isSuspect(window[i])) ? [{ i, still }] : []));
    if (suspects.length === 0) return measured;
    const table = await ask(
      freshnessQuery(
        suspects.map(({ still }): StillSeries => still),
        cohorts,
      ),
    );
    const oldest = 2 * this.scrapeSeconds + seconds;
    return measured.map((window, end) =>
      window.map((measurement, i) => {
        const question = suspects.findIndex((suspect) => suspect.i === i);
        if (question < 0 || !isSuspect(measurement)) return measurement;
        const trouble = table.problems[end];
        if (trouble) return unreadable(measurement.metric, trouble);
        const judged = { ...measurement };
        for (const cohort of cohortNames) {
          const age = newestAge(table, question, cohort, end, cohorts);
          if (!mayBeStale(judged[cohort]) || (age !== null && age <= oldest)) continue;
          const detail = age === null ? `the ${cohort} has no samples any more` : `the newest ${cohort} sample is ${Math.round(age)} s old`;
          judged[cohort] = { kind: 'gap', cause: 'stale', detail };
        }
        return judged;
      }),
    );
  }
}

const isSuspect = (measurement: Measurement | undefined): boolean =>
  measurement !== undefined && cohortNames.some((cohort) => mayBeStale(measurement[cohort]));

const windowSeconds = ([first = 0, second = 0]: readonly number[]): number => (second - first) / 1000;
