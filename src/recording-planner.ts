import { planRecording, type RecordingPlan, type Template } from './domain/index.js';
import { RunStore } from './storage/index.js';
import { TemplateCatalog } from './templates/index.js';

/**
 * Keeps the plan of what ingest records: for every template of the catalogue and of every open run.
 *
 * A template that leaves the catalogue is still recorded for until the process ends: a run may be pinned to it.
 */
export class RecordingPlanner {
  private readonly seen = new Map<string, Template>();

  constructor(
    private readonly catalog: TemplateCatalog,
    private readonly runs: RunStore,
  ) {}

  get plan(): RecordingPlan {
    for (const template of this.catalog.all()) this.seen.set(template.hash, template);
    return planRecording([...this.seen.values()]);
  }

  /** Hands over the plan now and whenever the catalogue changes. @returns a function that ends it */
  async keepUpToDate(use: (plan: RecordingPlan) => void): Promise<() => void> {
    for (const { template } of await this.runs.running()) this.seen.set(`run ${template.hash}`, template);
    use(this.plan);
    return this.catalog.onChange(() => use(this.plan));
  }
}
