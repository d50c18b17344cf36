import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sampleEvidence, sampleRun, sampleVerdict } from '../../test/support/sample-run.js';
import type { EventPayload, Verdict } from '../domain/index.js';
import { maxBodyBytes, outboxEvent } from './event-body.js';

const at = new Date('2026-03-01T12:04:15.000Z');
const publicUrl = 'https://assay.example/';
const payloadOf = (verdict: Verdict, labels: Record<string, string> = {}): EventPayload =>
  JSON.parse(
    outboxEvent(
      {
        type: 'verdict.changed',
        run: sampleRun({ looks: 17, verdict, labels, arguments: { service: verdict.reason } }),
        previous: null,
        summaries: [],
        at,
      },
      publicUrl,
    ).body,
  ) as EventPayload;

it('has the same id and the same bytes for the same happening', () => {
  const happening = {
    type: 'verdict.changed',
    run: sampleRun({ looks: 17, verdict: sampleVerdict() }),
    previous: null,
    summaries: [],
    at,
  } as const;
  expect(outboxEvent(happening, publicUrl)).toEqual(outboxEvent(structuredClone(happening), publicUrl));
  expect(outboxEvent(happening, publicUrl).id).toBe('evt_01KJM00000AAAAAAAAAA_17');
});

it('writes bounds that are not there yet as null, and e-values as finite numbers', () => {
  const evidence = [sampleEvidence({ logHarm: 5000, logSafe: Number.NEGATIVE_INFINITY })];
  const [metric] = payloadOf(sampleVerdict({ evidence })).data.metrics;
  expect(metric).toMatchObject({ harm: { low: null, high: null }, estimate: null });
  expect(metric?.evidence).toEqual({ harm: 1e300, safe: 0, logHarm: 5000, logSafe: null });
});

it('says that nothing was judged yet when a run starts', () => {
  const body = outboxEvent({ type: 'run.started', run: sampleRun(), previous: null, summaries: [], at }, publicUrl).body;
  expect(JSON.parse(body)).toMatchObject({
    type: 'run.started',
    timestamp: '2026-03-01T12:04:15.000Z',
    data: { decision: null, final: false, code: null, service: 'checkout', url: 'https://assay.example/v1/runs/run_01KJM00000AAAAAAAAAA' },
  });
});

it('leaves out metrics to stay small, harmful ones last, and says how many', () => {
  const evidence = Array.from({ length: 200 }, (_, index) =>
    sampleEvidence({ name: `metric ${index}`, assessment: index === 199 ? 'harmful' : 'safe', warnings: ['x'.repeat(400)] }),
  );
  const payload = payloadOf(sampleVerdict({ evidence }));
  expect(Buffer.byteLength(JSON.stringify(payload))).toBeLessThanOrEqual(maxBodyBytes);
  expect(payload.data.metrics.at(-1)?.name).toBe('metric 199');
  expect(payload.data.metrics[0]?.name).toBe('metric 0');
  expect(payload.data.metrics.length + payload.data.metricsOmitted).toBe(200);
});

it('is never larger than receivers accept, whatever people wrote', () => {
  const long = fc.string({ unit: 'binary', maxLength: 3000 });
  fc.assert(
    fc.property(long, fc.dictionary(long, long, { maxKeys: 20 }), fc.integer({ min: 0, max: 40 }), (text, labels, metrics) => {
      const evidence = Array.from({ length: metrics }, () => sampleEvidence({ name: text.slice(0, 200), warnings: [text, text] }));
      const body = JSON.stringify(payloadOf(sampleVerdict({ reason: text, evidence }), labels));
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(maxBodyBytes);
    }),
    { numRuns: 50 },
  );
});
