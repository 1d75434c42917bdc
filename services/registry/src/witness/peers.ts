import { isIPv4 } from 'node:net';

/**
 * Who an address belongs to: an IPv4 address is one host's, of an IPv6 address the first 64 bits are, for whoever has a
 * network has all of its addresses.
 *
 * @param address as a socket names it, or undefined for one that is gone
 */
export function peerOf(address = ''): string {
  const plain = address.split('%', 1)[0]?.toLowerCase() ?? '';
  const mapped = plain.startsWith('::ffff:') ? plain.slice('::ffff:'.length) : plain;
  if (isIPv4(mapped) || !plain.includes(':')) return mapped;
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array.from({ length: zeros }, () => '0'), ...after].slice(0, 4).join(':');
}

/** Counts what each has of something, up to a limit. */
export interface Shares {
  /** Whether there was room for one more; it is taken then. */
  take(who: string): boolean;
  release(who: string): void;
}

export function createShares(limit: number): Shares {
  const counts = new Map<string, number>();
  return {
    take: (who) => {
      const count = counts.get(who) ?? 0;
      if (count >= limit) return false;
      counts.set(who, count + 1);
      return true;
    },
    release: (who) => {
      const count = counts.get(who) ?? 0;
      if (count > 1) counts.set(who, count - 1);
      else counts.delete(who);
    },
  };
}
