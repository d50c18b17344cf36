import { Webhook } from 'standardwebhooks';
import { DeliveryError } from '../domain/index.js';

/**
 * Headers by which a receiver knows who sent this, and when (Standard Webhooks, HMAC-SHA256).
 *
 * @param id       the same on every attempt: receivers drop what they have seen
 * @param at       time of this attempt
 * @param secrets  `whsec_…`; several, with white space between them, while one replaces another: each signs
 * @throws {DeliveryError} a secret is not `whsec_` and 24 to 64 bytes in base64; never repeats it
 */
export function signatureHeaders(id: string, at: Date, body: string, secrets: string): Record<string, string> {
  const keys = secrets.split(/\s+/).map(keyOf);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': keys.map((key) => key.sign(id, at, body)).join(' '),
  };
}

function keyOf(secret: string): Webhook {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1] ?? '';
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length < 24 || bytes.length > 64) {
    throw new DeliveryError('the signing secret is not whsec_ and 24 to 64 bytes in base64', { retryable: true });
  }
  return new Webhook(`whsec_${bytes.toString('base64')}`);
}
