export type { Channel, Message } from './channel.js';
export { channelTypes } from './channels/index.js';
export { checkEndpoint, type EndpointDraft } from './check-endpoint.js';
export { DeliveryWorker } from './delivery-worker.js';
export { Endpoints } from './endpoints.js';
export { NotificationsModule } from './notifications.module.js';
