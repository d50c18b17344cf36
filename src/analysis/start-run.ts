import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Cohorts, InvalidRequestError, type Matchers, type Run, type Template } from '../domain/index.js';
import { newRunId } from '../storage/index.js';
import { argumentValues, resolveArguments, TemplateCatalog } from '../templates/index.js';
import { VerdictRecorder } from '../verdicts/index.js';
import { anybody } from './reference-periods.js';
import { alignedStart } from './window-slices.js';

/** One side of a run: a value of the template's `cohorts.by`, or attribute → value. */
export type CohortChoice = string | Readonly<Record<string, string>>;

export interface StartRunRequest {
  readonly template: string;
  readonly arguments: Readonly<Record<string, string | number | boolean>>;
  /** null where the template's baseline is earlier: whoever served then */
  readonly baseline: CohortChoice | null;
  readonly canary: CohortChoice;
  /** declared share of the canary's traffic, in (0, 1]; null: not declared */
  readonly weight: number | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly idempotencyKey: string | null;
  /** both in the past make the run retrospective; `from` alone starts a live run there */
  readonly from: Date | null;
  readonly to: Date | null;
  readonly rerunOf?: string | null;
}

const ownLabels = 'assay.';

/** On every run of a group: its id. */
export const groupLabel = `${ownLabels}group`;

/** Creates a run once: the same idempotency key, or the same open template, arguments and canary, gives the run that exists. */
@Injectable()
export class StartRun {
  constructor(
    private readonly catalog: TemplateCatalog,
    private readonly verdicts: VerdictRecorder,
  ) {}

  /** @throws {InvalidRequestError} with everything that is wrong; NotFoundError for an unknown template; ConflictError for a reused key */
  async execute(request: StartRunRequest, now: Date): Promise<{ run: Run; created: boolean }> {
    const { template, given } = this.resolve(request);
    const asked = { ...request, arguments: given };
    return this.start(template, asked, now, asked);
  }

  /** The template of a request with its arguments filled in. */
  resolve({ template, arguments: values, labels }: Omit<StartRunRequest, 'canary'>): { template: Template; given: Record<string, string> } {
    const own = Object.keys(labels).find((label) => label.startsWith(ownLabels));
    if (own !== undefined)
      throw new InvalidRequestError(`the label '${own}' is Assay's own: choose a name that does not begin with '${ownLabels}'`);
    const found = this.catalog.find(template);
    const given = argumentValues(found, values);
    return { template: resolveArguments(found, given), given };
  }

  /**
   * Starts a run on a template whose arguments are filled in already: a rerun keeps the text it was pinned to.
   *
   * @param asked  what an idempotency key stands for
   */
  async start(template: Template, request: StartRunRequest, now: Date, asked: object): Promise<{ run: Run; created: boolean }> {
    const run = newRun(template, request, now);
    return this.verdicts.start(run, { idempotencyKey: request.idempotencyKey, requestHash: hashOf(asked), openKey: openKeyOf(run) });
  }
}

/** A run as it will be stored: cohorts, range and first phase worked out, nothing looked at yet. */
export function newRun(template: Template, request: StartRunRequest, now: Date): Run {
  const cohorts = cohortsOf(template, request);
  const { windowSeconds } = template.schedule;
  const { from, to } = rangeOf(request, template, now);
  const start = alignedStart(from, windowSeconds);
  return {
    id: newRunId(now),
    mode: to === null ? 'live' : 'retrospective',
    state: 'running',
    template,
    arguments: Object.fromEntries(Object.entries(request.arguments).map(([name, value]) => [name, String(value)])),
    cohorts,
    names: { baseline: request.baseline === null ? 'before' : nameOf(request.baseline), canary: nameOf(request.canary) },
    labels: request.labels,
    phaseChanges: [{ at: start, weight: weightOf(request), phase: phaseOf(template, request.weight) }],
    createdAt: now,
    from: start,
    to,
    looks: 0,
    verdict: null,
    finishedAt: null,
    rerunOf: request.rerunOf ?? null,
  };
}

