import { BlockList, isIP } from 'node:net';
import { ClientError } from '../errors.js';
import { isLoopback, withoutCredentials } from './url.js';

const MAX_VARIABLE_LENGTH = 32 * 1024;
const ALL = ['all_proxy', 'ALL_PROXY'];

/** A proxy to connect through. */
export interface Proxy {
  /** `http:` or `https:`, host and port: no user, no password, safe to show. */
  readonly origin: string;
  /** Value of `Proxy-Authorization`, a secret. */
  readonly authorization: string | undefined;
  /** The variable that named it. */
  readonly variable: string;
}

/** Which proxy each address is reached through. */
export interface Proxies {
  /**
   * Undefined for an address that is reached directly.
   *
   * @throws ClientError `proxy.invalid`
   */
  readonly find: (url: URL) => Proxy | undefined;
}

/**
 * The proxies that an environment names: `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY` with the addresses that `NO_PROXY`
 * excepts, in either case, the lower one first, as curl has it. `NO_PROXY` lists host names (with what is below
 * them), addresses and blocks of them, each with or without a port, or `*`. This machine is never reached through a
 * proxy. What a variable holds is looked at when an address first needs it.
 */
export function readProxies(env: Readonly<Record<string, string | undefined>>): Proxies {
  const isExcepted = once(() => parseExceptions(findVariable(env, ['no_proxy', 'NO_PROXY'])?.value ?? ''));
  // A web server that runs programs puts the header `Proxy` of any stranger's request into HTTP_PROXY.
  const upper = env['REQUEST_METHOD'] === undefined ? ['HTTP_PROXY'] : [];
  const http = once(() => parseVariable(findVariable(env, ['http_proxy', ...upper, ...ALL])));
  const https = once(() => parseVariable(findVariable(env, ['https_proxy', 'HTTPS_PROXY', ...ALL])));
  return {
    find(url) {
      if (isLoopback(url) || isExcepted()(url)) return undefined;
      return url.protocol === 'https:' ? https() : http();
    },
  };
}

interface Variable {
  readonly name: string;
  readonly value: string;
}

function findVariable(
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Variable | undefined {
  for (const name of names) {
    const value = env[name]?.trim() ?? '';
    if (value !== '') return { name, value };
  }
  return undefined;
}

function parseVariable(variable: Variable | undefined): Proxy | undefined {
  if (variable === undefined) return undefined;
  const { name, value } = variable;
  const invalid = (why: string): ClientError =>
    new ClientError('proxy.invalid', `${name} does not name a proxy: ${why}`, {
      hint: `set ${name} to http://HOST:PORT, or unset it to connect directly`,
    });
  const text = /^[a-z][a-z0-9+.-]{0,20}:\/\//i.test(value) ? value : `http://${value}`;
  if (text.length > MAX_VARIABLE_LENGTH) throw invalid('it is too long');
  if (!URL.canParse(text)) throw invalid(`${JSON.stringify(withoutCredentials(value))} is not a URL`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalid(`proxies of the kind ${url.protocol}// are not supported`);
  return { origin: url.origin, authorization: basicCredentials(url, invalid), variable: name };
}

/** RFC 7617: what stands before the host, with its escapes undone. */
function basicCredentials(url: URL, invalid: (why: string) => ClientError): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  try {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    return `Basic ${Buffer.from(pair).toString('base64')}`;
  } catch {
    throw invalid('its user or password holds a % that is no escape');
  }
}

interface Exception {
  readonly port: string | undefined;
  readonly covers: (host: string) => boolean;
}

function parseExceptions(text: string): (url: URL) => boolean {
  const words = text
    .slice(0, MAX_VARIABLE_LENGTH)
    .toLowerCase()
    .split(/[,\s]+/);
  const exceptions = words.filter((word) => word !== '').map(parseException);
  return (url) => {
    const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
    const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
    return exceptions.some(
      (exception) => (exception.port === undefined || exception.port === port) && exception.covers(host),
    );
  };
}

function parseException(word: string): Exception {
  if (word === '*') return { port: undefined, covers: () => true };
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^[\]]*?))(?::(\d{1,5}))?$/.exec(word) ?? [];
  // Several colons outside brackets: an address of version 6, which has no port here.
  const name = isIP(word) === 6 ? word : (bracketed ?? plain ?? word);
  const [address = '', prefix] = name.split('/', 2);
  const family = isIP(address);
  if (family !== 0) {
    const covers = coversAddress(address, family === 6 ? 'ipv6' : 'ipv4', prefix);
    return { port: isIP(word) === 6 ? undefined : port, covers };
  }
  const suffix = name.replace(/^\*?\./, '').replace(/\.$/, '');
  return { port, covers: (host) => suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`)) };
}

function coversAddress(
  address: string,
  family: 'ipv4' | 'ipv6',
  prefix: string | undefined,
): (host: string) => boolean {
  const bits = family === 'ipv6' ? 128 : 32;
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
  if (length < 0 || length > bits) return () => false;
  const block = new BlockList();
  block.addSubnet(address, length, family);
  return (host) => isIP(host) !== 0 && block.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
