import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/index.js';
import { type Measurement, SourceQueryError, SourceUnavailableError } from '../domain/index.js';
import type { MetricSource, Reading, ReadRequest } from './metric-source.js';
import { type CohortSelection, cohortSelection, labelName } from './prometheus/cohort-selection.js';
import { splitByCohort } from './prometheus/cohort-tables.js';
import { EdgeReader } from './prometheus/edge-reader.js';
import { freshnessQuery } from './prometheus/freshness.js';
import { type MetricPlan, planMetric } from './prometheus/metric-plan.js';
import { PrometheusClient } from './prometheus/prometheus-client.js';
import type { SeriesTable } from './prometheus/series-table.js';
import { markStale, suspectsIn } from './prometheus/stale-samples.js';
import { edgesOf, measuring, secondsOf, unreadable } from './prometheus/window-measuring.js';

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
    const { metrics, slices } = request;
    const edges = edgesOf(slices);
    const moments = { edges, ends: edges.slice(1) };
    const pod = request.pod === null ? null : labelName(request.pod);
    const plans = metrics.map((metric) => planMetric(metric, cohorts));
    const ask = askingOnce(({ at }, query) => reader.read(query, moments[at], signal));
    const meters = await Promise.all(
      plans.map(async (plan) => {
        const tables = await Promise.all(plan.queries.map((query) => ask(plan, query)));
        const answers = tables.map((table) => splitByCohort(table, cohorts));
        return measuring(plan, answers, slices, { pod, scrapeSeconds: this.scrapeSeconds });
      }),
    );
    const measured = slices.map((_, slice) => meters.map((measure) => measure(slice)));

    // A counter that nobody reads stands still, too: where nothing moved, ask when the newest samples were taken.
    const suspects = suspectsIn(measured, plans);
    if (suspects.length === 0) return measured;
    const still = suspects.map((suspect) => suspect.still);
    const table = await reader.read(freshnessQuery(still, cohorts), moments.ends, signal);
    return markStale(measured, suspects, { table, cohorts, oldestSeconds: 2 * this.scrapeSeconds + secondsOf(slices) });
  }
}

type Ask = (plan: MetricPlan, query: string) => Promise<SeriesTable>;

/** Metrics that need the same series share one question. */
function askingOnce(ask: Ask): Ask {
  const asked = new Map<string, Promise<SeriesTable>>();
  return (plan, query) => {
    const key = `${plan.at} ${query}`;
    const table = asked.get(key) ?? ask(plan, query);
    asked.set(key, table);
    return table;
  };
}
