import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { type Receiver, startReceiver } from '../../test/support/receiver.js';
import { sampleEndpoint } from '../../test/support/sample-endpoint.js';
import { sampleRun, sampleVerdict } from '../../test/support/sample-run.js';
import { openMemoryStore, patienceMs, shared } from '../../test/support/stores.js';
import type { EventType } from '../domain/index.js';
import { type Database, type Delivery, DeliveryStore, type Endpoint, EndpointStore, OutboxStore } from '../storage/index.js';
import { DeliveryWorker } from './delivery-worker.js';

Logger.overrideLogger(false);

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

jest.setTimeout(patienceMs);

describe('the delivery worker', () => {
  const open = shared(openMemoryStore);
  let database: Database;
  let receiver: Receiver;
  let worker: DeliveryWorker;
  let outbox: OutboxStore;
  let deliveries: DeliveryStore;
  let endpoints: EndpointStore;

  beforeAll(async () => {
    process.env['ASSAY_TEST_SIGNING_SECRET'] = secret;
    receiver = await startReceiver();
    process.env['ASSAY_TEST_SLACK_URL'] = `${receiver.url}services/T0/B0/s3cr3t`;
  });
  afterAll(() => receiver.stop());
  beforeEach(async () => {
    database = await open();
    outbox = new OutboxStore(database, { publicUrl: 'https://assay.example' });
    deliveries = new DeliveryStore(database, outbox);
    endpoints = new EndpointStore(database);
    worker = new DeliveryWorker(database, outbox, deliveries, { egressAllow: ['127.0.0.0/8'] });
    await worker.start();
  });
  afterEach(async () => {
    receiver.reset(); // hanging answers end here
    await worker.stop();
  });

  const endpoint = (change: Partial<Endpoint> = {}): Promise<Endpoint> =>
    endpoints.create(sampleEndpoint({ url: receiver.url, ...change }));

  const tell = (type: EventType, looks: number, id = sampleRun().id): Promise<number> =>
    outbox.add({
      type,
      run: sampleRun({ id, looks, verdict: sampleVerdict() }),
      previous: null,
      summaries: [],
      at: new Date(),
    });

  const log = async (): Promise<Delivery[]> => (await deliveries.list({ limit: 100, cursor: null })).deliveries;

  async function until(what: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (!(await what())) {
      if (Date.now() > deadline) throw new Error('it did not happen within 30 s');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  const states = async (): Promise<string[]> => (await log()).map(({ state }) => state);
  const allDelivered = async (): Promise<boolean> => (await states()).every((state) => state === 'delivered');

  it('tells at the commit, signed so that the receiver can check it', async () => {
    await endpoint();
    await tell('verdict.final', 7);
    await until(allDelivered);
    const [message] = receiver.received;
    const headers = message?.headers as Record<string, string>;
    const payload = new Webhook(secret).verify(message?.body ?? '', headers);
    expect(payload).toMatchObject({ type: 'verdict.final', data: { run: sampleRun().id, decision: 'hold' } });
    expect(headers).toMatchObject({ 'webhook-id': `evt_${sampleRun().id.slice(4)}_7`, 'content-type': 'application/json' });
    expect(await log()).toMatchObject([{ attempts: [{ number: 1, status: 200, error: null, snippet: 'ok' }] }]);
  });

  it('keeps secrets out of the log, though a receiver repeats all that it was sent', async () => {
    process.env['ASSAY_TEST_CREDENTIAL_SECRET'] = 'canary-of-a-credential';
    await endpoint({ channel: 'pagerduty', secretRef: 'env:ASSAY_TEST_CREDENTIAL_SECRET', options: { kind: 'changes' } });
    await endpoint({ id: 'ep_2', channel: 'grafana', secretRef: 'env:ASSAY_TEST_CREDENTIAL_SECRET' });
    await endpoint({ id: 'ep_3', channel: 'slack', url: null, urlRef: 'env:ASSAY_TEST_SLACK_URL', secretRef: null });
    receiver.answer(({ received, response }) =>
      response.writeHead(200).end(`${received.path} ${received.headers['authorization'] ?? ''} ${received.body.slice(0, 200)}`),
    );
    await tell('verdict.final', 7);
    await until(allDelivered);
    const deliveries = await log();
    const said = JSON.stringify(deliveries);
    expect(deliveries).toHaveLength(3);
    expect(said).not.toMatch(/canary-of-a-credential|s3cr3t/);
    expect(deliveries.every(({ attempts }) => attempts[0]?.snippet?.includes('…'))).toBe(true);
  });

  it('tells nothing of a transaction that failed', async () => {
    await endpoint();
    const failing = database.transaction(async () => {
      await tell('verdict.final', 7);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await tell('run.started', 0, 'run_other');
    await until(allDelivered);
    expect(receiver.received).toHaveLength(1);
  });

  it('tries again with the same id and bytes and a fresh time, then replays the same', async () => {
    await endpoint();
    receiver.answer(({ response, count }) => response.writeHead(count < 2 ? 503 : 204).end());
    await tell('verdict.final', 7);
    await until(allDelivered);
    const [delivery] = await log();
    expect(delivery?.attempts.map(({ status }) => status)).toEqual([503, 204]);
    await deliveries.replay(delivery?.id ?? '', new Date());
    worker.wake();
    await until(async () => receiver.received.length === 3 && (await allDelivered()));
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-timestamp'])).size).toBeGreaterThan(1);
  });

  it('tells an endpoint about a run in order, though the first event fails at first', async () => {
    await endpoint();
    receiver.answer(({ response, count }) => response.writeHead(count === 1 ? 500 : 200).end());
    await tell('run.started', 0);
    await tell('verdict.changed', 1);
    await tell('verdict.final', 2);
    await until(allDelivered);
    const types = receiver.received.map(({ body }) => (JSON.parse(body) as { type: string }).type);
    expect(types).toEqual(['run.started', 'run.started', 'verdict.changed', 'verdict.final']);
  });

  it('is not held up by endpoints that hang', async () => {
    await endpoint({ id: 'ep_hangs', url: `${receiver.url}hang` });
    await endpoint({ id: 'ep_good', url: `${receiver.url}good` });
    receiver.answer(({ received, response }) => {
      if (received.path === '/good') response.writeHead(200).end();
    });
    for (let run = 0; run < 30; run++) await tell('run.started', 0, `run_${run}`);
    const good = (): number => receiver.received.filter(({ path }) => path === '/good').length;
    await until(() => good() === 30);
    const hanging = receiver.received.length - good();
    expect(hanging).toBeGreaterThanOrEqual(1);
    expect(hanging).toBeLessThanOrEqual(4);
  });

  it('disables the endpoint that says it is gone', async () => {
    await endpoint();
    receiver.answer(({ response }) => response.writeHead(410).end());
    await tell('verdict.final', 7);
    await until(async () => (await states()).includes('dead'));
    expect(await endpoints.get('ep_1')).toMatchObject({ enabled: false, disabledReason: 'the receiver answered 410 Gone' });
  });

  it('posts to Slack at an address that nobody sees', async () => {
    await endpoint({ channel: 'slack', url: null, urlRef: 'env:ASSAY_TEST_SLACK_URL', secretRef: null });
    receiver.answer(({ response, count }) => response.writeHead(count === 1 ? 500 : 200).end('ok'));
    await tell('verdict.final', 7);
    await until(allDelivered);
    expect(receiver.received[0]).toMatchObject({ path: '/services/T0/B0/s3cr3t' });
    expect(receiver.received[0]?.headers['webhook-signature']).toBeUndefined();
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ blocks: expect.any(Array), text: expect.any(String) });
    expect(JSON.stringify([await log(), await endpoints.list()])).not.toContain('s3cr3t');
  });

  it('writes down what is missing: a secret, a channel, a public address', async () => {
    await endpoint({ id: 'ep_1', secretRef: 'env:ASSAY_TEST_NOT_SET' });
    await endpoint({ id: 'ep_2', channel: 'pigeon' });
    await endpoint({ id: 'ep_3', url: 'http://10.0.0.1/hook' });
    await tell('verdict.changed', 1);
    await until(async () => (await log()).every(({ attempts }) => attempts.length === 1));
    const errors = (await log()).sort((a, b) => (a.endpointId < b.endpointId ? -1 : 1)).map(({ attempts }) => attempts[0]?.error);
    expect(errors).toEqual([
      'the secret env:ASSAY_TEST_NOT_SET is missing or empty',
      'there is no channel pigeon',
      '10.0.0.1 is not at a public address: allow its range with ASSAY_EGRESS_ALLOW if it is meant',
    ]);
  });

  it('takes up what a dead process left behind', async () => {
    await worker.stop();
    await endpoint();
    await tell('verdict.final', 7);
    const request = { claim: 'dead', limit: 9, failing: false, perEndpoint: 9, leaseSeconds: 3600, now: new Date() };
    expect(await deliveries.claim(request)).toHaveLength(1);
    await worker.start();
    await until(allDelivered);
    expect(receiver.received).toHaveLength(1);
  });

  it('ends what is under way before it stops, and starts nothing new', async () => {
    await endpoint();
    receiver.answer(({ response }) => setTimeout(() => response.writeHead(200).end(), 200));
    await tell('run.started', 0);
    await tell('verdict.final', 1);
    await until(() => receiver.received.length === 1);
    await worker.stop();
    await worker.stop();
    expect((await states()).sort()).toEqual(['delivered', 'pending']);
    expect(receiver.received).toHaveLength(1);
  });
});
