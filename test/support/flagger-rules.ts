export interface FlaggerWebhook {
  readonly type: string;
  readonly url: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface FlaggerAnalysis {
  readonly threshold: number;
  readonly maxWeight: number;
  readonly stepWeight: number;
  readonly webhooks: readonly FlaggerWebhook[];
}

export type FlaggerPhase = 'Progressing' | 'Succeeded' | 'Failed';

/** Sends a hook; the status, or null where nobody answered. */
export type SendHook = (hook: FlaggerWebhook, payload: object) => Promise<number | null>;

/** Flagger's scheduler for one canary, as far as webhooks decide: which are called at an interval, in its order, and what an answer does. */
export class FlaggerRollout {
  phase: FlaggerPhase = 'Progressing';
  weight = 0;
  failedChecks = 0;

  constructor(
    private readonly analysis: FlaggerAnalysis,
    private readonly about: { readonly name: string; readonly namespace: string; readonly checksum: string },
    private readonly send: SendHook,
    /** recent versions tell the weight in every payload */
    private readonly tellsWeight: boolean,
  ) {}

  /** One interval. */
  async advance(): Promise<void> {
    if (this.phase !== 'Progressing') return;
    if (await this.anyYes('rollback')) return this.end('Failed', 'Rolling back');
    if (this.weight === 0) {
      await this.tell('Starting canary analysis for');
      if (!(await this.allYes('pre-rollout'))) return this.fail();
    } else if (!(await this.allYes('rollout'))) return this.fail();
    if (this.weight < this.analysis.maxWeight) return this.increase();
    if (await this.allYes('confirm-promotion')) await this.end('Succeeded', 'Promotion completed!');
  }

  private async increase(): Promise<void> {
    if (!(await this.allYes('confirm-traffic-increase'))) return;
    this.weight += this.analysis.stepWeight;
    await this.tell('Advance', ` canary weight ${this.weight}`);
  }

  private async fail(): Promise<void> {
    this.failedChecks += 1;
    if (this.failedChecks >= this.analysis.threshold) await this.end('Failed', 'Rolling back');
  }

  private async end(phase: FlaggerPhase, said: string): Promise<void> {
    this.phase = phase;
    await this.tell(said);
    await this.allYes('post-rollout');
  }

  private async tell(before: string, after = ''): Promise<void> {
    const eventMessage = `${before} ${this.about.name}.${this.about.namespace}${after}`;
    for (const hook of this.hooks('event')) await this.call(hook, { eventMessage, eventType: 'Normal', timestamp: '1769940902000' });
  }

  private async allYes(type: string): Promise<boolean> {
    for (const hook of this.hooks(type)) if (!(await this.call(hook))) return false;
    return true;
  }

  private async anyYes(type: string): Promise<boolean> {
    for (const hook of this.hooks(type)) if (await this.call(hook)) return true;
    return false;
  }

  /** Yes is 200 to 202; 204 and redirections are failures. */
  private async call(hook: FlaggerWebhook, event: object = {}): Promise<boolean> {
    const weight = this.tellsWeight ? { canaryWeight: this.weight, failedChecks: this.failedChecks, iterations: 0 } : {};
    const status = await this.send(hook, { ...this.about, ...weight, phase: this.phase, metadata: { ...hook.metadata, ...event } });
    return status !== null && status >= 200 && status <= 202;
  }

  private hooks(type: string): readonly FlaggerWebhook[] {
    return this.analysis.webhooks.filter((hook) => hook.type === type);
  }
}
