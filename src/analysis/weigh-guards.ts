import type { GuardFinding, MeasuredWindow, Template } from '../domain/index.js';
import type { Start } from '../statistics/index.js';
import type { RunGuard } from './guarding.js';
import { MixWatch } from './weigh-mix.js';
import { SampleRatioWatch } from './weigh-sample-ratio.js';

/**
 * The guards of a run, which watch whether its cohorts can be compared at all.
 *
 * @param starts  positions among the windows that will be added, from which evidence is also gathered afresh; fixed before any data
 */
export function guardsOf({ guards, schedule }: Pick<Template, 'guards' | 'schedule'>, starts: readonly Start[]): RunGuard[] {
  const { sampleRatio, mix } = guards ?? { sampleRatio: null, mix: null };
  return [...(sampleRatio ? [new SampleRatioWatch(sampleRatio, schedule)] : []), ...(mix ? [new MixWatch(mix, starts)] : [])];
}

interface Guarding {
  readonly template: Template;
  /** windows after the warm-up, oldest first */
  readonly windows: readonly MeasuredWindow[];
  readonly starts: readonly Start[];
}

/** A finding for each guard that has something to go by, from all windows at once. */
export function weighGuards({ template, windows, starts }: Guarding): GuardFinding[] {
  return guardsOf(template, starts).flatMap((guard) => {
    for (const window of windows) guard.add(window);
    return guard.finding() ?? [];
  });
}
