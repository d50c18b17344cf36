import { decisions } from './decisions.js';
import { errors } from './errors.js';
import { latency } from './latency.js';
import { otherKinds } from './other-kinds.js';
import type { Scenario } from './scenario.js';

export type { Cell, Pledge, Scenario } from './scenario.js';

/** Every world of the study, and those beside it. */
export const scenarios: readonly Scenario[] = [...errors, ...decisions, ...latency, ...otherKinds];
