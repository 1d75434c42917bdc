import { isIP } from 'node:net';
import { RegistryError } from '../error.js';
import { isPublicAddress, type Networks } from './addresses.js';

const MAX_LENGTH = 2_000;

/**
 * A URL that events may be sent to: https of a public host, or what lies in an allowed network, there also http. A name is
 * looked at again each time it is connected to: what it resolves to may change.
 *
 * @throws RegistryError `webhook.url_refused`
 */
export function parseWebhookUrl(text: string, allow: Networks): string {
  const url = text.length <= MAX_LENGTH && URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw refused('it is not a URL of at most 2,000 characters');
  const isHttp = url.protocol === 'http:';
  if (url.protocol !== 'https:' && !(isHttp && !allow.isEmpty)) throw refused('it is not an https URL');
  if (url.username !== '' || url.password !== '') throw refused('it holds credentials');
  if (url.hash !== '') throw refused('it holds a fragment');
  const host = hostOf(url.hostname);
  if (isIP(host) !== 0 && !isAllowed(host, allow, isHttp))
    throw refused(`${host} is no address of the public internet`);
  if (isIP(host) === 0 && allow.isEmpty && (host === 'localhost' || host.endsWith('.localhost')))
    throw refused('it is this machine');
  return url.href;
}

/** Whether a connection to an address may be made: without TLS only in a network that the operator has allowed. */
export function isAllowed(address: string, allow: Networks, isHttp: boolean): boolean {
  return allow.has(address) || (!isHttp && isPublicAddress(address));
}

/** An IPv6 address stands in brackets in a URL. */
export function hostOf(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

function refused(why: string): RegistryError {
  return new RegistryError('webhook.url_refused', `nothing is delivered there: ${why}`);
}
