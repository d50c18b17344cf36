import type { ClassicTest, JudgeRule, KayentaOptions, Metric } from '../domain/index.js';
import { asFields, asList, type Field, type Fields } from './fields.js';
import { number, oneOf, text } from './readers.js';

/** What a metric says to a judge that decides once. */
export type JudgedOnceOptions = Pick<Metric, 'kayenta' | 'test'>;

type Kind = Metric['kind'];

const onWindows = ['mann-whitney', 'welch', 'kolmogorov-smirnov'] as const;

/** The tests that each kind has data for; the first is what holds without `test`. */
const testsOf: Readonly<Record<Kind, readonly [ClassicTest, ...ClassicTest[]]>> = {
  proportion: ['two-proportion', 'fisher', 'beta-binomial', ...onWindows],
  percentiles: ['bootstrap', ...onWindows],
  rate: ['mann-whitney', 'welch', 'kolmogorov-smirnov'],
  mean: ['welch', 'mann-whitney', 'kolmogorov-smirnov'],
  gauge: ['mann-whitney', 'welch', 'kolmogorov-smirnov'],
};
const allTests = [...new Set(Object.values(testsOf).flat())];

/** The keys `kayenta` and `test` of a metric, each read by its judge and a warning for any other. */
export function readJudgedOnce(fields: Fields, kind: Kind, judge: JudgeRule | undefined): JudgedOnceOptions {
  const [kayentaField, testField] = [fields.take('kayenta'), fields.take('test')];
  if (kayentaField && judge?.kind !== 'kayenta') warnOfIgnored(kayentaField, fields, 'kayenta', 'kayenta');
  if (testField && judge?.kind !== 'fixed-horizon') warnOfIgnored(testField, fields, 'test', 'fixed-horizon');
  if (judge?.kind === 'fixed-horizon') return { test: readTest(testField, fields, kind) };
  const options = judge?.kind === 'kayenta' && kayentaField ? readKayentaOptions(kayentaField, fields) : undefined;
  return options ? { kayenta: options } : {};
}

function warnOfIgnored(field: Field, { findings }: Fields, key: string, judge: JudgeRule['kind']): void {
  const message = `'${key}' means nothing without 'judge: ${judge}'`;
  findings.warning({
    code: 'ignored-key',
    message,
    repair: `remove '${key}', or write 'judge: ${judge}' below spec`,
    path: field.path,
    at: field.keyAt,
  });
}

function readTest(field: Field | null, { findings }: Fields, kind: Kind): ClassicTest {
  const [usual, ...others] = testsOf[kind];
  if (field === null) return usual;
  const test = oneOf(allTests)(field, findings) ?? usual;
  if (test === usual || others.includes(test)) return test;
  const message = `${test} cannot test ${kind === 'proportion' || kind === 'percentiles' ? kind : `a ${kind}`}`;
  const repair = `use one of: ${[usual, ...others].join(', ')}`;
  findings.error({ code: 'test-not-for-kind', message, repair, path: field.path, at: field.node.at });
  return usual;
}

function readKayentaOptions(field: Field, { findings }: Fields): KayentaOptions | undefined {
  const fields = asFields(field, findings);
  if (fields === undefined) return undefined;
  const effect = number({ above: 0, max: 1000 });
  const options = {
    nanStrategy: fields.optional('nanStrategy', oneOf(['remove', 'replace'] as const), undefined),
    outlierStrategy: fields.optional('outliers', oneOf(['keep', 'remove'] as const), undefined),
    outlierFactor: fields.optional('outlierFactor', number({ above: 0, max: 1000 }), undefined),
    effectMeasure: fields.optional('effectSize', oneOf(['meanRatio', 'cles'] as const), undefined),
    allowedIncrease: fields.optional('allowedIncrease', effect, undefined),
    allowedDecrease: fields.optional('allowedDecrease', effect, undefined),
    criticalIncrease: fields.optional('criticalIncrease', effect, undefined),
    criticalDecrease: fields.optional('criticalDecrease', effect, undefined),
    groups: readGroupNames(fields),
  };
  fields.done();
  checkEffects(options, fields);
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** One name or a list of them. */
function readGroupNames(fields: Fields): readonly string[] | undefined {
  const field = fields.take('groups');
  if (field === null) return undefined;
  const items = field.node.kind === 'scalar' ? [field] : (asList(field, fields.findings) ?? []);
  const names = items.flatMap((item) => text(63)(item, fields.findings) ?? []);
  return names.length > 0 ? names : undefined;
}

type EffectKey = 'allowedIncrease' | 'allowedDecrease' | 'criticalIncrease' | 'criticalDecrease';
type ReadEffects = Readonly<Record<EffectKey, number | undefined>> & {
  readonly effectMeasure: KayentaOptions['effectMeasure'] | undefined;
};

/** What counts as an increase is above no change, and as a decrease below it. */
function checkEffects(options: ReadEffects, fields: Fields): void {
  const none = options.effectMeasure === 'cles' ? 0.5 : 1;
  const report = (key: EffectKey, wrong: boolean, repair: string): void => {
    if (!wrong) return;
    const message = `'${key}' is ${options[key]}, and no change is ${none} on the scale of ${options.effectMeasure ?? 'meanRatio'}`;
    fields.findings.error({ code: 'effect-on-wrong-side', message, repair, path: `${fields.path}.${key}`, at: fields.placeOf(key) });
  };
  for (const key of ['allowedIncrease', 'criticalIncrease'] as const)
    report(key, (options[key] ?? none) < none, `write ${none} or more: 1.2 is 20 % more`);
  for (const key of ['allowedDecrease', 'criticalDecrease'] as const)
    report(key, (options[key] ?? none) > none, `write ${none} or less: 0.8 is 20 % less`);
}
