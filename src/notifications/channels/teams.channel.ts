import type { EventPayload } from '../../domain/index.js';
import type { Channel } from '../channel.js';
import { headlineOf, isLink, oneLineOf, warningsOf } from './plain-text.js';

/** Workflows take about 28 KB a message, and less of it reaches people. */
const maxBytes = 20_000;

type Data = EventPayload['data'];
type Block = Readonly<Record<string, unknown>>;

const colours = { promote: 'good', hold: 'warning', rollback: 'attention' } as const;

/** Microsoft Teams by a Workflow ("when a Teams webhook request is received"): an Adaptive Card 1.4. Texts are runs, which know no Markdown. */
export const teamsChannel: Channel = {
  type: 'teams',
  secretAddress: true,
  secret: 'none',
  render({ body }) {
    const { data } = JSON.parse(body) as EventPayload;
    const cards = [8, 3, 0].map((metrics) => JSON.stringify(messageWith(data, metrics)));
    const card = cards.find((text) => Buffer.byteLength(text) <= maxBytes) ?? cards.at(-1) ?? '';
    return { body: card, headers: { 'content-type': 'application/json' } };
  },
};

const messageWith = (data: Data, metrics: number): Block => ({
  type: 'message',
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: cardOf(data, metrics) }],
});

function cardOf(data: Data, room: number): Block {
  const headline = headlineOf(data, 200);
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    fallbackText: headline,
    body: [
      run(headline, { size: 'large', weight: 'bolder', color: data.decision === null ? 'default' : colours[data.decision] }),
      run(oneLineOf(data.reason, 2_000)),
      ...metricsOf(data, room).map((line) => run(line, { isSubtle: true })),
      ...warningsOf(data.metrics, Math.min(room, 3)).map((warning) => run(oneLineOf(`Mind: ${warning}`, 300))),
      { type: 'FactSet', facts: factsOf(data).map(([title, value]) => ({ title, value: withoutMarkdown(value) })) },
      run(`Next: ${nextOf(data)}`),
    ],
    ...(isLink(data.url) && { actions: [{ type: 'Action.OpenUrl', title: 'Open the run', url: data.url }] }),
  };
}

const run = (text: string, look: Block = {}): Block => ({ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text, ...look }] });

function metricsOf({ metrics, reason }: Data, room: number): string[] {
  const order = ['harmful', 'undecided', 'safe'];
  const unsaid = metrics
    .filter(({ summary }) => !reason.includes(summary))
    .toSorted((a, b) => order.indexOf(a.assessment) - order.indexOf(b.assessment));
  return unsaid.slice(0, room).map(({ assessment, summary }) => oneLineOf(`${assessment}: ${summary}`, 300));
}

function factsOf({ canary, baseline, weight, startedAt, score, metrics }: Data): [string, string][] {
  const traces = metrics.flatMap(({ exemplars = [] }) => exemplars.map(({ traceId }) => traceId)).slice(0, 3);
  return [
    ['Canary', oneLineOf(canary, 200)],
    ['Baseline', oneLineOf(baseline, 200)],
    ['Weight', weight === null ? 'not declared' : `${Number((100 * weight).toFixed(2))} %`],
    ['Since', `${startedAt.slice(0, 19).replace('T', ' ')} UTC`],
    ['Score', score === null ? 'none yet' : `${score} of 100`],
    ...(traces.length > 0 ? [['Traces', traces.join(' ')] as [string, string]] : []),
  ];
}

/** Facts know Markdown, unlike runs. */
const withoutMarkdown = (text: string): string => text.replace(/[\\*_[\]()~`#<>]/g, '\\$&');

function nextOf({ decision, final, code }: Data): string {
  if (decision === null) return 'nothing to do; Assay tells when it has decided.';
  if (code === 'cancelled') return 'Assay stopped watching. This is no approval.';
  if (decision === 'rollback') return 'take the canary out of traffic, then look at the metrics above.';
  if (decision === 'promote') return 'the rollout may go on.';
  return final ? 'do not promote on this: start the run again, or override it with a reason.' : 'keep the canary at its weight.';
}
