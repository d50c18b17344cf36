export { Database, type DatabaseLocation } from './database.js';
export type { Attempt, ClaimedDelivery, Delivery, DeliveryFilter, DeliveryLane, DeliveryState, Settlement } from './delivery.js';
export { DeliveryStore } from './delivery.store.js';
export { type Endpoint, EndpointStore } from './endpoint.store.js';
export { type Happening, outboxEvent, runStarted } from './event-body.js';
export { type ForeignDocument, ForeignDocumentStore } from './foreign-document.store.js';
export { HistoryStore } from './history.store.js';
export { newRunId, timeSortableId } from './ids.js';
export { LookStore } from './look.store.js';
export { OutboxStore } from './outbox.store.js';
export { type ReceivingLife, ReceivingLifeStore } from './receiving-life.store.js';
export { Retention } from './retention.js';
export { type RunFilter, type RunKey, RunStore } from './run.store.js';
export { StorageModule } from './storage.module.js';
export {
  type ClosingRules,
  type Kept,
  type StreamMove,
  type StreamPartition,
  type StreamProgress,
  type StreamRecords,
  StreamStore,
} from './stream.store.js';
export { type WindowRange, WindowStore } from './window.store.js';
