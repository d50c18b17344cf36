import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An event that arrived, and whether its signature is right. */
export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly canary: string;
  readonly decision: string;
  readonly verified: boolean;
}

export interface WebhookReceiver {
  readonly url: string;
  close(): Promise<void>;
}

/** A signing secret as Standard Webhooks writes it. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/**
 * Listens for Assay's events on a free port of 127.0.0.1 and checks each signature with nothing but `node:crypto`, as a
 * receiver in any language would.
 */
export async function startWebhookReceiver(secret: string, onEvent: (event: ReceivedEvent) => void): Promise<WebhookReceiver> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const header = (name: string): string => request.headers[name]?.toString() ?? '';
    const verified = isSigned(secret, header('webhook-id'), header('webhook-timestamp'), body, header('webhook-signature'));
    const { type, data } = eventOf(body);
    onEvent({ id: header('webhook-id'), type, canary: String(data['canary']), decision: String(data['decision']), verified });
    response.writeHead(verified ? 204 : 401).end();
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/assay`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @see https://www.standardwebhooks.com: HMAC-SHA256 over `id.timestamp.body`, any of the space-separated signatures */
export function isSigned(secret: string, id: string, timestamp: string, body: string, signatures: string): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  return signatures.split(' ').some((signature) => {
    const given = Buffer.from(signature.replace(/^v1,/, ''), 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

function eventOf(body: string): { type: string; data: Record<string, unknown> } {
  try {
    const { type, data } = JSON.parse(body) as { type?: unknown; data?: Record<string, unknown> };
    return { type: String(type), data: data ?? {} };
  } catch {
    return { type: 'unreadable', data: {} };
  }
}
