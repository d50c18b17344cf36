import { describe, expect, it } from '@jest/globals';
import { partsOfAddress, withoutSecrets } from './without-secrets.js';

describe('a text that a receiver answered', () => {
  it.each([
    ['you sent Bearer s3cr3t-token!', 'you sent Bearer …!'],
    ['{"routing_key":"s3cr3t-token"}', '{"routing_key":"…"}'],
    ['twice s3cr3t-token s3cr3t-token', 'twice … …'],
    ['cut in the middle of s3cr3t-to', 'cut in the middle of …'],
    ['nothing of it: s3c', 'nothing of it: s3c'],
  ])('is shown without the secrets in it: %s', (text, expected) => {
    expect(withoutSecrets(text, ['s3cr3t-token'])).toBe(expected);
  });

  it('is shown without secrets that JSON or an address wrote otherwise', () => {
    expect(withoutSecrets('{"key":"a\\"b\\\\cd"}', ['a"b\\cd'])).toBe('{"key":"…"}');
    expect(withoutSecrets('no /x%20y%20z', ['/x y z'])).toBe('no …');
  });

  it('is shown without the part of a secret address that its receiver sees', () => {
    const secrets = partsOfAddress('https://hooks.example/services/T0/B0/s3cr3t?key=abcd');
    expect(withoutSecrets('cannot POST /services/T0/B0/s3cr3t?key=abcd', secrets)).toBe('cannot POST …');
    expect(withoutSecrets('no route /services/T0/B0/s3cr3t', secrets)).toBe('no route …');
  });
});
