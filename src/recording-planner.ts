import { Logger } from '@nestjs/common';
import { planRecording, type RecordingPlan, type Run, type Template } from './domain/index.js';
import { RunStore } from './storage/index.js';
import { TemplateCatalog } from './templates/index.js';
import { VerdictRecorder } from './verdicts/index.js';

/** New runs are looked for this often: any process may start one, with cohorts that no template names. */
const lookEveryMs = 1_000;

/** Attributes that only runs name; more are not recorded, so that callers cannot multiply series without end. */
const mostRunAttributes = 32;

/**
 * Keeps the plan of what ingest records: for every template of the catalogue, and for every open run with its cohorts.
 *
 * Nothing is dropped until the process ends: a template may leave the catalogue while a run is pinned to it.
 */
export class RecordingPlanner {
  private readonly log = new Logger(RecordingPlanner.name);
  private readonly templates = new Map<string, Template>();
  private readonly runAttributes = new Set<string>();
  private readonly known = new Set<string>();
  private handedOver = '';

  constructor(
    private readonly catalog: TemplateCatalog,
    private readonly runs: RunStore,
    /** tells of runs that this process starts; without it they are found after a while, as those of others are */
    private readonly verdicts: Pick<VerdictRecorder, 'onRecorded'> | null = null,
  ) {}

  get plan(): RecordingPlan {
    for (const template of this.catalog.all()) this.templates.set(template.hash, template);
    const plan = planRecording([...this.templates.values()]);
    return { ...plan, attributes: [...new Set([...plan.attributes, ...this.runAttributes])].sort() };
  }

  /** Hands over the plan now, and whenever the catalogue or the open runs ask for more. @returns a function that ends it */
  async keepUpToDate(use: (plan: RecordingPlan) => void): Promise<() => void> {
    for (const run of await this.runs.running()) this.learn(run);
    this.handOver(use);
    const forget = this.catalog.onChange(() => this.handOver(use));
    const timer = setInterval(() => void this.learnNewRuns(use), lookEveryMs);
    const unsubscribe = this.verdicts?.onRecorded((run) => this.learnNew([run], use));
    return () => {
      clearInterval(timer);
      unsubscribe?.();
      forget();
    };
  }

  private async learnNewRuns(use: (plan: RecordingPlan) => void): Promise<void> {
    try {
      const unknown = (await this.runs.standing()).filter(({ id }) => !this.known.has(id));
      const runs = await Promise.all(unknown.map(({ id }) => this.runs.find(id)));
      this.learnNew(
        runs.filter((run) => run !== null),
        use,
      );
    } catch (error) {
      this.log.warn(`new runs could not be read, trying again: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private learnNew(runs: readonly Run[], use: (plan: RecordingPlan) => void): void {
    const unknown = runs.filter(({ id }) => !this.known.has(id));
    for (const run of unknown) this.learn(run);
    if (unknown.length > 0) this.handOver(use);
  }

  private learn({ id, template, cohorts }: Run): void {
    this.known.add(id);
    this.templates.set(`resolved ${template.hash}`, template);
    for (const { attribute } of [...cohorts.baseline, ...cohorts.canary]) {
      if (this.runAttributes.size < mostRunAttributes) this.runAttributes.add(attribute);
      else if (!this.runAttributes.has(attribute))
        this.log.warn(`attribute ${JSON.stringify(attribute)} of run ${id} is not recorded: too many`);
    }
  }

  private handOver(use: (plan: RecordingPlan) => void): void {
    const plan = this.plan;
    const text = JSON.stringify(plan);
    if (text === this.handedOver) return;
    this.handedOver = text;
    use(plan);
  }
}
