import { expect, it } from '@jest/globals';
import { sampleEndpoint } from '../../test/support/sample-endpoint.js';
import { sampleRun, sampleVerdict } from '../../test/support/sample-run.js';
import { describeOnEveryStore } from '../../test/support/stores.js';
import { ConflictError, type EventType, NotFoundError } from '../domain/index.js';
import { type Database } from './database.js';
import { type ClaimRequest, type Settlement } from './delivery.js';
import { DeliveryStore } from './delivery.store.js';
import { EndpointStore, wants } from './endpoint.store.js';
import { OutboxStore } from './outbox.store.js';

const now = new Date('2026-03-01T12:00:00.000Z');
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
const attempt = { at: now, status: 503, durationMs: 12.4, error: 'the receiver answered 503', snippet: 'a\0b' };
const delivered: Settlement = { state: 'delivered', dueAt: null, disable: null };
const again = (seconds: number): Settlement => ({ state: 'pending', dueAt: later(seconds), disable: null });
const dead: Settlement = { state: 'dead', dueAt: null, disable: null };

describeOnEveryStore('deliveries', (open) => {
  interface Stores {
    readonly database: Database;
    readonly deliveries: DeliveryStore;
    readonly endpoints: EndpointStore;
    readonly outbox: OutboxStore;
    tell(type: EventType, looks: number, run?: string): Promise<number>;
    claim(change?: Partial<ClaimRequest>): ReturnType<DeliveryStore['claim']>;
  }

  async function opened(endpointIds: readonly string[] = ['ep_1']): Promise<Stores> {
    const database = await open();
    const outbox = new OutboxStore(database, { publicUrl: 'https://assay.example' });
    const [deliveries, endpoints] = [new DeliveryStore(database, outbox), new EndpointStore(database)];
    for (const id of endpointIds) await endpoints.create(sampleEndpoint({ id }));
    return {
      database,
      deliveries,
      endpoints,
      outbox,
      tell: (type, looks, id = sampleRun().id) =>
        outbox.add({ type, run: sampleRun({ id, looks, verdict: sampleVerdict() }), previous: null, summaries: [], at: now }),
      claim: (change = {}) =>
        deliveries.claim({ claim: 'me', limit: 64, failing: false, perEndpoint: 4, leaseSeconds: 60, now: later(1), ...change }),
    };
  }

  it('are one for each endpoint that wants the event, and an event is told once', async () => {
    const { endpoints, tell, claim } = await opened(['ep_1', 'ep_2']);
    await endpoints.create(sampleEndpoint({ id: 'ep_finals', events: ['verdict.final'] }));
    expect(await tell('verdict.changed', 1)).toBe(2);
    expect(await tell('verdict.changed', 1)).toBe(0);
    expect((await claim()).map(({ endpoint }) => endpoint.id).sort()).toEqual(['ep_1', 'ep_2']);
  });

  it('wake who tells them after the commit, and not before', async () => {
    const database = await open();
    const outbox = new OutboxStore(database, { publicUrl: 'https://assay.example' });
    const woken: string[] = [];
    const stop = outbox.onAdded(() => woken.push('woken'));
    await database.transaction(async () => {
      await outbox.add({ type: 'run.started', run: sampleRun(), previous: null, summaries: [], at: now });
      woken.push('work');
    });
    stop();
    await outbox.add({ type: 'run.started', run: sampleRun({ looks: 1 }), previous: null, summaries: [], at: now });
    expect(woken).toEqual(['work', 'woken']);
  });

  it('belong to one worker at a time, until its claim runs out', async () => {
    const { tell, claim, deliveries } = await opened();
    await tell('verdict.changed', 1);
    const [mine] = await claim({ leaseSeconds: 0 });
    const [theirs] = await claim({ claim: 'them' });
    expect(theirs).toMatchObject({ id: mine?.id, claim: 'them' });
    expect(await claim({ claim: 'others' })).toEqual([]);
    expect(mine && (await deliveries.settle(mine, attempt, () => delivered))).toBeNull();
    expect(theirs && (await deliveries.settle(theirs, attempt, () => delivered))).toBe('delivered');
    expect((await deliveries.get(theirs?.id ?? '')).attempts).toHaveLength(1);
  });

  it('are claimed once by twenty workers that ask at the same time', async () => {
    const { tell, claim } = await opened(['ep_1', 'ep_2', 'ep_3']);
    for (let run = 0; run < 10; run++) await tell('run.started', 0, `run_${run}`);
    const claims = await Promise.all(Array.from({ length: 20 }, (_, worker) => claim({ claim: String(worker), perEndpoint: 100 })));
    const ids = claims.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const rest = await claim({ perEndpoint: 100 });
    expect(ids.length + rest.length).toBe(30);
  });

  it('come in order for each run and endpoint: the next waits until the one before is delivered or dead', async () => {
    const { tell, claim, deliveries } = await opened();
    for (const looks of [1, 2, 3]) await tell('verdict.changed', looks);
    await tell('verdict.changed', 1, 'run_other');
    const first = await claim();
    expect(first.map(({ event }) => event.id)).toEqual([`evt_${sampleRun().id.slice(4)}_1`, 'evt_other_1']);
    expect(await claim()).toEqual([]);
    const [one] = first;
    if (one) await deliveries.settle(one, attempt, () => again(30));
    expect(await claim({ failing: true })).toEqual([]);
    const [retried] = await claim({ failing: true, now: later(31) });
    expect(retried).toMatchObject({ id: one?.id, attempts: 1 });
    if (retried) await deliveries.settle(retried, attempt, () => dead);
    const [second] = await claim({ failing: true });
    expect(second?.event.id).toBe(`evt_${sampleRun().id.slice(4)}_2`);
    if (second) await deliveries.settle(second, { ...attempt, status: 200 }, () => delivered);
    expect((await claim()).map(({ event }) => event.id)).toEqual([`evt_${sampleRun().id.slice(4)}_3`]);
  });

  it('of a final verdict hurry what waits before them', async () => {
    const { tell, claim, deliveries } = await opened();
    await tell('verdict.changed', 1);
    const [first] = await claim();
    if (first) await deliveries.settle(first, attempt, () => again(1800));
    await tell('verdict.final', 2);
    const [hurried] = await claim({ failing: true });
    expect(hurried?.id).toBe(first?.id);
    const seen: unknown[] = [];
    if (hurried) {
      await deliveries.settle(hurried, attempt, (...lane) => {
        seen.push(...lane);
        return again(1);
      });
    }
    expect(seen).toEqual(['fast', 1]);
  });

  it('are spread over endpoints, so that none takes all the room', async () => {
    const { tell, claim } = await opened(['ep_1', 'ep_2']);
    for (let run = 0; run < 10; run++) await tell('run.started', 0, `run_${run}`);
    const first = await claim({ perEndpoint: 3 });
    expect(first.filter(({ endpoint }) => endpoint.id === 'ep_1')).toHaveLength(3);
    expect(first).toHaveLength(6);
    expect(await claim({ perEndpoint: 3 })).toEqual([]);
    expect(await claim({ perEndpoint: 5, limit: 3 })).toHaveLength(3);
  });

  it('to an endpoint that fails are kept apart from the others, until it works again', async () => {
    const { tell, claim, deliveries, endpoints } = await opened(['ep_bad', 'ep_good']);
    await tell('run.started', 0, 'run_a');
    for (const delivery of await claim()) {
      const works = delivery.endpoint.id === 'ep_good';
      await deliveries.settle(delivery, attempt, () => (works ? delivered : again(5)));
    }
    await tell('run.started', 0, 'run_b');
    expect((await claim()).map(({ endpoint }) => endpoint.id)).toEqual(['ep_good']);
    const failing = await claim({ failing: true, now: later(6) });
    expect(failing.map(({ endpoint }) => endpoint.id)).toEqual(['ep_bad', 'ep_bad']);
    expect((await endpoints.get('ep_bad')).failingSince).toEqual(now);
    for (const delivery of failing) await deliveries.settle(delivery, { ...attempt, status: 200 }, () => delivered);
    expect((await endpoints.get('ep_bad')).failingSince).toBeNull();
  });

  it('end with an endpoint that is disabled or deleted', async () => {
    const { tell, claim, deliveries, endpoints } = await opened(['ep_gone', 'ep_deleted']);
    await tell('run.started', 0, 'run_a');
    await tell('run.started', 0, 'run_b');
    const [gone] = (await claim({ perEndpoint: 1 })).filter(({ endpoint }) => endpoint.id === 'ep_gone');
    if (gone) await deliveries.settle(gone, { ...attempt, status: 410 }, () => ({ ...dead, disable: 'the receiver answered 410 Gone' }));
    await endpoints.delete('ep_deleted', now);
    expect(await endpoints.get('ep_gone')).toMatchObject({ enabled: false, disabledReason: 'the receiver answered 410 Gone' });
    await expect(endpoints.get('ep_deleted')).rejects.toBeInstanceOf(NotFoundError);
    expect(await tell('run.started', 0, 'run_c')).toBe(0);
    expect(await claim({ now: later(9999) })).toEqual([]);
    const { deliveries: given } = await deliveries.list({ limit: 10, cursor: null, endpointId: 'ep_deleted' });
    expect(given.map(({ eventType, state }) => [eventType, state]).sort()).toEqual([
      ['endpoint.disabled', 'dead'],
      ['run.started', 'dead'],
      ['run.started', 'dead'],
    ]);
    await endpoints.enable('ep_gone');
    expect((await claim({ failing: false })).map(({ event }) => event.runId)).toEqual(['run_b']);
  });

  it('are logged with every attempt, and can be sent again with the same event', async () => {
    const { tell, claim, deliveries } = await opened();
    await tell('verdict.final', 7);
    const [first] = await claim();
    if (first) await deliveries.settle(first, attempt, () => dead);
    const id = first?.id ?? '';
    expect(await deliveries.get(id)).toMatchObject({
      state: 'dead',
      lane: 'fast',
      eventType: 'verdict.final',
      finishedAt: now,
      attempts: [{ number: 1, at: now, status: 503, durationMs: 12, error: 'the receiver answered 503', snippet: 'a\uFFFDb' }],
    });
    const replayed = await deliveries.replay(id, later(60));
    expect(replayed).toMatchObject({ state: 'pending', replayOf: id, eventId: first?.event.id, attempts: [] });
    const [second] = await claim({ failing: true, now: later(61) });
    expect(second?.event).toEqual(first?.event);
    const listed = await deliveries.list({ limit: 1, cursor: null, runId: sampleRun().id });
    expect(listed.deliveries.map((delivery) => delivery.id)).toEqual([replayed.id]);
    const older = await deliveries.list({ limit: 1, cursor: listed.next, state: 'dead' });
    expect([older.deliveries[0]?.id, older.next]).toEqual([id, null]);
    await expect(deliveries.get('dlv_\0')).rejects.toBeInstanceOf(NotFoundError);
  });

  it('cannot be sent again to an endpoint that is gone', async () => {
    const { tell, claim, deliveries, endpoints } = await opened();
    await tell('verdict.final', 7);
    const [first] = await claim();
    await endpoints.delete('ep_1', now);
    await expect(deliveries.replay(first?.id ?? '', now)).rejects.toBeInstanceOf(ConflictError);
  });

  it('that fail are told of to the other endpoints, once', async () => {
    const { endpoints, deliveries, tell, claim, outbox } = await opened(['ep_1', 'ep_2']);
    await endpoints.create(sampleEndpoint({ id: 'ep_pager', events: ['delivery.*', 'endpoint.disabled'] }));
    await endpoints.create(sampleEndpoint({ id: 'ep_other', events: ['delivery.*'], rules: { services: ['elsewhere'] } }));
    await tell('verdict.final', 3);
    const [first] = await claim({ limit: 1 });
    if (!first) throw new Error('nothing was claimed');
    const failing = first.endpoint.id;
    expect(await deliveries.settle(first, attempt, () => ({ ...again(60), alarm: true }))).toBe('pending');
    const told = (await claim({ now: later(2), perEndpoint: 9 })).filter(({ event }) => event.type === 'delivery.failing');
    const waiting = (await deliveries.list({ limit: 20, cursor: null })).deliveries.filter(
      ({ eventType }) => eventType === 'delivery.failing',
    );
    expect(waiting.map(({ endpointId }) => endpointId).sort()).toEqual(['ep_1', 'ep_2', 'ep_pager'].filter((id) => id !== failing));
    const { data } = JSON.parse(told[0]?.event.body ?? '{}');
    expect(data).toMatchObject({ undelivered: { endpoint: failing, event: first.event.id, error: 'the receiver answered 503' } });
    expect(data.reason).toContain(`endpoint ${failing} was not told since`);
    expect(await outbox.alarm(first.event, 'delivery.failing', data.undelivered, now)).toBe(0);
  });

  it('of a disabled endpoint are sent once it is enabled: what was given up, and what it missed', async () => {
    const { endpoints, deliveries, tell, claim, outbox } = await opened();
    await tell('verdict.changed', 1);
    await tell('verdict.changed', 2);
    for (const [index, settlement] of [delivered, { ...dead, disable: 'the receiver answered 410 Gone' }].entries()) {
      const [next] = await claim({ now: later(index + 1) });
      if (next) await deliveries.settle(next, attempt, () => settlement);
    }
    await tell('verdict.changed', 3);
    await tell('verdict.final', 4);
    expect(await claim({ now: later(9), failing: true })).toEqual([]);
    await endpoints.enable('ep_1');
    const stretch = { from: now, to: later(60), limit: 2 };
    expect(await outbox.resend(await endpoints.get('ep_1'), stretch, later(10))).toEqual({ sent: 2, more: true });
    expect(await outbox.resend(await endpoints.get('ep_1'), stretch, later(10))).toEqual({ sent: 1, more: false });
    expect(await outbox.resend(await endpoints.get('ep_1'), stretch, later(10))).toEqual({ sent: 0, more: false });
    const sent: string[] = [];
    for (let second = 11; second < 16; second += 1) {
      const [next] = await claim({ now: later(second) });
      if (!next) break;
      sent.push(next.event.id);
      await deliveries.settle(next, attempt, () => delivered);
    }
    expect(sent.map((id) => id.split('_').at(-1))).toEqual(['2', '3', '4']);
  });

  it('of a test go to one endpoint, and decide nothing', async () => {
    const { outbox, claim } = await opened(['ep_1', 'ep_2']);
    const id = await outbox.test('ep_2', now);
    const [only, ...others] = await claim();
    expect([only?.id, only?.endpoint.id, only?.event.type, others]).toEqual([id, 'ep_2', 'endpoint.test', []]);
    expect(JSON.parse(only?.event.body ?? '{}').data).toMatchObject({ decision: null, final: false, run: 'run_test' });
  });

  it('are given back by a worker that stops', async () => {
    const { tell, claim, deliveries } = await opened();
    await tell('verdict.final', 7);
    const [first] = await claim();
    await deliveries.release({ id: first?.id ?? '', claim: 'not me' });
    expect(await claim()).toEqual([]);
    if (first) await deliveries.release(first);
    expect(await claim()).toHaveLength(1);
    await deliveries.releaseAll();
    expect(await claim()).toHaveLength(1);
  });
});

it.each([
  [['*'], 'verdict.final', true],
  [['verdict.*'], 'verdict.final', true],
  [['verdict.*'], 'run.started', false],
  [['verdict.final'], 'verdict.final', true],
  [['verdict.final'], 'verdict.changed', false],
  [['verdict'], 'verdict.final', false],
  [[], 'verdict.final', false],
])('%j wants %s: %s', (filters, type, wanted) => {
  expect(wants({ events: filters, rules: {} }, { type, decision: null, service: null, template: 'x' })).toBe(wanted);
});
