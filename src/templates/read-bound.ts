import type { HarmDirection, Margin, Metric, NumberFromArgument } from '../domain/index.js';
import type { ArgumentUse } from './argument-use.js';
import { asFields, type Field, type Fields, wrongType } from './fields.js';
import type { Findings } from './findings.js';
import { quantity, readFilledNumber } from './quantity.js';
import type { Range } from './readers.js';

/** What the readers of limits and margins need to know of the metric. */
export interface BoundReading {
  readonly metric: string;
  readonly kind: Metric['kind'];
  readonly unit: string;
  readonly harm: HarmDirection;
  readonly findings: Findings;
  readonly use: ArgumentUse;
  /** numbers that arguments fill in; added to here */
  readonly filled: NumberFromArgument[];
  /** its judge knows no margin: none is needed */
  readonly isOptional?: boolean;
}

export interface Bound {
  readonly margin: Margin | null;
  readonly limit: number | null;
}

export const noMargin: Margin = { relative: 0, absolute: 0 };

/** Exactly one of `margin` (against the baseline) and `limit` (absolute). */
export function readBound(fields: Fields, reading: BoundReading): Bound {
  const marginField = fields.take('margin');
  const limitField = fields.take('limit');
  const margin = marginField && readMargin(marginField, reading);
  const limit = limitField && readLimit(limitField, reading);
  if (marginField && limitField) {
    reading.findings.error({
      code: 'margin-and-limit',
      message: `'${reading.metric}' has a margin and a limit`,
      repair: 'keep one of the two; for both, write two metrics',
      path: limitField.path,
      at: limitField.keyAt,
    });
  } else if (!marginField && !limitField && !reading.isOptional) {
    reading.findings.error({
      code: 'no-margin-or-limit',
      message: `'${reading.metric}' does not say how much harm is accepted`,
      repair: "add 'margin: { relative: 0.1 }' (against the baseline) or 'limit: …' (absolute)",
      path: fields.path,
      at: fields.at,
    });
  }
  return { margin: margin ?? null, limit: limit ?? null };
}

/** `10%` as the share that the linter accepts; anything else as it is. */
const shareOf = (text: string): string =>
  /^\d+(\.\d+)?\s*%$/.test(text) ? String(Number((Number.parseFloat(text) / 100).toPrecision(12))) : text;

/** Largest harm accepted against the baseline: at least one of `relative` and `absolute`. */
export function readMargin(field: Field, reading: BoundReading): Margin | null {
  const { node } = field;
  if (node.kind === 'scalar') {
    const amount = shareOf(node.text);
    const repair = `write margin: { relative: ${amount} } if a share of the baseline is meant, or { absolute: ${amount} }`;
    wrongType(field, reading.findings, 'a mapping', repair);
    return null;
  }
  const fields = asFields(field, reading.findings);
  if (fields === undefined) return null;
  if (!fields.has('relative') && !fields.has('absolute')) fields.missing('relative', 'relative: 0.1');
  const relative = readPart(fields, 'relative', reading);
  const absolute = readPart(fields, 'absolute', reading);
  fields.done();
  if (relative !== null && absolute !== null) warnOfMargin({ relative, absolute }, field, reading);
  return { relative: relative ?? 0, absolute: absolute ?? 0 };
}

/** Null where it is wrong, 0 where it is left out. */
function readPart(fields: Fields, part: 'relative' | 'absolute', reading: BoundReading): number | null {
  const field = fields.take(part);
  if (field === null) return 0;
  const absoluteRange = reading.unit === 'ratio' ? { min: 0, below: 1 } : { min: 0 };
  const [unit, range] = part === 'relative' ? (['ratio', { min: 0, max: 100 }] as const) : ([reading.unit, absoluteRange] as const);
  return readNumber(field, unit, range, `margin.${part}`, reading);
}

function readLimit(field: Field, reading: BoundReading): number | null {
  const { findings, harm, kind, unit } = reading;
  const range: Range = kind === 'proportion' ? { above: 0, below: 1 } : kind === 'gauge' || kind === 'mean' ? {} : { above: 0 };
  const limit = readNumber(field, unit, range, 'limit', reading);
  if (harm === 'either') {
    const message = 'a limit has one side, and harm is either';
    const repair = "say 'harm: increase' for an upper limit or 'harm: decrease' for a lower one";
    findings.error({ code: 'limit-without-side', message, repair, path: field.path, at: field.keyAt });
  }
  if (limit !== null && unit === 's' && limit >= 60 && field.node.kind === 'scalar' && typeof field.node.value === 'number') {
    const message = `the limit is ${limit} seconds`;
    const repair = `write ${limit}ms if milliseconds are meant, or ${limit}s to say that it is right`;
    findings.warning({ code: 'suspicious-limit', message, repair, path: field.path, at: field.node.at });
  }
  return limit;
}

function readNumber(field: Field, unit: string, range: Range, place: NumberFromArgument['place'], reading: BoundReading): number | null {
  const filled = readFilledNumber(field, unit, range, reading.use, reading.findings);
  if (filled === null) return quantity(unit, range)(field, reading.findings) ?? null;
  if (filled === undefined) return null;
  reading.filled.push({ argument: filled.argument, metric: reading.metric, place });
  return filled.value;
}

function warnOfMargin({ relative, absolute }: Margin, { path, keyAt }: Field, { findings, harm, kind, unit }: BoundReading): void {
  if (relative === 0 && absolute === 0) {
    const message = 'a margin of zero accepts no harm at all, so a canary as good as the baseline is never safe';
    findings.warning({ code: 'zero-margin', message, repair: 'accept a little: relative: 0.05', path, at: keyAt });
  } else if (absolute === 0 && harm !== 'decrease' && (kind === 'proportion' || kind === 'rate')) {
    const message = 'a purely relative margin cannot be shown while the baseline has no events: of nothing, any share is nothing';
    findings.warning({ code: 'relative-margin-only', message, repair: "add a small 'absolute', such as absolute: 0.001", path, at: keyAt });
  }
  const atMost = harm === 'increase' ? 5 : 1; // a decrease by all there is leaves nothing that could be harmful
  if (relative >= atMost || (unit === 'ratio' && absolute >= 0.5)) {
    const accepted = relative >= atMost ? `${trimmedPercent(relative)} of the baseline` : `${trimmedPercent(absolute)}`;
    const message = `the margin accepts harm of ${accepted}, so hardly any canary could be rolled back`;
    const part = relative >= atMost ? `relative: ${meantShare(relative)}` : `absolute: ${meantShare(absolute)}`;
    findings.warning({
      code: 'suspicious-margin',
      message,
      repair: `margins are shares: write ${part} if percent are meant`,
      path,
      at: keyAt,
    });
  }
}

const meantShare = (value: number): number => Number((value / 100).toPrecision(12));

const trimmedPercent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;
