import type { EarlierBaseline, Metric, Schedule } from '../domain/index.js';
import { formatDuration } from './duration.js';
import type { Fields } from './fields.js';
import type { Place } from './findings.js';
import { controlOf } from './read-control.js';
import { boolean, duration, integer } from './readers.js';

const hour = 3600;
const day = 86_400;

/** A baseline from before the run, for a cut-over that leaves nothing to compare with. */
export function readEarlierBaseline(fields: Fields, by: string): EarlierBaseline {
  const baseline = {
    beforeSeconds: fields.required('before', duration({ min: hour, max: 7 * day }), day, 'before: 1d'),
    references: fields.required('references', integer({ min: 4, max: 12 }), 4, 'references: 4'),
    promote: fields.optional('promote', boolean, false),
  };
  const control = fields.optional('control', controlOf(by), null);
  fields.done();
  return control === null ? baseline : { ...baseline, control };
}

interface Around {
  readonly schedule: Schedule;
  readonly metrics: readonly Metric[];
  /** the mapping `spec` */
  readonly fields: Fields;
}

/** What a comparison with earlier days cannot do, and how long before the run it must reach. */
export function checkEarlierBaseline({ beforeSeconds, promote, control }: EarlierBaseline, { schedule, metrics, fields }: Around): void {
  const report = (way: readonly (string | number)[], code: string, message: string, repair: string): void =>
    fields.findings.error({ code, message, repair, ...placeAt(fields, way) });
  const { windowSeconds, deadlineSeconds, bakeSeconds, onDeadline } = schedule;
  const before = formatDuration(beforeSeconds);
  const toBefore = ['cohorts', 'baseline', 'before'];
  const longest = deadlineSeconds + 2 * bakeSeconds;
  if (beforeSeconds < longest) {
    const message = `a run may last ${formatDuration(longest)}, and would be its own baseline ${before} later`;
    report(toBefore, 'baseline-in-run', message, "write a longer 'before', or a shorter 'deadline'");
  }
  if (windowSeconds > 0 && beforeSeconds % windowSeconds !== 0) {
    const message = `${before} before is not a whole number of windows of ${formatDuration(windowSeconds)}`;
    report(toBefore, 'before-not-in-windows', message, "choose a 'window' that divides 'before', such as 15s");
  }
  if (onDeadline === 'promote-if-bounded') {
    const message = 'nothing bounds how much days differ anyhow, so that a comparison with earlier days is never bounded';
    report(['schedule', 'onDeadline'], 'observational-deadline', message, `write onDeadline: hold${promote ? ' or rollback' : ''}`);
  } else if (!promote && onDeadline !== 'hold') {
    const message = `a comparison with the past may not promote by itself, so that every run would reach its deadline and '${onDeadline}'`;
    report(['schedule', 'onDeadline'], 'observational-deadline', message, "write onDeadline: hold, or 'promote: true' beside 'before'");
  }
  for (const [index, { name, kind, margin }] of metrics.entries()) {
    if (margin === null) continue;
    const toMargin = ['metrics', index, 'margin'];
    if (!control && (kind === 'mean' || kind === 'gauge')) {
      const message = `'${name}' is a ${kind}, which cannot be compared with the past`;
      report(toMargin, 'not-judged-by-history', message, "give it a limit or a 'control', or measure a proportion, percentiles or a rate");
    }
    if (control && kind === 'percentiles') {
      const message = `'${name}' has percentiles, from which the change of a control cannot be taken off`;
      report(toMargin, 'not-judged-by-control', message, 'give it a limit, or measure the share of requests that take too long');
    }
  }
}

/** Where a value stands that was read already: its key, or the nearest one above it that is written. */
export function placeAt(spec: Fields, [first = '', ...way]: readonly (string | number)[]): { path: string; at: Place } {
  let [at, path, node] = [spec.placeOf(String(first)), `${spec.path}.${first}`, spec.take(String(first))?.node];
  for (const step of way) {
    path += typeof step === 'number' ? `[${step}]` : `.${step}`;
    const entry = node?.kind === 'map' ? node.entries.get(String(step)) : undefined;
    const item = node?.kind === 'list' ? node.items[Number(step)] : undefined;
    at = entry?.keyAt ?? item?.at ?? at;
    node = entry?.value ?? item;
  }
  return { path, at };
}
