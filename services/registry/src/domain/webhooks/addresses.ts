import { BlockList, isIP } from 'node:net';

/** Networks, as `address/prefix`. */
export interface Networks {
  readonly isEmpty: boolean;
  has(address: string): boolean;
}

/**
 * IPv4 that is not the public internet: IANA's special-purpose registry, multicast and reserved addresses, and the
 * address at which Azure serves metadata to its machines.
 */
const NOT_PUBLIC_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/** All that IANA has given out for use on the internet; everything else of IPv6 is special. */
const GLOBAL_UNICAST_V6 = ['2000::/3'];

/** What lies in it but leads elsewhere: Teredo and other protocols, documentation, 6to4, which holds an IPv4 address. */
const NOT_PUBLIC_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];

const notPublicV4 = networksOf(NOT_PUBLIC_V4);
const globalV6 = networksOf(GLOBAL_UNICAST_V6);
const notPublicV6 = networksOf(NOT_PUBLIC_V6);

/**
 * Whether an address is of the public internet. Loopback, private, link-local, shared, multicast and documentation
 * addresses are not, nor are those of IPv6 that carry one of IPv4 (mapped, NAT64, 6to4), whatever it is.
 *
 * @param address as the system's resolver writes it; anything else is not public
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublicV4.has(address);
    case 6:
      return !address.includes('%') && globalV6.has(address) && !notPublicV6.has(address);
    default:
      return false;
  }
}

/** @throws Error when one of them is no network */
export function networksOf(texts: readonly string[]): Networks {
  // A list for each family: one for both would take a mapped address for the one that it maps.
  const lists = { 4: new BlockList(), 6: new BlockList() };
  for (const text of texts) {
    const slash = text.indexOf('/');
    const address = slash === -1 ? text : text.slice(0, slash);
    const family = isIP(address);
    const most = family === 4 ? 32 : 128;
    const bits = slash === -1 ? String(most) : text.slice(slash + 1);
    if (family === 0 || address.includes('%') || !/^\d{1,3}$/.test(bits) || Number(bits) > most)
      throw new Error(`${JSON.stringify(text)} is no network`);
    lists[family === 4 ? 4 : 6].addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  }
  return {
    isEmpty: texts.length === 0,
    has: (address) => {
      const family = isIP(address);
      if (family === 4) return lists[4].check(address, 'ipv4');
      return family === 6 && !address.includes('%') && lists[6].check(address, 'ipv6');
    },
  };
}
