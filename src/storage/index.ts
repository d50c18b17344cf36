export { Database, type DatabaseLocation } from './database.js';
export {
  type Attempt,
  type ClaimedDelivery,
  type Delivery,
  type DeliveryFilter,
  type DeliveryLane,
  type DeliveryState,
  DeliveryStore,
  type Settlement,
} from './delivery.store.js';
export { type Endpoint, EndpointStore, wants } from './endpoint.store.js';
export { type Happening, maxBodyBytes, outboxEvent, runStarted, runUrl } from './event-body.js';
export { newRunId, timeSortableId } from './ids.js';
export { decodeJson, encodeJson } from './json-codec.js';
export { LookStore } from './look.store.js';
export { OutboxStore } from './outbox.store.js';
export { type RunFilter, type RunKey, RunStore } from './run.store.js';
export { StorageModule } from './storage.module.js';
export { type WindowRange, WindowStore } from './window.store.js';
