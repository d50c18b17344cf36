import { setTimeout as pause } from 'node:timers/promises';
import type { Decision } from '../../domain/index.js';
import type { AssayClient, VerdictAnswer } from '../assay-client.js';
import type { BoardHead, BoardRow } from './board.js';
import type { DemoOutcome } from './closing-words.js';
import { demoTemplateName } from './demo-template.js';
import type { Fleet } from './fleet.js';
import { baselineRelease, canaryReleases } from './shop-behaviour.js';
import { type TrafficStep, trafficSteps, weightOf } from './traffic.js';
import { followRun } from './watch.js';

/** What each canary ought to get. Only compared with at the very end; nothing is decided by it. */
const expected: Readonly<Record<string, Decision>> = { '1.5.0': 'promote', '1.5.1': 'rollback', '1.5.2': 'rollback' };

interface CanaryRun {
  readonly version: string;
  readonly about: string;
  readonly run: string;
}

/** Three runs side by side: the same baseline against one canary each, while the canaries' share grows. */
export class CanaryTrial {
  private readonly startedAt = performance.now();
  private readonly newest = new Map<string, VerdictAnswer>();

  private constructor(
    private readonly client: AssayClient,
    private readonly fleet: Fleet,
    private readonly runs: readonly CanaryRun[],
    private step: TrafficStep,
  ) {}

  /** Traffic first, so that the first window is a whole one; then the runs. */
  static async start(client: AssayClient, fleet: Fleet, signal: AbortSignal): Promise<CanaryTrial> {
    const step = trafficSteps[0] as TrafficStep;
    fleet.aim(step);
    await pause(1000, undefined, { signal });
    const runs = canaryReleases.map(async ({ version, about }) => {
      const request = {
        template: demoTemplateName,
        arguments: { service: 'shop' },
        baseline: baselineRelease.version,
        canary: version,
        weight: weightOf(step, canaryReleases.length),
        labels: { demo: version },
      };
      return { version, about, run: await client.startRun(request, `demo-${version}`, signal) };
    });
    return new CanaryTrial(client, fleet, await Promise.all(runs), step);
  }

  /** Where everything stands now. */
  now(): { rows: readonly BoardRow[]; head: BoardHead } {
    return {
      rows: this.runs.map(({ version, about, run }) => ({ version, about, verdict: this.newest.get(run) ?? null })),
      head: {
        elapsedSeconds: (performance.now() - this.startedAt) / 1000,
        requestsPerSecond: this.fleet.requestsPerSecond,
        canaryShare: this.step.canaryShare,
      },
    };
  }

  /** All three final verdicts, as the API gave them. */
  async outcomes(signal: AbortSignal): Promise<DemoOutcome[]> {
    for (const step of trafficSteps.slice(1)) void this.raise(step, signal).catch(() => undefined); // ends with the demo
    return Promise.all(
      this.runs.map(async ({ version, about, run }) => {
        const verdict = await followRun(this.client, run, (news) => this.newest.set(run, news), signal);
        return { version, about, run, expected: expected[version] ?? 'hold', verdict };
      }),
    );
  }

  /** Gives the canaries more traffic when the time has come, and tells the runs that are still open. */
  private async raise(step: TrafficStep, signal: AbortSignal): Promise<void> {
    await pause(step.afterSeconds * 1000, undefined, { signal, ref: false });
    this.step = step;
    this.fleet.aim(step);
    const open = this.runs.filter(({ run }) => this.newest.get(run)?.final !== true);
    const weight = weightOf(step, canaryReleases.length);
    await Promise.all(open.map(({ run }) => this.client.post(`/v1/runs/${run}/phase`, { weight }, signal)));
  }
}
