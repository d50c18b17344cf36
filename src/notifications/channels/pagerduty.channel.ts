import { createHash } from 'node:crypto';
import type { EventPayload } from '../../domain/index.js';
import type { Channel, ChannelOptions, Message } from '../channel.js';
import { issuesOfOptions, oneOf, textUpTo } from './option-issues.js';
import { headlineOf, isLink, oneLineOf } from './plain-text.js';

type Data = EventPayload['data'];

const origin = 'https://events.pagerduty.com/v2';

/**
 * PagerDuty's Events API v2. As alerts: a rollback pages, and the next promote of the same service and environment resolves it; nothing
 * else is sent. As changes: beginnings and ends of runs, which never page.
 */
export const pagerDutyChannel: Channel = {
  type: 'pagerduty',
  defaultUrl: ({ kind }) => (kind === 'changes' ? `${origin}/change/enqueue` : `${origin}/enqueue`),
  secretAddress: false,
  secret: 'credential',
  optionIssues: (options) =>
    issuesOfOptions(options, {
      kind: oneOf('alerts', 'changes'),
      severity: oneOf('critical', 'error', 'warning', 'info'),
      dedupKey: textUpTo(255),
      environment: textUpTo(200),
    }),
  render({ body }, { options, credential }) {
    const { type, timestamp, data } = JSON.parse(body) as EventPayload;
    const content = options['kind'] === 'changes' ? changeOf(type, timestamp, data) : alertOf(type, timestamp, data, options);
    return content && posted({ routing_key: credential, ...content });
  },
};

const posted = (content: object): Message => ({ body: JSON.stringify(content), headers: { 'content-type': 'application/json' } });

function alertOf(type: EventPayload['type'], timestamp: string, data: Data, options: ChannelOptions): object | null {
  if (type === 'endpoint.test') return pageOf('assay/test', timestamp, data, { severity: 'info' });
  if (data.undelivered) return pageOf(`assay/endpoint/${data.undelivered.endpoint}`, timestamp, data, options);
  if (type !== 'verdict.final' || data.decision === 'hold') return null;
  const environment = environmentOf(data, options);
  const dedup_key = typeof options['dedupKey'] === 'string' ? options['dedupKey'] : dedupKeyOf(data, environment);
  if (data.decision === 'promote') return { event_action: 'resolve', dedup_key };
  return pageOf(dedup_key, timestamp, data, options);
}

function pageOf(dedup_key: string, timestamp: string, data: Data, options: ChannelOptions): object {
  return {
    event_action: 'trigger',
    dedup_key,
    client: 'Assay',
    ...(isLink(data.url) && { client_url: data.url, links: [{ href: data.url, text: 'The run' }] }),
    payload: {
      summary: oneLineOf(`${headlineOf(data, 200)}: ${data.reason}`, 1_024),
      source: oneLineOf(`assay/${environmentOf(data, options)}`, 255),
      severity: options['severity'] ?? (isCritical(data) ? 'critical' : 'error'),
      timestamp,
      component: oneLineOf(data.service ?? data.template, 255),
      class: 'rollout-regression',
      custom_details: detailsOf(data),
    },
  };
}

function changeOf(type: EventPayload['type'], timestamp: string, data: Data): object | null {
  if (type !== 'run.started' && type !== 'verdict.final') return null;
  return {
    payload: {
      summary: oneLineOf(`${headlineOf(data, 200)}: ${data.reason}`, 1_024),
      source: 'assay',
      timestamp,
      custom_details: detailsOf(data),
    },
    ...(isLink(data.url) && { links: [{ href: data.url, text: 'The run' }] }),
  };
}

const detailsOf = ({ run, decision, code, reason, baseline, canary, weight, score, metrics }: Data): object => ({
  run,
  decision,
  code,
  reason: oneLineOf(reason, 2_000),
  baseline: oneLineOf(baseline, 200),
  canary: oneLineOf(canary, 200),
  weight,
  score,
  harmful: metrics
    .filter(({ assessment }) => assessment === 'harmful')
    .slice(0, 10)
    .map(({ summary }) => oneLineOf(summary, 500)),
  traces: metrics.flatMap(({ exemplars = [] }) => exemplars.map(({ traceId }) => traceId)).slice(0, 10),
  next: 'take the canary out of traffic, then look at the metrics',
});

const isCritical = ({ metrics }: Data): boolean => metrics.some(({ role, assessment }) => role === 'critical' && assessment === 'harmful');

const environmentOf = ({ labels }: Data, { environment }: ChannelOptions): string =>
  labels['environment'] || (typeof environment === 'string' ? environment : 'production');

/** One alert for each service and environment, whichever run it was. */
function dedupKeyOf({ service, template }: Data, environment: string): string {
  const key = `assay/${service ?? template.split('@')[0]}/${environment}`;
  return key.length <= 255 && /^[\x21-\x7e]+$/.test(key) ? key : `assay/${createHash('sha256').update(key).digest('hex')}`;
}
