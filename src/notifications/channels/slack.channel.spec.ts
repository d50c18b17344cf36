import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { expectGolden } from '../../../test/support/golden.js';
import { messageOf } from '../../../test/support/sample-event.js';
import { sampleEvidence, sampleRun, sampleVerdict } from '../../../test/support/sample-run.js';
import type { OutboxEvent, Run, Verdict } from '../../domain/index.js';
import { type Happening, outboxEvent } from '../../storage/index.js';
import { slackChannel } from './slack.channel.js';
import { slackText } from './slack-text.js';
import { webhookChannel } from './webhook.channel.js';

interface Text {
  readonly type: string;
  readonly text: string;
}

interface Block {
  readonly type: string;
  readonly text?: Text;
  readonly fields?: readonly Text[];
  readonly elements?: readonly (Text & { readonly url?: string })[];
}

const errorRate =
  'error-rate: canary 1.9 % against 0.4 %, difference between 0.9 and 2.1 pp, margin 0.5 pp, 5 120 canary and 48 211 baseline observations';
const latency =
  'latency p95: canary 312 ms against 308 ms, change between -3 and 4 %, margin 10 %, 5 120 canary and 48 211 baseline observations';
const harmful = sampleEvidence({
  assessment: 'harmful',
  logHarm: 9.1,
  logSafe: -20,
  effect: { low: 0.009, high: 0.021, estimate: 0.015 },
  exemplars: [
    { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', kind: 'failed', seconds: 0.412, at: Date.parse('2026-03-01T12:06:31.250Z') },
    { traceId: 'a3ce929d0e0e47364bf92f3577b34da6', kind: 'failed', seconds: 0.371, at: Date.parse('2026-03-01T12:06:30.125Z') },
  ],
});
const safe = sampleEvidence({
  name: 'latency p95',
  metric: 'latency',
  unit: 's',
  effectKind: 'ratio',
  assessment: 'safe',
  logHarm: -6,
  logSafe: 4.2,
  effect: { low: -0.03, high: 0.04, estimate: 0.01 },
  margin: 0.1,
  baseline: { count: 48_211, value: 0.308 },
  canary: { count: 5_120, value: 0.312 },
});
const summaries = [errorRate, latency];

function event(type: Happening['type'], verdict: Verdict | null, run: Partial<Run> = {}, sentences = summaries): OutboxEvent {
  const at = new Date('2026-03-01T12:06:40.000Z');
  return outboxEvent(
    { type, run: sampleRun({ looks: 26, verdict, ...run }), previous: null, summaries: sentences, at },
    'https://assay.example',
  );
}

const rollback = sampleVerdict({
  decision: 'rollback',
  final: true,
  code: 'harm-evidence',
  reason: errorRate,
  score: 3,
  evidence: [harmful, safe],
  elapsedSeconds: 400,
});

const events: readonly [string, OutboxEvent][] = [
  ['rollback', event('verdict.final', rollback)],
  [
    'promote',
    event(
      'verdict.final',
      sampleVerdict({
        decision: 'promote',
        final: true,
        code: 'all-safe',
        score: 100,
        evidence: [safe],
        elapsedSeconds: 3_725,
        reason: `the one gating metric is within its margin after 62 min: ${latency}`,
      }),
      {},
      [latency],
    ),
  ],
  [
    'baking',
    event(
      'verdict.changed',
      sampleVerdict({
        decision: 'promote',
        code: 'baking',
        score: 100,
        evidence: [safe],
        elapsedSeconds: 2_400,
        bakingSince: 2_400,
        etaSeconds: 1_800,
        reason: 'the one gating metric is within its margin; baking: watched for another 30 min of 30 min, and harm still rolls back',
      }),
      {},
      [latency],
    ),
  ],
  [
    'hold',
    event(
      'verdict.changed',
      sampleVerdict({
        code: 'insufficient-evidence',
        reason: '1 of 2 metrics are safe; error-rate needs about 2 400 more canary observations, 4 min at this rate',
        evidence: [{ ...harmful, assessment: 'undecided' }, safe],
      }),
    ),
  ],
  [
    'deadline',
    event('verdict.final', sampleVerdict({ final: true, code: 'deadline', reason: 'deadline of 60 min reached: 0 of 0', evidence: [] })),
  ],
  [
    'cancelled',
    event('verdict.final', sampleVerdict({ final: true, code: 'cancelled', reason: 'cancelled by ana: wrong build', evidence: [] })),
  ],
  ['started', event('run.started', null, { looks: 0, arguments: {}, phaseChanges: [] }, [])],
  [
    'hostile',
    event(
      'verdict.final',
      { ...rollback, reason: '<!channel> & <https://evil.example|click> *bold*\u202e\u0000 `code`' },
      { arguments: { service: '<!here>\n&amp;' }, names: { baseline: '<@U123>', canary: '</script>' } },
    ),
  ],
];

it.each(events)('tells the engineer on call: %s', (name, happened) => {
  const { body } = messageOf(slackChannel, happened);
  expectGolden(`slack/${name}.json`, body);
});

it.each(events)('is plain JSON for programs: %s', (name, happened) => {
  const { body } = messageOf(webhookChannel, happened);
  expect(body).toBe(happened.body);
  expectGolden(`webhook/${name}.json`, body);
});

it('stays within every limit of Slack, whatever people wrote', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 2_500 }),
    fc.constantFrom('<!channel>'.repeat(250), '&'.repeat(2_500), '"'.repeat(2_500), '\\\n'.repeat(1_200), '😀'.repeat(1_200)),
  );
  fc.assert(
    fc.property(anyText, anyText, fc.integer({ min: 0, max: 40 }), (text, name, count) => {
      const evidence = Array.from({ length: count }, () => harmful);
      const happened = event(
        'verdict.final',
        { ...rollback, reason: text, evidence },
        { arguments: { service: name }, names: { baseline: text, canary: name } },
        Array.from({ length: count }, () => text),
      );
      const { body } = messageOf(slackChannel, happened);
      expect(body.length).toBeLessThanOrEqual(13_000);
      const { text: fallback, blocks } = JSON.parse(body) as { text: string; blocks: Block[] };
      expect(fallback.length).toBeLessThanOrEqual(1_000);
      expect(blocks.length).toBeLessThanOrEqual(50);
      for (const block of blocks) expectWithinLimits(block);
    }),
    { numRuns: 60 },
  );
});

