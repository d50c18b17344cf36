import { expect, it } from '@jest/globals';
import { addressGuard } from './address-guard.js';

const mayReach = addressGuard([]);

it.each([
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::8.8.8.8',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:10.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  '5f00::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '4000::1',
  '',
  'localhost',
  '127.0.0.1.nip.io',
])('does not reach %s', (address) => {
  expect(mayReach(address)).toBe(false);
});

it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '::ffff:8.8.8.8', '2606:4700:4700::1111', '2a00:1450::1'])(
  'reaches %s',
  (address) => {
    expect(mayReach(address)).toBe(true);
  },
);

it('reaches the ranges that are allowed, and their neighbours not', () => {
  const allowing = addressGuard(['10.1.0.0/16', 'fd00:1::/32', '127.0.0.1/32']);
  expect(['10.1.2.3', '::ffff:10.1.2.3', 'fd00:1::5', '127.0.0.1'].map(allowing)).toEqual([true, true, true, true]);
  expect(['10.2.0.1', 'fd00:2::5', '127.0.0.2', '::1'].map(allowing)).toEqual([false, false, false, false]);
});
