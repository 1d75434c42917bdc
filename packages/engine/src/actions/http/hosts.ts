import { BlockList, isIP } from 'node:net';
import { quote } from '@sheaf/workflow';
import { ActionError } from '../action-error.js';

/** Addresses that no public name should lead to: private, local, shared, reserved, and those that wrap another one. */
const PRIVATE = new BlockList();
for (const range of [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
]) {
  const [net = '', bits = ''] = range.split('/');
  PRIVATE.addSubnet(net, Number(bits), 'ipv4');
}
for (const range of [
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]) {
  const [net = '', bits = ''] = range.split('/');
  PRIVATE.addSubnet(net, Number(bits), 'ipv6');
}

/** Names that public DNS does not hold (RFC 6761, 6762, 8375, and .internal), and names without a dot. */
const PRIVATE_NAME = /^(?:[^.]+|.*\.(?:localhost|local|internal|home\.arpa|test|lan|corp))$/;

/** True for an address inside some network. An IPv4 address within IPv6 counts as what it wraps. */
export function isPrivateAddress(address: string): boolean {
  const wrapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1];
  if (wrapped !== undefined) return isPrivateAddress(wrapped);
  const family = isIP(address);
  return family === 0 || PRIVATE.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Where a request may go. */
export interface AllowedHost {
  /** Without brackets. */
  readonly hostname: string;
  /** May it lead into a private network? Only a host that is itself named, and whose name says so. */
  readonly mayBePrivate: boolean;
}

/**
 * The host of an address, where the run may reach it: `network` names it, alone or with its port, or names `*.` and a domain above
 * it, or `*`. Throws ActionError `policy.denied`, `action.input`.
 */
export function allowedHost(url: URL, network: readonly string[]): AllowedHost {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new ActionError(
      'action.input',
      `an address must begin with https:// or http://, not ${quote(url.protocol)}`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new ActionError('action.input', 'an address must not hold a name or a password', {
      hint: 'send them in headers, or with bearer',
    });
  }
  const hostname = url.hostname
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  const isNamed = network.some((entry) => {
    const wanted = entry.toLowerCase().replace(/^\[(.*)\](?=:|$)/, '$1');
    return wanted === hostname || wanted === `${hostname}:${port}`;
  });
  const isCovered = network.some((entry) => {
    const domain = entry.toLowerCase();
    return domain === '*' || (domain.startsWith('*.') && hostname.endsWith(domain.slice(1)));
  });
  if (!isNamed && !isCovered) {
    throw new ActionError('policy.denied', `the run may not reach ${quote(hostname)}`, {
      hint: `add "${hostname}" to network under [permissions] of the workflow`,
      denied: { subject: 'network', value: hostname, by: 'workflow' },
    });
  }
  const mayBePrivate = isNamed && (isIP(hostname) !== 0 || PRIVATE_NAME.test(hostname));
  if (isIP(hostname) !== 0 && !mayBePrivate && isPrivateAddress(hostname))
    throw privateAddress(hostname, hostname);
  return { hostname, mayBePrivate };
}

export function privateAddress(hostname: string, address: string): ActionError {
  const what = hostname === address ? quote(hostname) : `${quote(hostname)} leads to ${address}, which`;
  return new ActionError('policy.denied', `${what} is an address of a private network`, {
    hint: `name the address itself in network under [permissions]: "${address}"`,
    denied: { subject: 'network', value: hostname, by: 'workflow', why: `${address} is private` },
  });
}
