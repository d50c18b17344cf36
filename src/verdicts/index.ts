export { decide, pooledLogHarm } from './decide.js';
export { grouped, inSeconds, metricInWords, quantity } from './in-words.js';
export { VerdictRecorder } from './verdict-recorder.js';
export { VerdictsModule } from './verdicts.module.js';
