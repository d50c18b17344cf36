import type { WorldResult } from '../promises.js';
import type { WorkedRun } from '../worked-run.js';
import { evidenceOverTime } from './evidence-over-time.js';
import { falseRollbacks } from './false-rollbacks.js';
import { timeByTraffic } from './time-by-traffic.js';
import { timeToRollback } from './time-to-rollback.js';

/** The committed results: what `npm run calibrate -- --full --into` writes. */
export interface Results {
  readonly worlds: readonly WorldResult[];
  readonly worked: readonly WorkedRun[];
}

/** The pictures of docs/plots by file name. */
export const plotsOf = ({ worlds, worked }: Results): Readonly<Record<string, string>> => ({
  'false-rollbacks.svg': falseRollbacks(worlds),
  'time-to-rollback.svg': timeToRollback(worlds),
  'evidence.svg': evidenceOverTime(worked),
  'time-by-traffic.svg': timeByTraffic(worlds),
});
