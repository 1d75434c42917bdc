import { Agent, buildConnector, type Dispatcher } from 'undici';
import { ClientError } from '../errors.js';
import type { Proxies, Proxy } from './proxies.js';

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
}

/** How to send one request. */
export interface Route {
  readonly dispatcher: Dispatcher;
  /** The proxy that the request is sent to whole, rather than through a tunnel: one without encryption. */
  readonly forward: Proxy | undefined;
}

export interface Connections {
  /** @throws ClientError `proxy.invalid`, `operation.cancelled` */
  readonly routeTo: (url: URL) => Route;
  readonly close: () => Promise<void>;
}

type Connector = ReturnType<typeof buildConnector>;
type ConnectTarget = Parameters<Connector>[0];
type Socket = NonNullable<Parameters<Parameters<Connector>[1]>[1]>;

/** Connections of one client: none, and no HTTP library in memory, before the first is asked for. */
export function openConnections(options: ConnectionOptions): Connections {
  const ended = new AbortController();
  const agents = new Map<'direct' | 'forward', Agent>();
  const agentFor = (kind: 'direct' | 'forward'): Agent => {
    if (ended.signal.aborted)
      throw new ClientError('operation.cancelled', 'the connections to the registry are closed');
    const existing = agents.get(kind);
    if (existing !== undefined) return existing;
    const plain = connectOptions(options);
    const connect =
      kind === 'forward' || !isSpecial(options) ? plain : createConnector(options, ended.signal);
    const agent = new Agent({ connections: 8, connect });
    agents.set(kind, agent);
    return agent;
  };
  return {
    routeTo(url) {
      const forward = url.protocol === 'http:' ? options.proxies?.find(url) : undefined;
      return { dispatcher: agentFor(forward === undefined ? 'direct' : 'forward'), forward };
    },
    async close() {
      ended.abort();
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

/** Connections that the caller of the library made and closes. */
export function givenConnections(dispatcher: Dispatcher): Connections {
  return { routeTo: () => ({ dispatcher, forward: undefined }), close: () => Promise.resolve() };
}

function connectOptions(options: ConnectionOptions) {
  return { timeout: connectTimeoutMs(options), ...(options.ca !== undefined && { ca: options.ca }) };
}

/** A connection must stand sooner than an answer must come. */
function connectTimeoutMs({ timeoutMs }: Pick<ConnectionOptions, 'timeoutMs'>): number {
  return Math.min(Math.ceil(timeoutMs / 2), 10_000);
}

function isSpecial({ proxies, spkiPins }: ConnectionOptions): boolean {
  return proxies !== undefined || spkiPins.length > 0;
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
