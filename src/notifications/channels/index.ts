import type { Channel } from '../channel.js';
import { cdEventsChannel } from './cdevents.channel.js';
import { cloudEventsChannel } from './cloudevents.channel.js';
import { slackChannel } from './slack.channel.js';
import { webhookChannel } from './webhook.channel.js';

/** Every kind of destination. A new one is its file, its spec and its name here. */
export const channels: readonly Channel[] = [cdEventsChannel, cloudEventsChannel, slackChannel, webhookChannel];

/** Their names, as the API knows them. */
export const channelTypes: readonly string[] = channels.map(({ type }) => type);
