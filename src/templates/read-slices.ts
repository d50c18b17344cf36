import { asFields, asList, type Field } from './fields.js';
import type { Findings } from './findings.js';
import { attributeName, integer, text } from './readers.js';
import { printable } from './yaml-tree.js';

const mostSlices = 20;

/** The parts of a metric that are also judged by themselves. */
export interface Slices {
  /** attribute or label that tells them apart */
  readonly by: string;
  /** one part each; fixed in the text, so that the error budget is shared before any of them is seen */
  readonly values: readonly string[];
  /** observations of each cohort below which a slice is left out; null: the template's `minSamples` */
  readonly min: number | null;
  readonly field: Field;
}

/** Null where nothing is written, or where it is wrong, with a finding. */
export function readSlices(field: Field | null, findings: Findings): Slices | null {
  const fields = field && asFields(field, findings);
  if (!field || !fields) return null;
  const by = fields.required('by', attributeName, '', 'by: http.route');
  const values = fields.required('values', sliceValues, [], 'values: [/cart, /checkout]');
  const min = fields.optional('min', integer({ min: 1, max: 1e9 }), null);
  fields.done();
  return by === '' || values.length === 0 ? null : { by, values, min, field };
}

function sliceValues(field: Field, findings: Findings): readonly string[] | undefined {
  const items = asList(field, findings);
  if (items === undefined) return undefined;
  if (items.length === 0 || items.length > mostSlices) {
    const message = `there are ${items.length} slices; 1 to ${mostSlices} are read`;
    const repair = 'name those that matter: the whole metric is judged anyway';
    findings.error({ code: 'out-of-range', message, repair, path: field.path, at: field.keyAt });
    return undefined;
  }
  const seen = new Set<string>();
  for (const item of items) {
    const value = sliceValue(item, findings);
    if (value === undefined) return undefined;
    if (seen.has(value)) {
      const message = `the slice '${printable(value)}' stands twice`;
      findings.error({ code: 'invalid-value', message, repair: 'remove one of them', path: item.path, at: item.node.at });
      return undefined;
    }
    seen.add(value);
  }
  return [...seen];
}

function sliceValue(field: Field, findings: Findings): string | undefined {
  const value = text(255)(field, findings);
  if (value === undefined || !value.includes('${')) return value;
  const message = 'an argument cannot fill in the value of a slice';
  const repair = 'write the values out: what is judged by itself is fixed before the data';
  findings.error({ code: 'argument-not-allowed', message, repair, path: field.path, at: field.node.at });
  return undefined;
}
