import type { LookupAddress, LookupOptions } from 'node:dns';
import { isPrivateAddress, privateAddress, type AllowedHost } from './hosts.js';

/** Finds all addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

type LookupCallback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * A `lookup` for sockets which connects to the very addresses that it has checked: a name that leads elsewhere the second time it
 * is asked for (DNS rebinding) gains nothing.
 */
export function guardedLookup(resolve: Resolve, host: AllowedHost) {
  return (hostname: string, options: LookupOptions, callback: LookupCallback): void => {
    findAddresses(resolve, host, hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all === true) callback(null, [...addresses]);
        else callback(null, first?.address ?? '', first?.family);
      },
      (error: unknown) => {
        callback(error instanceof Error ? error : new Error(String(error)), '');
      },
    );
  };
}

async function findAddresses(
  resolve: Resolve,
  host: AllowedHost,
  hostname: string,
): Promise<readonly LookupAddress[]> {
  const addresses = await resolve(hostname);
  if (host.mayBePrivate) return addresses;
  const refused = addresses.find(({ address }) => isPrivateAddress(address));
  if (refused !== undefined) throw privateAddress(hostname, refused.address);
  return addresses;
}
