import { generateSigningKey, type SigningKey } from '@sheaf/bundle';
import {
  createRegistryClient,
  isClientError,
  openTrustStore,
  publishTogether,
  publishWorkflow,
  registerFirstKey,
  registerKey,
  revokeKey,
  signPublish,
  verifyPublished,
  type RegistryClient,
  type TrustStore,
} from '@sheaf/client';
import {
  parseNamespace,
  parseVersion,
  parseWorkflowId,
  type Namespace,
  type WorkflowId,
} from '@sheaf/workflow';
import { expect } from 'vitest';
import { KEY, pack } from './author.js';

export type Kind = 'publish' | 'group' | 'state' | 'channel' | 'key';

/** What was sent and not answered yet, as it is sent again. */
interface Operation {
  readonly kind: Kind;
  send(client: RegistryClient): Promise<void>;
  /** Versions that become visible together or not at all. */
  readonly releases: readonly Release[];
}

interface Release {
  readonly name: string;
  readonly version: string;
}

type State = 'active' | 'deprecated' | 'yanked';

interface Acknowledged extends Release {
  readonly digest: string;
  readonly logIndex: number;
  state: State;
}

/** What an interrupted operation had left when the registry was there again. */
export type Left = 'absent' | 'complete' | 'nothing to see';

/** Somebody who publishes and changes things, one after the other, and remembers everything that was acknowledged. */
export interface FaultAuthor {
  /** Does one thing, or the one that was interrupted again. @throws ClientError when it was interrupted */
  act(url: string): Promise<Kind>;
  /** Expects that what was interrupted is fully visible or absent; undefined when nothing was. */
  lookAtInterrupted(url: string): Promise<Left | undefined>;
  /** Expects everything that was acknowledged, and nothing else, and verifies one of its versions. */
  verify(url: string): Promise<void>;
  close(): Promise<void>;
}

const KEYS_OF_A_NAMESPACE = 8;
const TIMEOUT_MS = 15_000;

export interface AuthorOptions {
  readonly index: number;
  readonly token: string;
  readonly trustDir: string;
  readonly random: () => number;
}

