import type { JudgeRule, KayentaRule } from '../domain/index.js';
import { type Field, Fields, lastKey } from './fields.js';
import type { Findings } from './findings.js';
import { number, oneOf } from './readers.js';
import { pathOf, printable } from './yaml-tree.js';

const judges = ['evidence', 'kayenta', 'fixed-horizon'] as const;
type JudgeName = (typeof judges)[number];

/** As Spinnaker fills them in. */
const defaultPass = 75;
const defaultMarginal = 50;

/** `judge: kayenta`, or a mapping with its options. Undefined: evidence decides that holds at every look. */
export function readJudge(field: Field | null, findings: Findings): JudgeRule | undefined {
  if (field === null) return undefined;
  if (field.node.kind !== 'map') return judgeOf(oneOf(judges)(field, findings), null);
  const fields = new Fields(field.node, field.path, field.keyAt, findings);
  const name = fields.required('kind', oneOf(judges), undefined, 'kind: kayenta');
  const judge = judgeOf(name, fields);
  if (name !== undefined) fields.done();
  return judge;
}

function judgeOf(name: JudgeName | undefined, fields: Fields | null): JudgeRule | undefined {
  if (name === 'kayenta') return readKayenta(fields);
  return name === 'fixed-horizon' ? { kind: name } : undefined;
}

function readKayenta(fields: Fields | null): KayentaRule {
  const percent = number({ min: 0, max: 100 });
  const pass = fields?.optional('pass', percent, defaultPass) ?? defaultPass;
  const marginal = fields?.optional('marginal', percent, Math.min(pass, defaultMarginal)) ?? defaultMarginal;
  const decide = fields?.optional('decide', oneOf(['at-deadline', 'at-every-look'] as const), 'at-deadline') ?? 'at-deadline';
  const groups = fields ? readGroups(fields) : null;
  if (fields && marginal > pass) {
    const message = `'marginal' is ${marginal}, above 'pass' at ${pass}: a score between them would be both`;
    const repair = `write marginal: ${Math.min(pass, defaultMarginal)}`;
    fields.findings.error({
      code: 'marginal-above-pass',
      message,
      repair,
      path: `${fields.path}.marginal`,
      at: fields.placeOf('marginal'),
    });
  }
  if (fields && decide === 'at-every-look') {
    fields.findings.warning({
      code: 'not-valid-under-peeking',
      message: "Kayenta's test is made for one look: judged at every look it rolls back healthy canaries far more often than it says",
      repair: 'write decide: at-deadline, or leave the judge out for evidence that holds at every look',
      path: `${fields.path}.decide`,
      at: fields.placeOf('decide'),
    });
  }
  return { kind: 'kayenta', pass, marginal, decide, groups };
}

/** Per cent of the score by group. */
function readGroups(judge: Fields): KayentaRule['groups'] {
  const field = judge.take('groups');
  if (field === null) return null;
  const { findings } = judge;
  if (field.node.kind !== 'map') {
    const message = `'${lastKey(field.path)}' must be a mapping of groups to their per cent of the score`;
    findings.error({
      code: 'wrong-type',
      message,
      repair: 'write groups: { errors: 60, latency: 40 }',
      path: field.path,
      at: field.node.at,
    });
    return null;
  }
  const weights = [...field.node.entries.values()].map(({ key, keyAt, value }): [string, number] => [
    key,
    number({ min: 0, max: 100 })({ node: value, path: pathOf(field.path, key), keyAt }, findings) ?? 0,
  ]);
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  if (sum > 100) {
    const message = `the groups have ${sum} per cent of the score together`;
    findings.error({ code: 'group-weights', message, repair: 'lower them to 100 at most', path: field.path, at: field.keyAt });
  }
  return Object.fromEntries(weights);
}

/** Reports groups that no metric is in, and weights that no release could pass with. */
export function checkGroups(judge: KayentaRule, named: ReadonlySet<string>, spec: Fields): void {
  const weights = judge.groups ?? {};
  const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
  if (judge.groups && sum < 100 && [...named].every((group) => Object.hasOwn(weights, group))) {
    const message = `the groups have ${sum} per cent of the score together, and no metric is in another group: no score is higher`;
    const path = `${spec.path}.judge.groups`;
    spec.findings.error({ code: 'group-weights', message, repair: 'raise them to 100 together', path, at: spec.placeOf('judge') });
  }
  for (const group of Object.keys(judge.groups ?? {})) {
    if (named.has(group)) continue;
    spec.findings.error({
      code: 'unknown-group',
      message: `no metric is in the group '${printable(group)}'`,
      repair: `write kayenta: { groups: [${printable(group)}] } at its metrics, or remove it`,
      path: pathOf(`${spec.path}.judge.groups`, group),
      at: spec.placeOf('judge'),
    });
  }
}
