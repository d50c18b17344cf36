export type { ExplicitHistogram, ExponentialHistogram, Histogram } from './histogram.js';
