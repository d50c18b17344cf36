import type { Channel } from '../channel.js';
import { actionChannel } from './action.channel.js';
import { alertmanagerChannel } from './alertmanager.channel.js';
import { cdEventsChannel } from './cdevents.channel.js';
import { cloudEventsChannel } from './cloudevents.channel.js';
import { grafanaChannel } from './grafana.channel.js';
import { pagerDutyChannel } from './pagerduty.channel.js';
import { slackChannel } from './slack.channel.js';
import { teamsChannel } from './teams.channel.js';
import { webhookChannel } from './webhook.channel.js';

/** Every kind of destination. A new one is its file, its spec and its name here. */
export const channels: readonly Channel[] = [
  actionChannel,
  alertmanagerChannel,
  cdEventsChannel,
  cloudEventsChannel,
  grafanaChannel,
  pagerDutyChannel,
  slackChannel,
  teamsChannel,
  webhookChannel,
];

/** Their names, as the API knows them. */
export const channelTypes: readonly string[] = channels.map(({ type }) => type);
