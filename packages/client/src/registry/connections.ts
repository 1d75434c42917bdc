import { Agent, buildConnector, type Dispatcher } from 'undici';
import { ClientError } from '../errors.js';
import { openPlainTransport } from './plain-transport.js';
import type { Proxies, Proxy } from './proxies.js';
import { transportOf, type Transport } from './transport.js';

/** What decides how each connection is made. */
export interface ConnectionOptions {
  /** Normalised URL of the registry. */
  readonly url: string;
  readonly timeoutMs: number;
  /** Of the registry's own host; what it redirects to is another. Empty: any valid certificate does. */
  readonly spkiPins: readonly string[];
  readonly proxies: Proxies | undefined;
  /** Certificates, in PEM, of the authorities that count instead of those that Node trusts. */
  readonly ca: string | undefined;
  /** What makes connections that are direct and held against no pins. */
  readonly transport: 'undici' | 'node';
}

/** How to send one request. */
export interface Route {
  readonly dispatcher: Pick<Transport, 'request'>;
  /** The proxy that the request is sent to whole, rather than through a tunnel: one without encryption. */
  readonly forward: Proxy | undefined;
}

export interface Connections {
  /** @throws ClientError `proxy.invalid`, `operation.cancelled` */
  readonly routeTo: (url: URL) => Route;
  readonly close: () => Promise<void>;
}

/** `forward`: to a proxy that gets the request whole; `special`: through a tunnel, or held against pins. */
type Kind = 'plain' | 'special' | 'forward';
type Connector = ReturnType<typeof buildConnector>;
type ConnectTarget = Parameters<Connector>[0];
type Socket = NonNullable<Parameters<Parameters<Connector>[1]>[1]>;

/**
 * Connections of one client: none, and no HTTP library in memory, before the first is asked for.
 */
export function openConnections(options: ConnectionOptions): Connections {
  const ended = new AbortController();
  const agents = new Map<Kind, Transport>();
  const agentFor = (kind: Kind): Transport => {
    if (ended.signal.aborted)
      throw new ClientError('operation.cancelled', 'the connections to the registry are closed');
    const existing = agents.get(kind);
    if (existing !== undefined) return existing;
    const agent =
      kind === 'plain'
        ? openPlainTransport({ connectTimeoutMs: connectTimeoutMs(options), ca: options.ca })
        : openAgent(kind, options, ended.signal);
    agents.set(kind, agent);
    return agent;
  };
  return {
    routeTo(url) {
      const proxy = options.proxies?.find(url);
      const forward = url.protocol === 'http:' ? proxy : undefined;
      const isPlain = options.transport === 'node' && proxy === undefined && options.spkiPins.length === 0;
      return {
        dispatcher: agentFor(forward !== undefined ? 'forward' : isPlain ? 'plain' : 'special'),
        forward,
      };
    },
    async close() {
      ended.abort();
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

function openAgent(kind: Kind, options: ConnectionOptions, ended: AbortSignal): Transport {
  const connect = kind === 'forward' ? connectOptions(options) : createConnector(options, ended);
  return transportOf(new Agent({ connections: 8, connect }));
}

/** Connections that the caller of the library made and closes. */
export function givenConnections(dispatcher: Dispatcher): Connections {
  const route = { dispatcher: transportOf(dispatcher), forward: undefined };
  return { routeTo: () => route, close: () => Promise.resolve() };
}

function connectOptions(options: ConnectionOptions) {
  return { timeout: connectTimeoutMs(options), ...(options.ca !== undefined && { ca: options.ca }) };
}

/** A connection must stand sooner than an answer must come. */
function connectTimeoutMs({ timeoutMs }: Pick<ConnectionOptions, 'timeoutMs'>): number {
  return Math.min(Math.ceil(timeoutMs / 2), 10_000);
}

/** Connects through the proxy of the address, if it has one, and looks at what the registry's host shows. */
function createConnector(options: ConnectionOptions, ended: AbortSignal): Connector {
  const { spkiPins, proxies, ca } = options;
  const registry = new URL(options.url);
  const timeoutMs = connectTimeoutMs(options);
  // A resumed session shows the server's own certificate alone, so that pins of an authority would not match.
  const connect = buildConnector({
    ...connectOptions(options),
    ...(spkiPins.length > 0 && { maxCachedSessions: 0 }),
  });
  return (target, callback) => {
    const url = new URL(`${target.protocol}//${target.host ?? target.hostname}`);
    const open = async (): Promise<Socket> => {
      const proxy = url.protocol === 'https:' ? proxies?.find(url) : undefined;
      const socket = await openSocket(connect, await throughProxy(proxy, url, target));
      if (spkiPins.length > 0 && url.origin === registry.origin) {
        const { assertPinned } = await import('./pinned-chain.js');
        try {
          assertPinned(socket, spkiPins, url.host);
        } catch (error) {
          socket.destroy();
          throw error;
        }
      }
      return socket;
    };
    const throughProxy = async (proxy: Proxy | undefined, to: URL, plain: ConnectTarget) => {
      if (proxy === undefined) return plain;
      const { openTunnel } = await import('./tunnel.js');
      const at = to.port === '' ? `${to.hostname}:443` : to.host;
      return { ...plain, httpSocket: await openTunnel(proxy, at, { timeoutMs, signal: ended, ca }) };
    };
    open().then(
      (socket) => {
        callback(null, socket);
      },
      (error: unknown) => {
        callback(error instanceof Error ? error : new Error(String(error)), null);
      },
    );
  };
}

function openSocket(connect: Connector, target: ConnectTarget): Promise<Socket> {
  return new Promise((resolve, reject) => {
    connect(target, (...[error, socket]) => {
      if (error === null) resolve(socket);
      else reject(error);
    });
  });
}
