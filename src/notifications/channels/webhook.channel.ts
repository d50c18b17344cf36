import type { Channel } from '../channel.js';

/** The event as JSON, for programs: its bytes were fixed when it happened. */
export const webhookChannel: Channel = {
  type: 'webhook',
  secretAddress: false,
  secret: 'signs',
  render: ({ body }) => ({ body, headers: { 'content-type': 'application/json' } }),
};
