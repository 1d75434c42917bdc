import { openCheckpoint } from '@sheaf/bundle';
import {
  logVerifierFor,
  readProxies,
  type Pin,
  type RegistryClient,
  type RegistryProbe,
} from '@sheaf/client';
import type { Whoami } from '@sheaf/client/contract';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import { formatAge, formatDay, plural } from '../terminal/text.js';
import { failed, type Check, type Finding } from './check.js';

const PUBLIC_REALM = 'public';

/** A registry that is configured here. */
export interface Configured {
  readonly url: string;
  /** What it is called here, or its host. */
  readonly name: string;
  /** Nobody has configured it: it is the default. */
  readonly isDefault: boolean;
  readonly account?: string | undefined;
}

/** What is used of the outside world to look at a registry. */
export interface RegistryDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: () => number;
  readonly connect: (
    registry: Configured,
  ) => Promise<Pick<RegistryClient, 'probe' | 'getCheckpoint' | 'whoami' | 'close'>>;
  readonly findPin: (registry: Configured) => Promise<Pin | undefined>;
  /** Whether there is something to sign in with; what it is stays where it is. */
  readonly hasToken: (registry: Configured) => Promise<boolean>;
  /** Why the stored tokens are not to be looked at, if so. */
  readonly tokensClosed: () => Promise<boolean>;
  /** Told of the newest version of sheaf that a registry knows of. */
  readonly onLatest: (version: string) => void;
}

/** Whether a registry answers, what time it is there, whether its log is the one that is pinned, and who one is there. */
export function registryCheck(deps: RegistryDeps, registry: Configured): Check {
  const { name } = registry;
  return {
    name: `registry ${name}`,
    run: async (signal) => {
      const client = await deps.connect(registry);
      try {
        return await lookAt(deps, registry, client, signal);
      } finally {
        void client.close();
      }
    },
  };
}

type Client = Awaited<ReturnType<RegistryDeps['connect']>>;

async function lookAt(
  deps: RegistryDeps,
  registry: Configured,
  client: Client,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { name } = registry;
  const pin = await deps.findPin(registry);
  let probe: RegistryProbe;
  try {
    probe = await client.probe({ signal });
  } catch (error) {
    if (registry.isDefault && pin === undefined)
      return [
        {
          check: 'registry',
          status: 'skip',
          detail: 'none is configured, and none runs on this machine',
          remedy: 'sheaf login URL',
        },
      ];
    const gone = failed(`registry ${name}`, error);
    return [{ ...gone, detail: withProxy(deps, registry, gone.detail) }];
  }
  const { wellKnown, tookMs, clockAheadMs } = probe;
  if (wellKnown.cli !== undefined) deps.onLatest(wellKnown.cli.latest);
  const shown = wellKnown.logs.find((log) => log.realm === PUBLIC_REALM)?.key;
  const log = await checkLog(deps, registry, { client, pin, shown, signal });
  return [
    {
      check: `registry ${name}`,
      status: 'ok',
      detail: withProxy(deps, registry, `${registry.url} answers in ${Math.round(tookMs)} ms`),
    },
    checkClock(`clock ${name}`, clockAheadMs),
    log,
    await checkAccount(deps, registry, { client, isTrusted: log.status !== 'fail', signal }),
  ];
}

function withProxy({ env }: RegistryDeps, { url }: Configured, detail: string): string {
  const proxy = readProxies(env).find(new URL(url));
  return proxy === undefined ? detail : `${detail}, through ${printable(proxy.origin)} (${proxy.variable})`;
}

const CLOCK_WARN_MS = 30_000;
const CLOCK_FAIL_MS = 5 * 60_000;

/** A clock that is off makes what is fresh look stale, and what has ended look valid. */
function checkClock(check: string, aheadMs: number | undefined): Finding {
  if (aheadMs === undefined)
    return { check, status: 'skip', detail: 'the registry does not say what time it is' };
  const off = Math.abs(aheadMs);
  if (off < CLOCK_WARN_MS) return { check, status: 'ok', detail: 'the same as that of the registry' };
  const by = off < 120_000 ? `${Math.round(off / 1000)} s` : plural(Math.round(off / 60_000), 'minute');
  return {
    check,
    status: off < CLOCK_FAIL_MS ? 'warn' : 'fail',
    detail: `this machine is ${by} ${aheadMs > 0 ? 'behind' : 'ahead of'} the registry`,
    remedy: 'set the clock: timedatectl set-ntp true',
  };
}

