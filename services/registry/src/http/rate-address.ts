import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

const MAPPED_IPV4 = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/**
 * The network that a request is counted for: the IPv4 address, or the /64 of the IPv6 address, which one customer has to
 * himself. Behind proxies that are trusted it is what the outermost of them saw: each appends the peer it saw to
 * `X-Forwarded-For`, so entries further left are the caller's own invention.
 */
export function networkOf(request: IncomingMessage, trustedHops: number): string {
  const peer = request.socket.remoteAddress ?? '';
  if (trustedHops === 0) return networkOfAddress(peer);
  const forwarded = request.headers['x-forwarded-for'];
  // Several headers of this name arrive as one list.
  const entries = typeof forwarded === 'string' ? forwarded.split(',') : [];
  const entry = entries.at(-trustedHops)?.trim();
  return networkOfAddress(entry !== undefined && isIP(entry) !== 0 ? entry : peer);
}

/** @returns the address itself when it is no IPv6 address */
export function networkOfAddress(address: string): string {
  const mapped = MAPPED_IPV4.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = withoutZone(address).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  // An address that ends in the IPv4 notation has one group less; its first four groups are what matters here.
  const missing = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

function withoutZone(address: string): string {
  const zone = address.indexOf('%');
  return zone === -1 ? address : address.slice(0, zone);
}
