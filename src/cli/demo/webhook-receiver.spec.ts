import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { isSigned, newWebhookSecret, type ReceivedEvent, startWebhookReceiver } from './webhook-receiver.js';

const body = JSON.stringify({ type: 'verdict.final', data: { canary: '1.5.1', decision: 'rollback' } });
const moment = new Date(1_800_000_000_000);
const timestamp = String(moment.getTime() / 1000);

describe('checking a webhook', () => {
  const secret = newWebhookSecret();
  const signature = new Webhook(secret).sign('evt_1', moment, body);

  it('takes what Standard Webhooks signs', () => {
    expect(isSigned(secret, 'evt_1', timestamp, body, signature)).toBe(true);
    expect(isSigned(secret, 'evt_1', timestamp, body, `v1,${'A'.repeat(43)}= ${signature}`)).toBe(true);
  });

  it('takes nothing else', () => {
    expect(isSigned(newWebhookSecret(), 'evt_1', timestamp, body, signature)).toBe(false);
    expect(isSigned(secret, 'evt_2', timestamp, body, signature)).toBe(false);
    expect(isSigned(secret, 'evt_1', '1800000001', body, signature)).toBe(false);
    expect(isSigned(secret, 'evt_1', timestamp, body.replace('rollback', 'promote'), signature)).toBe(false);
    expect(isSigned(secret, 'evt_1', timestamp, body, '')).toBe(false);
  });

  it('refuses a forged event and says so, and accepts a signed one', async () => {
    const events: ReceivedEvent[] = [];
    const receiver = await startWebhookReceiver(secret, (event) => events.push(event));
    const post = (given: string): Promise<Response> =>
      fetch(receiver.url, {
        method: 'POST',
        headers: { 'webhook-id': 'evt_1', 'webhook-timestamp': timestamp, 'webhook-signature': given },
        body,
      });
    const statuses = [(await post(signature)).status, (await post('v1,forged')).status];
    await receiver.close();
    expect(statuses).toEqual([204, 401]);
    expect(events).toEqual([
      { id: 'evt_1', type: 'verdict.final', canary: '1.5.1', decision: 'rollback', verified: true },
      { id: 'evt_1', type: 'verdict.final', canary: '1.5.1', decision: 'rollback', verified: false },
    ]);
  });
});
