export { decide } from './decide.js';
export { decideOnce, type Judgement } from './decide-once.js';
export { metricInWords } from './in-words.js';
export type { Standing } from './phases-and-bake.js';
export { difference, grouped, inSeconds, quantity } from './quantity.js';
export { pooledLogHarm, scoreOf } from './verdict-of.js';
export { VerdictRecorder } from './verdict-recorder.js';
export { VerdictsModule } from './verdicts.module.js';
