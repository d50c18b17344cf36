import { Injectable } from '@nestjs/common';
import type { Run } from '../domain/index.js';
import { KnownRuns } from './known-runs.js';
import { RunFeed } from './run-feed.js';

export interface Waiting {
  /** 0: answer at once */
  readonly waitMs: number;
  /** true while the caller has seen this state of the run already and wants a newer one */
  readonly isKnown: (run: Run) => boolean;
}

/** The long poll: the run as soon as it says something the caller has not seen, or as it stands when the time is over. */
@Injectable()
export class AwaitVerdict {
  constructor(
    private readonly runs: KnownRuns,
    private readonly feed: RunFeed,
  ) {}

  /** @throws {NotFoundError} for an unknown run */
  async execute(id: string, { waitMs, isKnown }: Waiting, signal: AbortSignal): Promise<Run> {
    let newest = await this.runs.get(id);
    if (waitMs <= 0 || newest.state !== 'running' || !isKnown(newest)) return newest;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
    for await (const run of this.feed.subscribe(id, limit)) {
      newest = run;
      if (!isKnown(run)) break;
    }
    return newest;
  }
}
