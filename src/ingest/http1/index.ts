export { BodyPool, freeNow } from './body-pool.js';
export type { Answer, Door, Exchange, LineLimits } from './exchange.js';
export { type LineCount, Listener, type ListenOptions } from './listener.js';
export type { RequestHead } from './request-head.js';