export async function createFaultAuthor(options: AuthorOptions): Promise<FaultAuthor> {
  const { index, token, random } = options;
  const trust = await openTrustStore(options.trustDir);
  const clients = new Map<string, RegistryClient>();
  const names = [`load-${index}`, `load-${index}-too`] as const;
  const releases: Acknowledged[] = [];
  const channels = new Map<string, string>();
  const keys: { namespace: Namespace; key: SigningKey; isRevoked: boolean }[] = [];
  let next = 1;
  let pending: Operation | undefined;

  const clientOf = async (url: string) => {
    const known = clients.get(url);
    if (known) return known;
    const client = createRegistryClient({ url, token, retry: { retries: 0 }, timeoutMs: TIMEOUT_MS });
    await pin(client, trust);
    clients.set(url, client);
    return client;
  };
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];

  const publish = (): Operation => {
    const release = { name: names[0], version: `1.${(next += 1)}.0` };
    return {
      kind: 'publish',
      releases: [release],
      send: async (client) => {
        const packed = await pack(release.name, release.version);
        const { receipt } = await publishWorkflow({ client, trust, key: KEY, packed });
        releases.push({
          ...release,
          digest: packed.bundle.digest,
          logIndex: receipt.logIndex,
          state: 'active',
        });
      },
    };
  };
  const group = (): Operation => {
    const version = `1.${(next += 1)}.0`;
    const both = names.map((name) => ({ name, version }));
    return {
      kind: 'group',
      releases: both,
      send: async (client) => {
        const { origin } = await trust.getPin(client.url);
        const workflows = await Promise.all(
          both.map(async (release) => {
            const packed = await pack(release.name, version);
            return { packed, envelope: signPublish({ packed, key: KEY }, origin) };
          }),
        );
        const published = await publishTogether({ client, trust, workflows });
        for (const [i, release] of both.entries())
          releases.push({
            ...release,
            digest: workflows[i]?.packed.bundle.digest ?? '',
            logIndex: published[i]?.receipt.logIndex ?? -1,
            state: 'active',
          });
      },
    };
  };
  const changeState = (release: Acknowledged): Operation => {
    const to: State = release.state !== 'active' ? 'active' : random() < 0.7 ? 'deprecated' : 'yanked';
    return {
      kind: 'state',
      releases: [],
      send: async (client) => {
        const target = [idOf(release.name), parseVersion(release.version)] as const;
        const reason = { reason: 'a newer one is better' };
        if (to === 'deprecated') await client.deprecate(...target, reason);
        else if (to === 'yanked') await client.yank(...target, reason);
        else if (release.state === 'deprecated') await client.undeprecate(...target);
        else await client.unyank(...target);
        release.state = to;
      },
    };
  };
  const moveChannel = (release: Acknowledged): Operation => {
    const isRemoval = channels.has(release.name) && random() < 0.3;
    return {
      kind: 'channel',
      releases: [],
      send: async (client) => {
        const [id, version] = [idOf(release.name), parseVersion(release.version)];
        if (isRemoval) {
          // The first answer may have been lost.
          await client.removeChannel(id, 'stable').catch((error: unknown) => {
            if (!isClientError(error, 'channel.not_found')) throw error;
          });
          channels.delete(release.name);
        } else {
          await client.setChannel(id, 'stable', version);
          channels.set(release.name, release.version);
        }
      },
    };
  };
  const changeKeys = (): Operation => {
    const active = keys.find(({ isRevoked }) => !isRevoked);
    const namespace = parseNamespace(`keys-${index}-${Math.floor(keys.length / KEYS_OF_A_NAMESPACE)}`);
    const added = generateSigningKey();
    return {
      kind: 'key',
      releases: [],
      send: async (client) => {
        const { origin } = await trust.getPin(client.url);
        if (active) {
          const revocation = { reason: 'superseded' } as const;
          const { namespace: of, key } = active;
          await revokeKey({
            client,
            origin,
            namespace: of,
            keyid: key.publicKey.id,
            revocation,
            signers: [KEY],
          });
          active.isRevoked = true;
          return;
        }
        await client.createNamespace(namespace);
        await registerFirstKey({ client, origin, namespace, key: KEY });
        await registerKey({ client, origin, namespace, key: added, endorsers: [KEY] });
        keys.push({ namespace, key: added, isRevoked: false });
      },
    };
  };
  const choose = (): Operation => {
    const kind = random();
    // A channel points at what can be taken, and what it points at stays.
    const free = pick(releases.filter((r) => channels.get(r.name) !== r.version));
    const active = pick(releases.filter(({ state }) => state === 'active'));
    if (kind < 0.45 || !free || !active) return publish();
    if (kind < 0.6) return group();
    if (kind < 0.78) return changeState(free);
    if (kind < 0.9) return moveChannel(active);
    return changeKeys();
  };

  return {
    act: async (url) => {
      const operation = (pending ??= choose());
      await operation.send(await clientOf(url));
      pending = undefined;
      return operation.kind;
    },
    lookAtInterrupted: async (url) => {
      if (!pending) return undefined;
      if (pending.releases.length === 0) return 'nothing to see';
      const client = await clientOf(url);
      const { releases: together } = pending;
      const look = () => Promise.all(together.map((release) => isVisible(client, release)));
      // One that is being completed right now may appear between two looks, and then all of it is there.
      const first = await look();
      const seen = first.includes(true) ? await look() : first;
      expect(new Set(seen).size, 'several are visible together or absent').toBe(1);
      if (seen[0] !== true) return 'absent';
      for (const { name, version } of together)
        await verifyPublished({ client, trust, packed: await pack(name, version) });
      return 'complete';
    },
    verify: async (url) => {
      const client = await clientOf(url);
      for (const name of names) {
        const expected = releases.filter((r) => r.name === name);
        if (expected.length === 0) continue;
        const document = await client.getWorkflow(idOf(name));
        const found = document.versions.map((v) => [v.version, v.digest, v.logIndex, v.state]);
        const told = expected.map((r) => [r.version, r.digest, r.logIndex, r.state]);
        expect(found.sort(byVersion)).toEqual(told.sort(byVersion));
        expect(document.channels['stable']).toBe(channels.get(name));
        if (expected.some(({ state }) => state !== 'yanked')) {
          const { hits } = await client.search({ text: name });
          expect(hits.map(({ id }) => id)).toContain(idOf(name));
        }
      }
      const last = keys.at(-1);
      if (last) {
        const { keys: listed } = await client.getNamespace(last.namespace);
        const own = listed.find(({ id }) => id === last.key.publicKey.id);
        expect(own?.revoked !== undefined).toBe(last.isRevoked);
      }
      const sample = pick(releases);
      if (!sample) return;
      const packed = await pack(sample.name, sample.version);
      expect((await verifyPublished({ client, trust, packed })).logIndex).toBe(sample.logIndex);
    },
    close: async () => {
      for (const client of clients.values()) await client.close();
    },
  };
}

async function pin(client: RegistryClient, trust: TrustStore): Promise<void> {
  const { origin, logs } = await client.wellKnown();
  const logKey = logs[0]?.key;
  if (logKey === undefined) throw new Error('the registry names no log');
  await trust.pin({ url: client.url, origin, logKey });
}

async function isVisible(client: RegistryClient, { name, version }: Release): Promise<boolean> {
  try {
    return (await client.getWorkflow(idOf(name))).versions.some((v) => v.version === version);
  } catch (error) {
    if (isClientError(error, 'workflow.not_found')) return false;
    throw error;
  }
}

const idOf = (name: string): WorkflowId => parseWorkflowId(`acme/${name}`);
const byVersion = (a: readonly unknown[], b: readonly unknown[]) => String(a[0]).localeCompare(String(b[0]));