function expectWithinLimits({ type, text, fields = [], elements = [] }: Block): void {
  if (type === 'header') expect(text?.text.length).toBeLessThanOrEqual(150);
  if (type === 'section') expect(text?.text.length ?? 0).toBeLessThanOrEqual(3_000);
  expect(fields.length).toBeLessThanOrEqual(10);
  expect(elements.length).toBeLessThanOrEqual(10);
  const texts = [
    text?.text,
    ...fields.map((field) => field.text),
    ...elements.filter((element) => !element.url).map((element) => element.text),
  ];
  for (const written of texts.filter((one) => one !== undefined)) {
    expect(written.length).toBeGreaterThan(0);
    expect(written).not.toMatch(/<|>|&(?!amp;|lt;|gt;)/);
  }
  for (const field of fields) expect(field.text.length).toBeLessThanOrEqual(2_000);
  for (const { url } of elements) expect(url?.length ?? 0).toBeLessThanOrEqual(3_000);
}

it('never cuts an escape or a character in two', () => {
  expect(slackText('a<b', 5)).toBe('a…');
  expect(slackText('a<b', 6)).toBe('a&lt;b');
  expect(slackText('😀😀', 3)).toBe('😀…');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 30 }), (text, limit) => {
      const shown = slackText(text, limit);
      expect(shown.length).toBeLessThanOrEqual(limit);
      expect(shown.isWellFormed()).toBe(true);
      expect(shown).not.toMatch(/&(?!amp;|lt;|gt;)/);
    }),
  );
});

it('says once what is to be minded about the data of several metrics, and lets no text of it be markup', () => {
  const warning = '41 observations fell into the overflow series: http.route has 1000 values and more <!channel>';
  const evidence = [harmful, safe].map((metric) => ({ ...metric, warnings: [warning] }));
  const { body } = messageOf(slackChannel, event('verdict.final', { ...rollback, evidence }));
  const { blocks } = JSON.parse(body) as { blocks: readonly Block[] };
  const said = blocks.flatMap(({ text }) => text?.text ?? []).filter((text) => text.startsWith('*Mind*'));
  expect(said).toEqual(['*Mind*\n• 41 observations fell into the overflow series: http.route has 1000 values and more &lt;!channel&gt;']);
});
