import type { CohortSearch } from '../cohort-selector.js';

/** Flagger names the canary by its target, and the primary by the target and `-primary`; services of the canary end in `-canary`. */
export const picksOneSide: CohortSearch['picks'] = ({ value }) => value.includes('${target}') || value.includes('-canary');
