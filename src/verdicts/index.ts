export { decide } from './decide.js';
export { grouped, inSeconds, metricInWords, quantity } from './in-words.js';
export { pooledLogHarm } from './verdict-of.js';
export { VerdictRecorder } from './verdict-recorder.js';
export { VerdictsModule } from './verdicts.module.js';
