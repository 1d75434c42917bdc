import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { cancelled, closed } from './cancelled.js';
import { WellKnownSchema, WhoamiSchema, routes, type WellKnown, type Whoami } from './contract/index.js';
import { auditRecordMethods, type AuditRecordMethods } from './registry/audit-records.js';
import {
  createCaller,
  JSON_TYPE,
  MAX_DOCUMENT_BYTES,
  type Caller,
  type CallOptions,
} from './registry/caller.js';
import { channelMethods, type ChannelMethods } from './registry/channels.js';
import { assertLimits } from './registry/client-limits.js';
import { givenConnections, openConnections } from './registry/connections.js';
import type { Http } from './registry/exchange.js';
import { logMethods, type LogMethods } from './registry/log.js';
import { memberMethods, type MemberMethods } from './registry/members.js';
import { namespaceMethods, type NamespaceMethods } from './registry/namespaces.js';
import { readJson } from './registry/json.js';
import type { Proxies } from './registry/proxies.js';
import { releaseMethods, type ReleaseMethods } from './registry/releases.js';
import { DEFAULT_RETRY, type RetryDeps, type RetryNotice, type RetryPolicy } from './registry/retry.js';
import { assertPins } from './registry/spki-pins.js';
import { stageMethods, type StageMethods } from './registry/stages.js';
import { stateMethods, type StateMethods } from './registry/states.js';
import { tokenMethods, type TokenMethods } from './registry/tokens.js';
import { createTraceparents } from './registry/trace.js';
import { trustedMethods, type TrustedMethods } from './registry/trusted.js';
import { normalizeRegistryUrl } from './registry/url.js';
import { openTokens, type TokenSource } from './token-provider.js';
import { webhookMethods, type WebhookMethods } from './registry/webhooks.js';

/** Where a registry is, and how it is talked to. */
export interface RegistryClientOptions {
  readonly url: string;
  /**
   * Sent to the registry's own origin only, never over plain http to another machine, and never with a read of what
   * is public: a workflow, version, receipt or bundle is asked for with it only when the registry has none for
   * strangers, and the log only when it is that of a private namespace. A {@link TokenProvider} may renew it when the
   * registry does not take it.
   */
  readonly token?: TokenSource | undefined;
  /**
   * For one exchange, from when the token is there; in a download, for each silence. Longer by a second for each 32 KiB to
   * transfer. At least 1, at most a day; default 30,000.
   */
  readonly timeoutMs?: number | undefined;
  readonly retry?: { readonly [K in keyof RetryPolicy]?: RetryPolicy[K] | undefined } | undefined;
  /** Told before each pause after which a request is sent again. What it throws ends the call, as for `FetchRequest.onEvent`. */
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
  /** W3C `traceparent` of what the requests are part of; without one they begin a trace of their own. */
  readonly traceparent?: string | undefined;
  /**
   * Keys that the certificate of the registry's own host, or of an authority above it, must have: `sha256/` and the hash of a
   * SubjectPublicKeyInfo in base64, 1 to 20, one of which suffices. The certificate must be valid besides. Left out, any
   * valid certificate does.
   */
  readonly spkiPins?: readonly string[] | undefined;
  /** Proxies to connect through, see `readProxies`. Without them every connection is direct, whatever the environment says. */
  readonly proxies?: Proxies | undefined;
  /** Certificates, in PEM, of the authorities that count instead of those that Node and NODE_EXTRA_CA_CERTS name. */
  readonly ca?: string | undefined;
  /**
   * What makes direct connections: undici, the default, or Node's own `http` and `https`, which a process that lives for a
   * moment has in memory sooner. Through proxies and under pins it is always undici.
   */
  readonly transport?: 'undici' | 'node' | undefined;
  /** Connections to use instead of own ones. They are not closed by `close`, and neither pins, proxies nor authorities go with them. */
  readonly dispatcher?: Dispatcher | undefined;
}

/** A registry as it answers now. */
export interface RegistryProbe {
  readonly wellKnown: WellKnown;
  /** From the request to the whole answer, the connection included. */
  readonly tookMs: number;
  /**
   * How far the registry's clock is ahead of this one, negative when it is behind; exact to about a second. Undefined
   * when it does not say.
   */
  readonly clockAheadMs: number | undefined;
}

/**
 * A registry over HTTP. Every answer has a size limit and a checked form; nothing that comes back is trusted beyond
 * that: see `verifyWorkflow`. Each method throws ClientError: the registry's own problem codes, `network.*`,
 * `response.*`, `operation.cancelled`.
 */
