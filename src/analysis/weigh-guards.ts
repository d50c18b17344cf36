import type { GuardFinding, MeasuredWindow, Template } from '../domain/index.js';
import type { Start } from '../statistics/index.js';
import { weighMix } from './weigh-mix.js';
import { weighSampleRatio } from './weigh-sample-ratio.js';

interface Guarding {
  readonly template: Template;
  /** windows after the warm-up, oldest first */
  readonly windows: readonly MeasuredWindow[];
  /** windows from before them, oldest first: what noise the baseline has; may be empty */
  readonly history: readonly MeasuredWindow[];
  /** where evidence is also gathered afresh; fixed before any data */
  readonly starts: readonly Start[];
}

/** Whether the cohorts can be compared at all: a finding for each guard that has something to go by. */
export function weighGuards({ template, windows, history, starts }: Guarding): GuardFinding[] {
  const { sampleRatio, mix } = template.guards ?? { sampleRatio: null, mix: null };
  return [sampleRatio && weighSampleRatio(sampleRatio, template, windows), mix && weighMix(mix, windows, history, starts)].filter(
    (finding): finding is GuardFinding => finding !== null,
  );
}
