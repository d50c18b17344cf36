import type { Matchers } from './cohort.js';
import type { Metric, Selection, Template } from './template.js';

/** What ingest must keep so that every template can be answered: nothing else is stored. */
export interface RecordingPlan {
  /** length of a pushed window: divides the window of every template */
  readonly windowMs: number;
  /** how long after its end a window stays open */
  readonly latenessMs: number;
  /** attributes that tell cells apart */
  readonly attributes: readonly string[];
  /** numeric span attributes whose values are kept as histograms */
  readonly values: readonly string[];
  /** attributes by which templates tell cohorts apart: limits are by cohort; absent: service.version */
  readonly cohorts?: readonly string[];
  /** services that templates and runs name: they have room whoever else sends; absent: none */
  readonly services?: readonly string[];
  /** log records are counted; absent: no template reads them, and they are accepted and not kept */
  readonly logs?: true;
}

/** Kept whatever the templates say: they name the service and the slices in which harm is looked for. */
const alwaysKept = ['service.name', 'kind', 'status', 'http.route'];

/**
 * The plan that serves all these templates at once.
 *
 * @returns windows of 15 s and 5 s of lateness where no template reads pushed telemetry
 */
export function planRecording(templates: readonly Template[]): RecordingPlan {
  const pushed = templates.filter((template) => template.metrics.some((metric) => metric.source !== 'prometheus'));
  const attributes = new Set(alwaysKept);
  const values = new Set<string>();
  const services = new Set<string>();
  for (const template of pushed) {
    attributes.add(template.cohorts.by);
    if (template.cohorts.pod) attributes.add(template.cohorts.pod);
    for (const { attribute } of template.cohorts.baseline?.control ?? []) attributes.add(attribute);
    if (template.guards?.mix) attributes.add(template.guards.mix.by);
    if (template.metrics.some(({ source }) => source === 'logs')) attributes.add('severity');
    for (const metric of template.metrics) {
      for (const { attribute, operator, value } of selectionsOf(metric).flatMap(matchersOf)) {
        attributes.add(attribute);
        if (attribute === 'service.name' && operator === '=') services.add(value);
      }
      if ('value' in metric && metric.source === 'traces' && metric.value !== 'duration') values.add(metric.value);
    }
  }
  const windows = pushed.map((template) => Math.round(template.schedule.windowSeconds * 1000));
  const lateness = pushed.map((template) => template.schedule.latenessSeconds * 1000);
  return {
    windowMs: windows.length > 0 ? windows.reduce(greatestCommonDivisor) : 15_000,
    latenessMs: lateness.length > 0 ? Math.max(...lateness) : 5_000,
    attributes: [...attributes].sort(),
    values: [...values].sort(),
    ...(pushed.length > 0 ? { cohorts: [...new Set(pushed.map(({ cohorts }) => cohorts.by))].sort() } : {}),
    ...(services.size > 0 ? { services: [...services].sort() } : {}),
    ...(pushed.some(({ metrics }) => metrics.some(({ source }) => source === 'logs')) ? { logs: true } : {}),
  };
}

/** The selections a metric reads. */
export function selectionsOf(metric: Metric): Selection[] {
  switch (metric.kind) {
    case 'proportion':
      return [metric.events, metric.of];
    case 'rate':
      return metric.per === 'second' ? [metric.events] : [metric.events, metric.per];
    case 'percentiles':
    case 'mean':
    case 'gauge':
      return [metric.of];
  }
}

const matchersOf = (selection: Selection): Matchers => (selection.type === 'pushed' ? selection.matchers : []);

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));
