import type { Matcher, Matchers } from '../domain/index.js';
import { type Field, type Reader, wrongType } from './fields.js';
import type { Findings } from './findings.js';
import { attributeName, text } from './readers.js';

const example = 'control: { region: us }';

/** Who got no release: attributes with their values, or a value of the attribute that tells the sides apart. */
export const controlOf =
  (by: string): Reader<Matchers> =>
  (field, findings) => {
    const { node, path } = field;
    if (node.kind === 'list' || (node.kind === 'map' && node.entries.size === 0)) {
      wrongType(field, findings, 'attributes with their values', `write ${example}`);
      return undefined;
    }
    if (node.kind === 'scalar') return matcher(by, field, findings);
    const matchers = [...node.entries.values()].flatMap(({ key, keyAt, value }) => {
      const name: Field = { node: { kind: 'scalar', at: keyAt, value: key, text: key, placeOf: () => keyAt }, path, keyAt };
      const attribute = attributeName(name, findings);
      return attribute === undefined ? [] : (matcher(attribute, { node: value, path: `${path}.${key}`, keyAt }, findings) ?? []);
    });
    return matchers.length > 0 ? matchers : undefined;
  };

function matcher(attribute: string, field: Field, findings: Findings): Matcher[] | undefined {
  const value = text(1024)(field, findings);
  if (value === undefined) return undefined;
  const { path, node } = field;
  if (value.includes('${')) {
    const message = 'cohorts are fixed in the text of a template';
    findings.error({ code: 'argument-not-allowed', message, repair: `write the value out: ${example}`, path, at: node.at });
    return undefined;
  }
  if (value !== '') return [{ attribute, operator: '=', value }];
  findings.error({
    code: 'invalid-value',
    message: 'a control needs a value that is not empty',
    repair: `write ${example}`,
    path,
    at: node.at,
  });
  return undefined;
}
