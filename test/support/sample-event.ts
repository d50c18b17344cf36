import type { OutboxEvent, Run, Verdict } from '../../src/domain/index.js';
import type { Channel, ChannelOptions, Message } from '../../src/notifications/channel.js';
import { type Happening, outboxEvent } from '../../src/storage/index.js';
import { sampleEvidence, sampleRun, sampleVerdict } from './sample-run.js';

const at = new Date('2026-03-01T12:06:40.000Z');

const summary =
  'error-rate: canary 1.9 % against 0.4 %, difference between 0.9 and 2.1 pp, margin 0.5 pp, 5 120 canary and 48 211 baseline observations';

const harmful = sampleEvidence({ assessment: 'harmful', logHarm: 9.1, logSafe: -20, effect: { low: 0.009, high: 0.021, estimate: 0.015 } });

/** What may become of a run, by name. */
export const sampleVerdicts = {
  rollback: sampleVerdict({
    decision: 'rollback',
    final: true,
    code: 'harm-evidence',
    reason: summary,
    score: 3,
    evidence: [harmful],
    elapsedSeconds: 400,
  }),
  promote: sampleVerdict({
    decision: 'promote',
    final: true,
    code: 'all-safe',
    reason: 'all metrics are within their margins',
    score: 100,
  }),
  deadline: sampleVerdict({ final: true, code: 'deadline', reason: 'the deadline came before anything was proven', score: 48 }),
  hold: sampleVerdict({ code: 'insufficient-evidence', reason: '1 of 2 metrics is safe', score: 61 }),
  cancelled: sampleVerdict({ final: true, code: 'cancelled', reason: 'cancelled by kim', score: 50 }),
} as const satisfies Readonly<Record<string, Verdict>>;

/** An event with the bytes that receivers get. */
export function sampleEvent(type: Happening['type'], verdict: Verdict | null, run: Partial<Run> = {}): OutboxEvent {
  return outboxEvent(
    { type, run: sampleRun({ looks: 26, verdict, ...run }), previous: null, summaries: verdict?.evidence.map(() => summary) ?? [], at },
    'https://assay.example',
  );
}

/** Events of every kind, by name: what a channel's goldens show. */
export const sampleEvents: Readonly<Record<string, OutboxEvent>> = {
  started: sampleEvent('run.started', null),
  hold: sampleEvent('verdict.changed', sampleVerdicts.hold),
  rollback: sampleEvent('verdict.final', sampleVerdicts.rollback, { state: 'finished' }),
  promote: sampleEvent('verdict.final', sampleVerdicts.promote, { state: 'finished' }),
  deadline: sampleEvent('verdict.final', sampleVerdicts.deadline, { state: 'finished' }),
  cancelled: sampleEvent('verdict.final', sampleVerdicts.cancelled, { state: 'cancelled' }),
};

const nasty = '<!channel> <script>alert(1)</script> *x* `y` [a](javascript:1) "quoted" \\ \u202e \u0007 é😀 {{args.x}} ${y} %0d%0aX: 1';

/** What people could write into names, labels and reasons, at every length up to what the API takes. */
export const hostileEvent = (length: number): OutboxEvent => {
  const text = nasty.repeat(Math.ceil(length / nasty.length)).slice(0, length);
  return sampleEvent(
    'verdict.final',
    {
      ...sampleVerdicts.rollback,
      reason: text,
      evidence: Array.from({ length: 40 }, (_, index) => ({ ...harmful, name: `${text} ${index}` })),
    },
    {
      state: 'finished',
      names: { baseline: text, canary: text },
      arguments: { service: text },
      labels: { environment: text.slice(0, 256) },
    },
  );
};

/** The message of a channel that has words for this event. */
export function messageOf(channel: Channel, event: OutboxEvent, options: ChannelOptions = {}, credential: string | null = null): Message {
  const message = channel.render(event, { options, credential });
  if (message === null) throw new Error(`${channel.type} has no words for ${event.id}`);
  return message;
}
