import type { Channel } from '../channel.js';
import { slackChannel } from './slack.channel.js';
import { webhookChannel } from './webhook.channel.js';

/** Every kind of destination. A new one is its file, its spec and its name here. */
export const channels: readonly Channel[] = [slackChannel, webhookChannel];
