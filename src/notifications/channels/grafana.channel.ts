import type { EventPayload } from '../../domain/index.js';
import type { Channel } from '../channel.js';
import { issuesOfOptions, type OptionRule, textUpTo } from './option-issues.js';
import { headlineOf, isLink, oneLineOf } from './plain-text.js';

const isPanel: OptionRule = (value) => (Number.isSafeInteger(value) && (value as number) > 0 ? null : 'must be the number of a panel');

/** Annotations in Grafana (`POST /api/annotations`): what happened to a run, on the graphs of those who look at them. An end is a region. */
export const grafanaChannel: Channel = {
  type: 'grafana',
  secretAddress: false,
  secret: 'credential',
  optionIssues: (options) => issuesOfOptions(options, { dashboardUID: textUpTo(100), panelId: isPanel }),
  render({ body }, { options, credential }) {
    const { type, timestamp, data } = JSON.parse(body) as EventPayload;
    const at = Date.parse(timestamp);
    const region = type === 'verdict.final' ? { time: Date.parse(data.startedAt), timeEnd: at } : { time: at };
    const link = isLink(data.url) ? `\n<a href="${escaped(data.url)}">the run</a>` : '';
    const annotation = {
      ...options,
      ...region,
      tags: ['assay', data.decision ?? 'started', ...[data.service ?? '', `template:${data.template.split('@')[0]}`].filter(Boolean)].map(
        (tag) => oneLineOf(tag, 100),
      ),
      text: `${escaped(headlineOf(data, 200))}: ${escaped(oneLineOf(data.reason, 1_000))}${link}`,
    };
    return {
      body: JSON.stringify(annotation),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${credential}` },
    };
  },
};

/** Grafana shows annotations as HTML. */
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
