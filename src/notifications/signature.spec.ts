import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { signatureHeaders } from './signature.js';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const other = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
const body = '{"type":"verdict.final","reason":"µ & \\u0000"}';

it('is accepted by the verifier of the specification', () => {
  const headers = signatureHeaders('evt_1', new Date(), body, secret);
  expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
});

it('is refused once a single character of the body changes', () => {
  const headers = signatureHeaders('evt_1', new Date(), body, secret);
  fc.assert(
    fc.property(fc.nat(body.length - 1), (index) => {
      const forged = `${body.slice(0, index)}${body[index] === 'x' ? 'y' : 'x'}${body.slice(index + 1)}`;
      expect(() => new Webhook(secret).verify(forged, headers)).toThrow('No matching signature');
    }),
  );
});

it('signs with the old and the new secret while one replaces the other', () => {
  const headers = signatureHeaders('evt_1', new Date(), body, `${secret}\n${other}`);
  expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
  expect(new Webhook(other).verify(body, headers)).toEqual(JSON.parse(body));
  expect(headers['webhook-signature']?.split(' ')).toHaveLength(2);
});

it.each([
  '',
  'password',
  'whsec_',
  'whsec_c2hvcnQ=',
  `whsec_${Buffer.alloc(65).toString('base64')}`,
  'whsec_not/base64!',
  `${secret} weak`,
])('refuses a secret that is none, without repeating it: %s', (weak) => {
  let message = '';
  try {
    signatureHeaders('evt_1', new Date(), body, weak);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toBe('the signing secret is not whsec_ and 24 to 64 bytes in base64');
});