function rangeOf({ from, to }: StartRunRequest, template: Template, now: Date): { from: Date; to: Date | null } {
  if (to === null) return { from: from ?? now, to: null };
  if (from === null) throw new InvalidRequestError('`to` needs `from`: give both ends of the stretch to judge');
  if (to.getTime() > now.getTime()) throw new InvalidRequestError('`to` is in the future: leave it out for a live run');
  const windowMs = template.schedule.windowSeconds * 1000;
  if (to.getTime() - alignedStart(from, template.schedule.windowSeconds).getTime() < windowMs) {
    throw new InvalidRequestError(`\`from\` to \`to\` is shorter than one window of ${template.schedule.windowSeconds} s`);
  }
  return { from, to };
}

function cohortsOf(template: Template, { baseline, canary }: StartRunRequest): Cohorts {
  const earlier = template.cohorts.baseline;
  if (baseline === null && !earlier)
    throw new InvalidRequestError("`baseline` is missing: a value of the template's `cohorts.by`, or attributes");
  const cohorts = {
    baseline: baseline === null ? [anybody(template.cohorts)] : matchersOf(template, baseline),
    canary: matchersOf(template, canary),
  };
  if (!earlier) refuseOverlap(cohorts);
  return cohorts;
}

/** Telemetry that belongs to both sides could not be judged: they exclude each other where one attribute has two values. */
function refuseOverlap({ baseline, canary }: Cohorts): void {
  const inWords = (matchers: Matchers): string => matchers.map(({ attribute, value }) => `${attribute}=${value}`).join(', ');
  if (inWords(baseline) === inWords(canary)) throw new InvalidRequestError('baseline and canary are the same: there is nothing to compare');
  const valueIn = new Map(baseline.map(({ attribute, value }) => [attribute, value]));
  if (canary.some(({ attribute, value }) => valueIn.has(attribute) && valueIn.get(attribute) !== value)) return;
  throw new InvalidRequestError(
    `baseline and canary overlap: telemetry can be both ${inWords(baseline)} and ${inWords(canary)}; ` +
      'give both sides a value of the same attribute, and different ones',
  );
}

function matchersOf(template: Template, choice: CohortChoice): Matchers {
  const pairs = typeof choice === 'string' ? [[template.cohorts.by, choice] as const] : Object.entries(choice);
  if (pairs.length === 0 || pairs.some(([attribute, value]) => attribute === '' || value === '')) {
    throw new InvalidRequestError('a cohort needs at least one attribute with a value that is not empty');
  }
  return [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([attribute, value]) => ({ attribute, operator: '=', value }));
}

const nameOf = (choice: CohortChoice): string => (typeof choice === 'string' ? choice : Object.values(choice).join(' '));

function weightOf({ weight }: StartRunRequest): number | null {
  if (weight !== null && !(weight > 0 && weight <= 1))
    throw new InvalidRequestError(`weight is a share in (0, 1], got ${weight}; 5 % is 0.05`);
  return weight;
}

/** The phase whose weight this is: the first one that is not smaller; the last where the weight is not declared. */
export function phaseOf({ phases }: Template, weight: number | null): number {
  if (phases.length === 0) return 0;
  if (weight === null) return phases.length - 1; // not declared: the margins of the last phase, which nothing loosens
  const reached = phases.findIndex((phase) => phase.weight >= weight - 1e-9);
  return reached < 0 ? phases.length - 1 : reached;
}

const hashOf = (asked: object): string =>
  createHash('sha256')
    .update(JSON.stringify({ ...asked, idempotencyKey: null }))
    .digest('hex');

/** Two open live runs of this key would judge the same thing. Retrospective runs never collide. */
function openKeyOf(run: Run): string {
  if (run.mode === 'retrospective') return run.id;
  return createHash('sha256')
    .update(JSON.stringify([run.template.name, run.arguments, run.cohorts]))
    .digest('hex');
}
