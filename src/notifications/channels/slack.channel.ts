import type { EventMetric, EventPayload } from '../../domain/index.js';
import type { Channel } from '../channel.js';
import { warningsOf } from './plain-text.js';
import { slackLine, slackText } from './slack-text.js';

/** Slack refuses a whole message whose blocks grow beyond about 13 200 characters, and says so nowhere. */
const maxCharacters = 13_000;

type Data = EventPayload['data'];
type Block = Readonly<Record<string, unknown>>;

/** Block Kit by an incoming webhook: the decision, why, since when and what to do next, for the engineer on call. */
export const slackChannel: Channel = {
  type: 'slack',
  secretAddress: true,
  secret: 'none',
  render({ body }) {
    const payload = JSON.parse(body) as EventPayload;
    return { body: fitting(payload), headers: { 'content-type': 'application/json; charset=utf-8' } };
  },
};

/** Fewer metrics, then a shorter reason, until Slack takes it. */
function fitting(payload: EventPayload): string {
  const attempts = [
    { metrics: 8, reason: 2_000 },
    { metrics: 3, reason: 2_000 },
    { metrics: 0, reason: 500 },
  ];
  const messages = attempts.map((room) => JSON.stringify(messageOf(payload, room)));
  return messages.find(({ length }) => length <= maxCharacters) ?? messages.at(-1) ?? '';
}

function messageOf({ type, data }: EventPayload, room: { metrics: number; reason: number }): Block {
  const metrics = metricLines(data, room.metrics);
  const warnings = warningLines(data, room.metrics);
  const traces = room.metrics > 0 ? traceLines(data) : '';
  return {
    text: slackLine(`${titleOf(type, data)}: ${data.reason}`, 1_000),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: slackLine(titleOf(type, data), 150), emoji: false } },
      section(slackText(data.reason, room.reason).trim() || 'no reason given'),
      ...(metrics === '' ? [] : [section(metrics)]),
      ...(warnings === '' ? [] : [section(`*Mind*\n${warnings}`)]),
      ...(traces === '' ? [] : [section(`*Traces to open*\n${traces}`)]),
      { type: 'section', fields: factsOf(data).map(([name, value]) => markdown(`*${name}*\n${slackLine(value, 200)}`)) },
      section(`*Next*: ${nextStep(type, data)}`),
      { type: 'context', elements: [markdown(slackLine(`${shortTemplate(data.template)} · ${data.run}`, 300))] },
      ...(isLink(data.url) ? [{ type: 'actions', elements: [linkTo(data.url)] }] : []),
    ],
  };
}

const titles: Readonly<Record<NonNullable<Data['decision']>, string>> = { promote: 'PROMOTE', hold: 'HOLD', rollback: 'ROLLBACK' };

function titleOf(type: EventPayload['type'], data: Data): string {
  if (type === 'endpoint.test') return 'TEST of this endpoint';
  if (data.undelivered) return `NOT TOLD ${data.undelivered.channel}: ${titleOf('verdict.final', { ...data, undelivered: null })}`;
  const decision =
    type === 'run.started' || data.decision === null ? 'WATCHING' : data.code === 'cancelled' ? 'CANCELLED' : titles[data.decision];
  return `${decision} ${data.service ?? shortTemplate(data.template)} ${data.canary}`;
}

/** What the reason does not say already; harmful metrics first. */
function metricLines({ metrics, metricsOmitted, reason }: Data, room: number): string {
  const order: readonly EventMetric['assessment'][] = ['harmful', 'undecided', 'safe'];
  const unsaid = metrics.filter(({ summary }) => !reason.includes(summary));
  const shown = unsaid.toSorted((a, b) => order.indexOf(a.assessment) - order.indexOf(b.assessment)).slice(0, room);
  const left = metricsOmitted + unsaid.length - shown.length;
  const lines = shown.map(({ assessment, summary }) => `• _${assessment}_  ${slackLine(summary, 300)}`);
  return [...lines, ...(left > 0 && room > 0 ? [`• and ${left} more`] : [])].join('\n');
}

/** What the reason does not say already. */
const warningLines = ({ metrics, reason }: Data, room: number): string =>
  warningsOf(metrics, Math.min(room, 3))
    .filter((warning) => !reason.includes(warning))
    .map((warning) => `• ${slackLine(warning, 300)}`)
    .join('\n');

const mostTraces = 3;

/** Of the metrics that are harmful, the most telling trace of each first. */
function traceLines({ metrics }: Data): string {
  const told = metrics.flatMap(({ name, exemplars = [] }) => exemplars.map((exemplar, rank) => ({ ...exemplar, name, rank })));
  const shown = told.toSorted((a, b) => a.rank - b.rank).slice(0, mostTraces);
  return shown
    .map(({ traceId, name, kind, seconds }) => `• \`${traceId}\`  ${slackLine(`${name}: ${kind}, ${seconds} s`, 200)}`)
    .join('\n');
}

function factsOf(data: Data): [string, string][] {
  const weight = data.weight === null ? 'not declared' : `${Number((100 * data.weight).toFixed(2))} %`;
  return [
    ['Canary', data.canary],
    ['Baseline', data.baseline],
    ['Weight', weight],
    ['Since', `${data.startedAt.slice(0, 19).replace('T', ' ')} UTC`],
    ['Watched for', duration(data.elapsedSeconds)],
    ['Score', data.score === null ? 'none yet' : `${data.score} of 100`],
  ];
}

function nextStep(type: EventPayload['type'], { decision, final, code, undelivered = null }: Data): string {
  if (undelivered) return 'act on this by hand, and see to the endpoint: its delivery log says what came back.';
  if (type === 'run.started' || decision === null) return 'nothing to do; Assay tells when it has decided.';
  if (code === 'cancelled') return 'Assay stopped watching. This is no approval: decide by hand, or start the run again.';
  if (decision === 'rollback') return 'take the canary out of traffic, then look at the metrics above.';
  if (code === 'baking') return 'keep the way back open: everything is safe so far, and harm still rolls back until this is final.';
  if (code === 'observational') return 'decide by hand: it looks as safe as earlier days, and nothing ran beside it.';
  if (decision === 'promote') return 'the rollout may go on.';
  return final
    ? 'do not promote on this. Start the run again with more traffic or time, or override it with a reason.'
    : 'keep the canary at its weight; Assay goes on looking.';
}

/** `http-service@sha256:9f2c…` → `http-service@9f2c9f2c` */
const shortTemplate = (template: string): string => template.replace(/@sha256:(\w{8})\w*$/, '@$1');

const isLink = (url: string): boolean => /^https?:\/\//.test(url) && url.length <= 3_000;

const linkTo = (url: string): Block => ({ type: 'button', text: { type: 'plain_text', text: 'Open the run', emoji: false }, url });

const section = (text: string): Block => ({ type: 'section', text: markdown(text) });

/** `verbatim`: Slack makes no links, mentions or channel names out of what people wrote. */
const markdown = (text: string): Block => ({ type: 'mrkdwn', text, verbatim: true });

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [`${Math.floor(whole / 3600)} h`, `${Math.floor(whole / 60) % 60} min`, `${whole % 60} s`];
  return parts.filter((part) => !part.startsWith('0 ')).join(' ') || '0 s';
}
