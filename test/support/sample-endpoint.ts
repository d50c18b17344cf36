import type { Endpoint } from '../../src/storage/index.js';

/** A webhook that wants every event. */
export function sampleEndpoint(change: Partial<Endpoint> = {}): Endpoint {
  return {
    id: 'ep_1',
    channel: 'webhook',
    url: 'https://receiver.example/hook',
    urlRef: null,
    secretRef: 'env:ASSAY_TEST_SIGNING_SECRET',
    events: ['*'],
    options: {},
    rules: {},
    description: '',
    enabled: true,
    disabledReason: null,
    failingSince: null,
    createdAt: new Date('2026-03-01T12:00:00.000Z'),
    ...change,
  };
}
