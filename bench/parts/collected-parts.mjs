import { built } from './built.mjs';

const { WindowCollector } = await built('ingest/window-collector.js');
const { rowHeader } = await built('ingest/window-part.js');

const t0 = 1_700_000_010_000;
const [windowMs, buckets, services] = [15_000, 20, 4];
const plan = {
  windowMs,
  latenessMs: 5_000,
  attributes: ['http.route', 'k8s.pod.name', 'kind', 'service.name', 'service.version', 'status'],
  values: [],
};

/** Windows that are filled with parts of so many series, 20 buckets each, of four services. */
export class WindowCollectorOf {
  /** @param cohortCap  series that a cohort may have; the others share a cell */
  constructor(series, cohortCap) {
    this.limits = { maxSeries: 20_000, maxCohortSeries: cohortCap, maxAgeMs: 3_600_000 };
    this.first = partOf(series, 0);
    this.next = partOf(series, series);
    this.begin();
  }

  /** New windows, to which every series is known. */
  begin() {
    this.collector = new WindowCollector(plan, this.limits, t0);
    this.collector.merge(this.first, 0, t0);
  }

  merge() {
    this.collector.merge(this.next, 0, t0);
  }

  sum() {
    let sum = 0;
    const { rows } = this.next;
    for (let at = 0; at < rows.length; at++) sum += rows[at];
    return sum;
  }

  /** Milliseconds of the fastest of several closings of all windows. */
  closing() {
    let fastest = Infinity;
    for (let round = 0; round < 8; round++) {
      this.begin();
      const begun = performance.now();
      this.collector.close(t0 + 60_000, t0 + 60_000);
      fastest = Math.min(fastest, performance.now() - begun);
    }
    return fastest;
  }

  /** The shortest of several measurements of each step, and of these the longest. */
  longestStep() {
    const steps = [];
    for (let round = 0; round < 10; round++) {
      const merging = this.collector.mergeInSteps(this.next, 0, t0);
      for (let step = 0, isDone = false; !isDone; step++) {
        const begun = performance.now();
        isDone = merging.next().done;
        steps[step] = Math.min(steps[step] ?? Infinity, performance.now() - begun);
      }
    }
    return Math.max(...steps);
  }
}

function partOf(count, firstSeries) {
  const rows = new Float64Array(count * (rowHeader + buckets)).fill(1);
  for (let index = 0; index < count; index++) {
    rows.set([index, t0, t0 + windowMs, buckets, 1e9, 1.5, 0, -100 + (index % 5), buckets], index * (rowHeader + buckets));
  }
  return {
    asOf: t0,
    firstSeries,
    series: firstSeries === 0 ? Array.from({ length: count }, (_, index) => seriesOf(index)) : [],
    rows,
    exemplars: new Float64Array(0),
    logs: null,
    points: [],
    labels: [],
    accepted: count * buckets,
    refused: [],
    overflow: [],
  };
}

function seriesOf(index) {
  const service = `service-${index % services}`;
  return {
    service,
    attributes: {
      'http.route': `/api/v1/resource/${index}`,
      'k8s.pod.name': `pod-${index % 10}`,
      kind: 'server',
      'service.name': service,
      'service.version': index % 2 ? '1.42.0' : '1.41.0',
      status: index % 7 ? 'unset' : 'error',
    },
    instrument: null,
  };
}
