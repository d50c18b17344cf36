import { type Bound, type ConditionMeaning, readCondition } from '../condition/read-condition.js';
import type { DeclaredArgument } from '../foreign-arguments.js';
import type { ForeignValue } from '../foreign-value.js';
import { argoText } from './argo-text.js';

interface Bounds {
  readonly bounds: readonly Bound[];
  /** why the metric cannot be moved; null: it can */
  readonly left: string | null;
}

/** What the two conditions ask. Where they do not meet, Argo is inconclusive between them: success is what counts here. */
export function readBounds(metric: ForeignValue, declared: readonly DeclaredArgument[]): Bounds {
  const [success, failure] = [metric.get('successCondition'), metric.get('failureCondition')];
  const wanted = success && readOne(success, readCondition(argoText(success.text)), declared);
  const refused = failure && readOne(failure, readCondition(`!(${argoText(failure.text)})`), declared);
  if (wanted !== null) {
    if (failure && refused) failure.changed(...besideSuccess(wanted, refused));
    return { bounds: wanted, left: null };
  }
  if (refused !== null) return { bounds: refused, left: null };
  const isSaid = success !== null || failure !== null;
  return { bounds: [], left: isSaid ? 'its condition is no limit of one number' : null };
}

function besideSuccess(wanted: readonly Bound[], refused: readonly Bound[]): [string, string, string] {
  const isSame = refused.every((bound) => wanted.some(({ side, value }) => side === bound.side && sameValue(value, bound.value)));
  if (isSame) return ['same-limit', "'failureCondition' is the opposite of 'successCondition'", 'one limit says both'];
  return [
    'two-limits',
    'between success and failure Argo is inconclusive; a limit has one value, and here it is that of success',
    'a canary between the two is rolled back only once that is proven',
  ];
}

const sameValue = (a: Bound['value'], b: Bound['value']): boolean =>
  typeof a === 'number' || typeof b === 'number' ? a === b : a.argument === b.argument;

/** @param meaning  what must hold for Argo to go on; null: a limit cannot say it, and then it is named */
function readOne(field: ForeignValue, meaning: ConditionMeaning | null, declared: readonly DeclaredArgument[]): readonly Bound[] | null {
  if (meaning === null) {
    field.undecided(
      'condition-not-a-limit',
      `'${field.inWords}' is no limit of one number`,
      'say in a metric how much harm is accepted: limit, or margin against the baseline',
    );
    return null;
  }
  sayNoData(field, meaning);
  if (meaning.bounds.some(({ side, value }) => side === 'max' && value === 0))
    field.remark('decide', {
      code: 'zero-tolerance',
      message: `'${field.inWords}' accepts not a single one: with enough traffic every release fails, as good as the one before it or not`,
      repair: "accept a little, or compare with the baseline: 'margin'",
    });
  const unknown = meaning.bounds.find(({ value }) => typeof value !== 'number' && !hasNumber(value.argument, declared))?.value;
  if (unknown === undefined || typeof unknown === 'number') return meaning.bounds;
  field.remark('decide', {
    code: 'limit-needs-default',
    message: `'${unknown.argument}' is the limit, and has no number as its value here`,
    repair: "give the argument a 'value' in the AnalysisTemplate and import again",
  });
  return null;
}

function sayNoData(field: ForeignValue, { passesWithoutData, failsWithoutData }: ConditionMeaning): void {
  if (passesWithoutData)
    field.changed(
      'masked-missing-data',
      `'${field.inWords}': no data passes`,
      "here it is hold; 'onNoData: ignore' on a metric that is not critical leaves it out",
    );
  else if (failsWithoutData)
    field.changed('no-data-holds', `'${field.inWords}': no data fails`, "here it is hold; write 'onNoData: fail' for that");
  else field.moved('limit');
}

function hasNumber(name: string, declared: readonly DeclaredArgument[]): boolean {
  const value = declared.find((each) => each.name === name)?.value ?? '';
  return value.trim() !== '' && Number.isFinite(Number(value));
}
