import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createShares, peerOf } from './peers.js';

test('an IPv4 address is a peer, also in the form of IPv6', () => {
  expect(peerOf('192.0.2.1')).toBe('192.0.2.1');
  expect(peerOf('::ffff:192.0.2.1')).toBe('192.0.2.1');
  expect(peerOf('::FFFF:192.0.2.1')).toBe('192.0.2.1');
  expect(peerOf('::ffff:192.0.2.2')).not.toBe(peerOf('192.0.2.1'));
  expect(peerOf()).toBe('');
});

test('of an IPv6 address the network is the peer, however the address is written', () => {
  expect(peerOf('2001:db8:0:1::5')).toBe('2001:db8:0:1');
  expect(peerOf('2001:db8:0:1:a:b:c:d')).toBe('2001:db8:0:1');
  expect(peerOf('2001:db8::1')).toBe('2001:db8:0:0');
  expect(peerOf('fe80::1%eth0')).toBe('fe80:0:0:0');
  expect(peerOf('::1')).toBe('0:0:0:0');
  expect(peerOf('2001:db8:0:2::5')).not.toBe(peerOf('2001:db8:0:1::5'));
});

test('nobody gets more than the limit, and what was released can be taken again', () => {
  const step = fc.record({ who: fc.constantFrom('a', 'b', '__proto__'), isTaken: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const shares = createShares(3);
      const model = new Map<string, number>();
      for (const { who, isTaken } of steps) {
        const held = model.get(who) ?? 0;
        if (isTaken) {
          expect(shares.take(who)).toBe(held < 3);
          model.set(who, Math.min(3, held + 1));
        } else if (held > 0) {
          shares.release(who);
          model.set(who, held - 1);
        }
      }
    }),
  );
});
