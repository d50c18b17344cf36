import { Injectable } from '@nestjs/common';
import { InvalidRequestError, type Run, type Verdict } from '../../../domain/index.js';
import { LookStore, RunStore } from '../../../storage/index.js';
import { type LabelMatcher } from './facade-question.js';
import { isSelected, labelsOf, sameQuestion } from './run-series.js';

/** How long a run that has ended is still shown: a rollout may go on for hours after its verdict. */
const shownForMs = 24 * 3_600_000;

const newestRuns = 250;
const runsInRange = 50;

/** A verdict and since when it stood; null before the first look. */
export interface Standing {
  readonly at: number;
  readonly verdict: Verdict | null;
}

/** Which runs a question is about. */
@Injectable()
export class FacadeRuns {
  constructor(
    private readonly runs: RunStore,
    private readonly looks: LookStore,
  ) {}

  /** The newest run of each application and template, as of `at` (milliseconds): Argo reads the first result, Flagger the last. */
  async newest(matchers: readonly LabelMatcher[], at: number): Promise<Run[]> {
    const known = await this.within(matchers, at, at);
    return [...new Map(known.map((run) => [sameQuestion(run), run])).values()];
  }

  /** Every run that was shown at some time from `from` to `to`, oldest first. */
  async within(matchers: readonly LabelMatcher[], from: number, to: number): Promise<Run[]> {
    const template = matchers.find(({ label }) => label === 'template')?.exactly ?? undefined;
    const one = matchers.find(({ label }) => label === 'run')?.exactly ?? null;
    const lists =
      one === null ? [await this.runs.running(), (await this.runs.list({ limit: newestRuns, cursor: null, template })).runs] : [];
    const named = one === null ? null : await this.runs.find(one);
    const all = new Map([...lists.flat(), ...(named ? [named] : [])].map((run) => [run.id, run]));
    const aboutRuns = matchers.filter(({ label }) => !aboutOneSeries.includes(label));
    return [...all.values()]
      .filter((run) => run.createdAt.getTime() <= to && shownUntil(run) >= from && isSelected(labelsOf(run), aboutRuns))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** The verdicts of a run in their order, beginning with none. */
  async standings(run: Run): Promise<Standing[]> {
    const looks = await this.looks.looks(run.id);
    return [{ at: run.createdAt.getTime(), verdict: null }, ...looks.map(({ at, verdict }) => ({ at: at.getTime(), verdict }))];
  }
}

const aboutOneSeries: readonly string[] = ['__name__', 'metric', 'claim'];

export const shownUntil = ({ finishedAt }: Run): number =>
  finishedAt === null ? Number.POSITIVE_INFINITY : finishedAt.getTime() + shownForMs;

/** @throws {InvalidRequestError} reading so many histories would keep others waiting */
export function refuseTooMany(runs: readonly Run[]): void {
  if (runs.length > runsInRange)
    throw new InvalidRequestError(`${runs.length} runs are in this range, at most ${runsInRange} can be shown: name template, app or run`);
}
