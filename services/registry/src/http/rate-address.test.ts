import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { networkOf, networkOfAddress } from './rate-address.js';

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002:ffff::', '2001:db8:1:2::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
  ['', ''],
])('%s is counted as %s', (address, network) => {
  expect(networkOfAddress(address)).toBe(network);
});

const request = (peer: string, forwarded?: string) =>
  ({
    socket: { remoteAddress: peer },
    headers: { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

test('without trusted proxies nobody chooses his own address', () => {
  expect(networkOf(request('192.0.2.1', '203.0.113.7'), 0)).toBe('192.0.2.1');
});

test('behind proxies the address is what the outermost trusted one saw', () => {
  const chain = '198.51.100.9, 203.0.113.7, 192.0.2.2';
  expect(networkOf(request('192.0.2.1', chain), 1)).toBe('192.0.2.2');
  expect(networkOf(request('192.0.2.1', chain), 2)).toBe('203.0.113.7');
  expect(networkOf(request('192.0.2.1', 'nonsense'), 1)).toBe('192.0.2.1');
  expect(networkOf(request('192.0.2.1'), 2)).toBe('192.0.2.1');
});
