import type { WorkedRun } from '../worked-run.js';
import { at, line, path, picture, rectangle, type SeriesName, text } from './svg.js';

const [panelWidth, gap, left, top, bottom] = [360, 60, 76, 104, 420];
/** powers of ten that are shown */
const [lowest, highest] = [-3, 3];
const thresholds = [
  { value: 100, name: 'rollback at 100', of: 'threshold' },
  { value: 20, name: 'promote at 20', of: 'z-test' },
] as const;
const names: Readonly<Record<'harm' | 'safe', SeriesName>> = { harm: 'threshold', safe: 'z-test' };

const y = (powerOfTen: number): number => {
  const share = (Math.min(highest, Math.max(lowest, powerOfTen)) - lowest) / (highest - lowest);
  return bottom - share * (bottom - top);
};

/** Evidence of harm and of safety, look by look, of a healthy run and of one with harm. */
export function evidenceOverTime(runs: readonly WorkedRun[]): string {
  const longest = Math.max(1, ...runs.map(({ harm }) => harm.length));
  const parts = [
    line(24, 54, 46, 54, `${names.harm} line`),
    text(54, 58, 'E of harm: against "the canary is within its margin"', 'small'),
    line(424, 54, 446, 54, `${names.safe} line`),
    text(454, 58, 'E of safety: against "the canary is beyond its margin"', 'small'),
    ...runs.flatMap((run, index) => panel(run, left + index * (panelWidth + gap), longest)),
    text(24, (top + bottom) / 2, 'evidence E (log scale)', '', 'middle', true),
    text(left + panelWidth + gap / 2, bottom + 40, 'minutes since the start of the run', '', 'middle'),
  ];
  return picture({ width: left + 2 * panelWidth + gap + 24, height: bottom + 56 }, 'Evidence, look by look', descriptionOf(runs), parts);
}

function panel(run: WorkedRun, from: number, longest: number): string[] {
  const minutes = (looks: number): number => (looks * run.windowSeconds) / 60;
  const last = Math.ceil(minutes(longest) / 5) * 5;
  const x = (looks: number): number => from + (minutes(looks) / last) * panelWidth;
  const course = (values: readonly number[]): (readonly [number, number])[] => [
    [from, y(0)],
    ...values.map((value, index) => [x(index + 1), y(value / Math.LN10)] as const),
  ];
  const tens = Array.from({ length: highest - lowest + 1 }, (_, index) => lowest + index);
  const ticks = Array.from({ length: last / 5 + 1 }, (_, index) => 5 * index);
  const deciding = run.decision === 'rollback' ? run.harm : run.safe;
  const end = run.decided === null ? [] : [[x(run.decided), y((deciding.at(-1) ?? 0) / Math.LN10)] as const];
  return [
    text(from + panelWidth / 2, top - 12, `${titleOf(run)}`, '', 'middle'),
    ...tens.map((ten) => line(from, y(ten), from + panelWidth, y(ten), 'grid')),
    ...tens.map((ten) => text(from - 6, y(ten) + 4, ten >= 0 ? String(10 ** ten) : `1/${10 ** -ten}`, 'small', 'end')),
    ...ticks.map((tick) => text(from + (tick / last) * panelWidth, bottom + 18, String(tick), 'small', 'middle')),
    ...thresholds.flatMap(({ value, name, of }) => [
      line(from, y(Math.log10(value)), from + panelWidth, y(Math.log10(value)), `${of} bar`),
      text(from + 8, y(Math.log10(value)) - 5, name, 'small'),
    ]),
    path(course(run.harm), `${names.harm} line`),
    path(course(run.safe), `${names.safe} line`),
    ...end.map(([ex, ey]) => `<circle class="assay open" cx="${at(ex)}" cy="${at(ey)}" r="7"/>`),
    ...end.map(([ex, ey]) =>
      text(ex + (ex > from + panelWidth - 90 ? -12 : 12), ey - 12, run.decision, 'small', ex > from + panelWidth - 90 ? 'end' : 'start'),
    ),
    rectangle(from, top, panelWidth, bottom - top, 'frame'),
  ];
}

const titleOf = ({ name }: WorkedRun): string => (name.startsWith('A/A') ? 'as healthy as its baseline' : "twice the baseline's errors");

function descriptionOf(runs: readonly WorkedRun[]): string {
  const said = runs.map((run) => {
    const when =
      run.decided === null ? 'no verdict within the hour' : `${run.decision} after ${(run.decided * run.windowSeconds) / 60} minutes`;
    const end = `E of harm ${Math.exp(run.harm.at(-1) ?? 0).toPrecision(2)}, E of safety ${Math.exp(run.safe.at(-1) ?? 0).toPrecision(2)}`;
    return `A canary ${titleOf(run)}: ${when}, with ${end}`;
  });
  return `Evidence of one run each against the minutes since its start. A margin of 25 % + 0.1 points; rollback at E = 100 of harm, promote at E = 20 of safety. ${said.join('. ')}.`;
}
