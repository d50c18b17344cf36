import { describe, expect, it } from '@jest/globals';
import { RefusalLog } from './refusal-log.js';
import { RefusalTally, reasonOfStatus } from './refusals.js';

describe('The log of refused requests', () => {
  const said: string[] = [];
  const log = new RefusalLog((line) => said.push(line));
  const refused = (reason: 'unauthenticated' | 'too-large', count: number) => ({ door: 'http', reason, count }) as const;

  it('names the first at once, with the repair, and what follows once a minute with its count', () => {
    log.note(refused('unauthenticated', 1), 0);
    for (let second = 1; second < 60; second += 1) log.note(refused('unauthenticated', 10), second * 1_000);
    log.note({ ...refused('unauthenticated', 1), door: 'grpc' }, 30_000);
    log.note(refused('too-large', 2), 30_000);
    expect(said.map((line) => line.slice(0, 74))).toEqual([
      'OTLP/HTTP refused 1 request since the last such line (unauthenticated): th',
      'OTLP/gRPC refused 1 request since the last such line (unauthenticated): th',
      'OTLP/HTTP refused 2 requests since the last such line (too-large): make ba',
    ]);
    expect(said[0]).toContain('ASSAY_TOKENS_FILE');
    expect(said[2]).toContain('ASSAY_OTLP_MAX_BODY_BYTES');
  });

  it('does not forget what was refused last', () => {
    said.length = 0;
    log.sayDue(59_999);
    log.sayDue(60_000);
    log.sayDue(120_001);
    expect(said.map((line) => line.slice(0, 36))).toEqual(['OTLP/HTTP refused 590 requests since']);
  });
});

describe('The tally of refused requests', () => {
  it('adds up by door and reason until it is fetched', () => {
    const tally = new RefusalTally();
    const one = { door: 'http', reason: reasonOfStatus(413), count: 1 } as const;
    for (const refusals of [one, { ...one, door: 'grpc' } as const, one]) tally.add(refusals);
    expect(tally.take()).toEqual([
      { door: 'http', reason: 'too-large', count: 2 },
      { door: 'grpc', reason: 'too-large', count: 1 },
    ]);
    expect(tally.take()).toEqual([]);
  });
});
