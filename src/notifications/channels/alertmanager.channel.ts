import type { EventPayload } from '../../domain/index.js';
import type { Channel, ChannelOptions } from '../channel.js';
import { withBearer } from './cloudevents.channel.js';
import { issuesOfOptions, type OptionRule, textUpTo } from './option-issues.js';
import { isLink, oneLineOf } from './plain-text.js';

type Data = EventPayload['data'];

/** An alert that nobody renews ends some time. */
const usualHours = 4;

const isHours: OptionRule = (value) =>
  typeof value === 'number' && value > 0 && value <= 168 ? null : 'must be a number of hours, at most 168';

/**
 * Alerts for an Alertmanager (`POST /api/v2/alerts`): a rollback fires `AssayRollback`, the next promote of the same service,
 * template and environment resolves it; nothing else is sent.
 */
export const alertmanagerChannel: Channel = {
  type: 'alertmanager',
  secretAddress: false,
  secret: 'optional',
  optionIssues: (options) => issuesOfOptions(options, { environment: textUpTo(200), severity: textUpTo(100), firesForHours: isHours }),
  render({ body }, { options, credential }) {
    const { type, timestamp, data } = JSON.parse(body) as EventPayload;
    if (type !== 'verdict.final' || data.decision === 'hold') return null;
    const alert = { labels: labelsOf(data, options), annotations: annotationsOf(data), ...lifeOf(data, timestamp, options) };
    const generator = isLink(data.url) ? { generatorURL: data.url } : {};
    return withBearer({ body: JSON.stringify([{ ...alert, ...generator }]), headers: { 'content-type': 'application/json' } }, credential);
  },
};

/** The same for the alert and its end, or it would never be resolved: nothing of the run in them. */
const labelsOf = ({ service, template, labels }: Data, options: ChannelOptions): Readonly<Record<string, string>> => ({
  alertname: 'AssayRollback',
  template: oneLineOf(template.split('@')[0] ?? '', 200),
  environment: oneLineOf(
    labels['environment'] || (typeof options['environment'] === 'string' ? options['environment'] : 'production'),
    200,
  ),
  severity: typeof options['severity'] === 'string' ? options['severity'] : 'critical',
  ...(service !== null && { service: oneLineOf(service, 200) }),
});

const annotationsOf = ({ reason, run, canary, baseline }: Data): Readonly<Record<string, string>> => ({
  summary: oneLineOf(reason, 1_000),
  run,
  canary: oneLineOf(canary, 200),
  baseline: oneLineOf(baseline, 200),
});

function lifeOf({ decision, startedAt }: Data, timestamp: string, { firesForHours }: ChannelOptions): { startsAt: string; endsAt: string } {
  if (decision === 'promote') return { startsAt: startedAt, endsAt: timestamp };
  const hours = typeof firesForHours === 'number' ? firesForHours : usualHours;
  return { startsAt: timestamp, endsAt: new Date(Date.parse(timestamp) + hours * 3_600_000).toISOString() };
}