export interface RegistryClient
  extends
    ReleaseMethods,
    StageMethods,
    StateMethods,
    ChannelMethods,
    AuditRecordMethods,
    NamespaceMethods,
    LogMethods,
    MemberMethods,
    TokenMethods,
    TrustedMethods,
    WebhookMethods {
  /** In its one spelling, the key for pins and tokens. */
  readonly url: string;
  /** How the registry describes itself: origin, logs, limits, how to sign in. Asked for without the token. */
  wellKnown(options?: CallOptions): Promise<WellKnown>;
  /** Asks a registry who it is, and notes how long that took and what time it is there. */
  probe(options?: CallOptions): Promise<RegistryProbe>;
  /** Whom the registry takes the token for. */
  whoami(options?: CallOptions): Promise<Whoami>;
  /**
   * Ends all connections. What is still under way, and what is asked later, fails with `operation.cancelled`, also while
   * a provider of tokens is waited for.
   */
  close(): Promise<void>;
}

/** @throws ClientError `registry.url_invalid`, `tls.pin_invalid`; RangeError for times and numbers out of their range */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const url = normalizeRegistryUrl(options.url);
  const timeoutMs = options.timeoutMs ?? 30_000;
  const { token, dispatcher, proxies, ca, spkiPins, transport = 'undici' } = options;
  const policy: RetryPolicy = {
    retries: options.retry?.retries ?? DEFAULT_RETRY.retries,
    maxDelayMs: options.retry?.maxDelayMs ?? DEFAULT_RETRY.maxDelayMs,
  };
  assertLimits({ timeoutMs, retry: policy });
  if (spkiPins !== undefined) assertPins(spkiPins, { url, areChecked: dispatcher === undefined });
  const connections =
    dispatcher === undefined
      ? openConnections({ url, timeoutMs, spkiPins: spkiPins ?? [], proxies, ca, transport })
      : givenConnections(dispatcher);
  const ended = new AbortController();
  // Every request that is under way listens.
  setMaxListeners(0, ended.signal);
  const http: Http = {
    url,
    timeoutMs,
    closed: ended.signal,
    routeTo: connections.routeTo,
    tokens: openTokens(token, ended.signal),
    nextTraceparent: createTraceparents(options.traceparent, () => Math.random()),
    nowMs: () => Date.now(),
  };
  const retry: RetryDeps = {
    policy,
    random: () => Math.random(),
    sleep: (delayMs, signal) => pause(delayMs, { signal, closed: ended.signal }),
    onRetry: options.onRetry,
  };
  const call = createCaller(http, retry);

  return {
    url,
    wellKnown: (o) => call.getJson(WellKnownSchema, routes.wellKnown(), { ...o, access: 'anonymous' }),
    probe: (o) => probe(call, http, o),
    whoami: (o) => call.getJson(WhoamiSchema, routes.whoami(), { ...o, access: 'token' }),
    ...releaseMethods(call, http, retry),
    ...stageMethods(call, url),
    ...stateMethods(call, url),
    ...channelMethods(call, url),
    ...auditRecordMethods(call),
    ...namespaceMethods(call, url),
    ...logMethods(call),
    ...memberMethods(call, url),
    ...tokenMethods(call),
    ...trustedMethods(call, url),
    ...webhookMethods(call, url),
    close() {
      ended.abort();
      return connections.close();
    },
  };
}

async function probe(call: Caller, http: Http, options?: CallOptions): Promise<RegistryProbe> {
  const startedMs = http.nowMs();
  const answer = await call.get(routes.wellKnown(), JSON_TYPE, MAX_DOCUMENT_BYTES, {
    ...options,
    access: 'anonymous',
  });
  const tookMs = http.nowMs() - startedMs;
  // A date has whole seconds (RFC 9110 §5.6.7), so the registry is half of one ahead of it on average.
  const dateMs = Date.parse(answer.headers['date'] ?? '') + 500;
  return {
    wellKnown: readJson(WellKnownSchema, answer.body, http.url),
    tookMs,
    clockAheadMs: Number.isNaN(dateMs) ? undefined : dateMs - (startedMs + tookMs / 2),
  };
}

interface PauseEnds {
  readonly signal: AbortSignal | undefined;
  /** Aborted once the client is closed. */
  readonly closed: AbortSignal;
}

async function pause(delayMs: number, ends: PauseEnds): Promise<void> {
  const { signal } = ends;
  try {
    await sleep(delayMs, undefined, {
      signal: signal === undefined ? ends.closed : AbortSignal.any([signal, ends.closed]),
    });
  } catch (error) {
    throw signal?.aborted === true ? cancelled(signal.reason) : closed(error);
  }
}