async function checkLog(
  deps: RegistryDeps,
  { name, url }: Configured,
  {
    client,
    pin,
    shown,
    signal,
  }: {
    readonly client: Client;
    readonly pin: Pin | undefined;
    readonly shown: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<Finding> {
  const check = `log ${name}`;
  if (pin === undefined)
    return {
      check,
      status: 'warn',
      detail: 'no log key is pinned yet, so nothing from there can be verified',
      remedy: `sheaf login ${shellWord(url)}`,
    };
  if (shown !== pin.logKey)
    return {
      check,
      status: 'fail',
      detail: `the registry shows another log key than the one pinned on ${formatDay(pin.pinnedAt)}`,
      remedy: 'ask its operator another way which key is right; send nothing to it before',
    };
  try {
    const { size } = openCheckpoint(
      await client.getCheckpoint({ signal }),
      logVerifierFor(pin, PUBLIC_REALM),
    );
    return describeLog(check, pin, size, deps.nowMs());
  } catch (error) {
    return failed(check, error);
  }
}

function describeLog(check: string, pin: Pin, size: number, nowMs: number): Finding {
  const pinned = `key pinned ${formatDay(pin.pinnedAt)}`;
  const entries = plural(size, 'entry', 'entries');
  const seen = pin.realms.get(PUBLIC_REALM);
  if (seen === undefined) return { check, status: 'ok', detail: `${pinned}, ${entries}, none verified yet` };
  const before = openCheckpoint(seen.checkpoint, logVerifierFor(pin, PUBLIC_REALM)).size;
  if (size < before)
    return {
      check,
      status: 'fail',
      detail: `${entries}, fewer than the ${before} that were verified before`,
      remedy: 'stop using the registry, and ask its operator what happened to its log',
    };
  if (Date.parse(seen.checkedAt) > nowMs + CLOCK_WARN_MS)
    return {
      check,
      status: 'warn',
      detail: `last verified at ${seen.checkedAt}, which is still to come: the clock of this machine was set back`,
      remedy: 'set the clock: timedatectl set-ntp true',
    };
  return {
    check,
    status: 'ok',
    detail: `${pinned}, ${entries}, verified ${formatAge(seen.checkedAt, nowMs)}`,
  };
}

async function checkAccount(
  deps: RegistryDeps,
  registry: Configured,
  {
    client,
    isTrusted,
    signal,
  }: {
    readonly client: Client;
    readonly isTrusted: boolean;
    readonly signal: AbortSignal;
  },
): Promise<Finding> {
  const check = `account ${registry.name}`;
  if (await deps.tokensClosed())
    return { check, status: 'skip', detail: 'the file of the tokens can be read by others: see below' };
  if (!(await deps.hasToken(registry)))
    return {
      check,
      status: 'skip',
      detail: 'not signed in',
      remedy: `sheaf login ${shellWord(registry.url)}`,
    };
  if (!isTrusted)
    return { check, status: 'skip', detail: 'no token is sent to a registry whose log is in doubt' };
  try {
    return describeAccount(check, await client.whoami({ signal }), registry, deps.nowMs());
  } catch (error) {
    const lost = failed(check, error);
    return { ...lost, remedy: `sheaf login ${shellWord(registry.url)}` };
  }
}

const DAY_MS = 24 * 60 * 60 * 1000;
const WARN_DAYS = 7;

function describeAccount(check: string, user: Whoami, { url }: Configured, nowMs: number): Finding {
  const who = `signed in as ${printable(user.user)}`;
  const { expiresAt } = user.token;
  if (user.via === 'oidc') return { check, status: 'ok', detail: `${who}, renewed by itself` };
  if (expiresAt === undefined)
    return { check, status: 'ok', detail: `${who}, with a token that never expires` };
  const days = Math.ceil((Date.parse(expiresAt) - nowMs) / DAY_MS);
  if (days > WARN_DAYS)
    return { check, status: 'ok', detail: `${who} until ${printable(formatDay(expiresAt))}` };
  return {
    check,
    status: 'warn',
    detail: `${who}, and the token expires in ${plural(Math.max(0, days), 'day')}`,
    remedy: `sheaf login ${shellWord(url)}`,
  };
}
