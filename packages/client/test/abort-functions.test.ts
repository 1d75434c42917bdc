import { generateSigningKey, parseDigest, sha256Hex } from '@sheaf/bundle';
import { parseNamespace, parseVersion } from '@sheaf/workflow';
import { expect, it } from 'vitest';
import * as api from '../src/index.js';
import { failure } from '../src/testing/failure.js';
import { createTestRegistry, ORIGIN, testFiles } from '../src/testing/test-registry.js';
import { memoryStore } from '../src/testing/audited-log.js';
import { lockOf } from '../src/testing/test-lock.js';
import { trusting } from '../src/testing/verifying.js';
import { clientFor } from './support/client-of.js';
import { temporaryFolder } from './support/folder.js';
import { startServer } from './support/server.js';

const NS = parseNamespace('acme');
const KEY = generateSigningKey();
const OTHER = generateSigningKey();
const AT = { origin: ORIGIN, namespace: NS };
const ENVELOPE = { payload: '', payloadType: 'x', signatures: [] };
const REFERENCE = api.parseReference('acme/deploy');

/** A registry that takes connections and never answers, and what a fetch from it needs. */
async function setUp() {
  const { url } = await startServer(() => undefined);
  const dir = await temporaryFolder();
  const client = clientFor(url, { token: 'shf_1_secret', timeoutMs: 60_000 });
  const cache = await api.openCache(`${dir}/cache`);
  const trust = await api.openTrustStore(`${dir}/trust`);
  const registry = createTestRegistry();
  const pin = await trust.pin({ url: client.url, origin: ORIGIN, logKey: registry.log.logKey });
  const packed = await api.packWorkflow(testFiles());
  const blob = new Uint8Array(1);
  await cache.putBlob(parseDigest(`sha256:${sha256Hex(blob)}`), blob);
  return { dir, client, cache, trust, policy: trusting(), pin, packed, registry };
}

type Given = Awaited<ReturnType<typeof setUp>>;
type Call = (given: Given, o: { readonly signal: AbortSignal }) => Promise<unknown>;

/** A release that was verified, for what is done with one. */
async function verified({ registry, policy, trust, pin }: Given) {
  const { receipt, packed, id, version } = await registry.publish();
  const blob = () => Promise.resolve(packed.blob);
  const input = { receipt, standings: [], expected: { id, version }, pin, policy, trust, blob };
  return { workflow: await api.verifyWorkflow(input), receipt, packed };
}

const HANGS = (): Promise<never> => new Promise(() => undefined);

/** For what is over before any signal comes. */
const aborted = ({ signal }: { readonly signal: AbortSignal }) => ({
  signal: signal.aborted ? signal : AbortSignal.abort(),
});

async function verifying({ registry, policy, trust, pin }: Given) {
  const { receipt, id, version } = await registry.publish();
  return { receipt, standings: [], expected: { id, version }, pin, policy, trust };
}

/** One call of every function that asks a registry, or goes through many files. */
const FUNCTIONS: Readonly<Record<string, Call>> = {
  fetchWorkflow: (g, o) => api.fetchWorkflow({ ...g, ...o, reference: REFERENCE }),
  fetchWorkflows: (g, o) => api.fetchWorkflows({ ...g, ...o, references: [REFERENCE] }),
  fetchKeyHistory: (g, o) => api.fetchKeyHistory({ ...g, ...o, namespace: NS }),
  registerFirstKey: (g, o) => api.registerFirstKey({ ...g, ...AT, ...o, key: KEY }),
  registerKey: (g, o) => api.registerKey({ ...g, ...AT, ...o, key: KEY, endorsers: [OTHER] }),
  revokeKey: (g, o) => {
    const revocation = { reason: 'superseded' } as const;
    return api.revokeKey({ ...g, ...AT, ...o, keyid: KEY.publicKey.id, revocation, signers: [KEY] });
  },
  changePolicy: (g, o) => api.changePolicy({ ...g, ...AT, ...o, threshold: 1, replaces: 1, signers: [KEY] }),
  submitKeyEvent: (g, o) => api.submitKeyEvent({ ...g, ...o }, ENVELOPE),
  rotateKey: (g, o) => api.rotateKey({ ...g, ...AT, ...o, from: KEY, to: OTHER }),
  publishWorkflow: (g, o) => api.publishWorkflow({ ...g, ...o, key: KEY }),
  publishSigned: (g, o) => api.publishSigned({ ...g, ...o, envelope: ENVELOPE }),
  publishTogether: ({ packed, ...g }, o) =>
    api.publishTogether({ ...g, ...o, workflows: [{ packed, envelope: ENVELOPE }] }),
  verifyPublished: (g, o) => api.verifyPublished({ ...g, ...o }),
  verifyReceipts: async (g, o) => {
    const { receipt, packed } = await g.registry.publish();
    return api.verifyReceipts({ ...g, ...o }, [{ packed, envelope: receipt.envelope }], [receipt], true);
  },
  obtainJobKey: ({ client }, o) => api.obtainJobKey(client, { ...AT, token: 't' }, o),
  'Upstreams.locate': ({ client }, o) =>
    api
      .createUpstreams([
        { name: 'a', client },
        { name: 'b', client },
      ])
      .locate(REFERENCE, o),
  verifyLocked: async (g, o) => {
    const lock = await lockOf(g.registry, [{ published: await g.registry.publish() }]);
    const [entry] = lock.workflows;
    if (entry === undefined) throw new Error('nothing is locked');
    return api.verifyLocked(lock, entry, { ...g, ...o });
  },
  unpackTo: async (g, { signal }) => {
    const { workflow } = await verified(g);
    return api.unpackTo(workflow, g.dir, 'out', { signal: signal.aborted ? signal : AbortSignal.abort() });
  },
  listCache: ({ cache }) => api.listCache(cache, { signal: AbortSignal.abort() }),
  verifyCache: (g) => api.verifyCache(g.cache, { trust: g.trust, signal: AbortSignal.abort() }),
  packWorkflow: (_, o) => api.packWorkflow(testFiles(), undefined, aborted(o)),
  verifyWorkflow: async (g, o) => api.verifyWorkflow({ ...(await verifying(g)), ...o, blob: HANGS }),
  verifyReceipt: async (g, o) => api.verifyReceipt({ ...(await verifying(g)), ...aborted(o) }),
  verifyCarry: async (g, o) => {
    const { receipt, packed } = await g.registry.publish();
    const carry = { blob: packed.blob, envelope: receipt.envelope, receipt };
    return api.verifyCarry({ ...g, ...aborted(o), carry });
  },
  lockProject: (_, o) => {
    const { id, selector } = REFERENCE;
    const wanted = [{ name: 'deploy', id, registry: ORIGIN, selector }];
    const request = { wanted, previous: { registries: [], workflows: [] }, update: new Set<string>(), ...o };
    return api.lockProject(request, { fetch: HANGS });
  },
  refreshLock: async (g, o) => {
    const lock = await lockOf(g.registry, [{ published: await g.registry.publish() }]);
    return api.refreshLock(lock, { verify: HANGS, findFacts: HANGS }, o);
  },
  'LogAudit.catchUp': ({ pin }, o) => {
    const deps = { getCheckpoint: HANGS, fetchTile: HANGS, fetchEntries: HANGS, store: memoryStore() };
    return api.openLogAudit(deps, { pin, realm: 'public' }).catchUp(o);
  },
  cleanCache: ({ cache }, o) => api.cleanCache(cache, { ...o, all: true }),
};

/** Asynchronous, and over at once: they work in memory, read one file or open a folder. */
const AT_ONCE = [
  'checkCachedBlob',
  'findLockedDefinition',
  'findOffline',
  'mapLimited',
  'openCache',
  'openSignedWorkflow',
  'openTrustStore',
  'proveDependencies',
  'takeLease',
  'ensureDurableFolder',
  'syncFolder',
];

it('knows every function of the package that takes its time', () => {
  const found = Object.entries(api)
    .filter(([, value]) => Object.prototype.toString.call(value) === '[object AsyncFunction]')
    .map(([name]) => name);
  expect(found.filter((name) => !(name in FUNCTIONS) && !AT_ONCE.includes(name))).toEqual([]);
  expect(found.length).toBeGreaterThan(20);
});

it.each(Object.keys(FUNCTIONS))('%s ends at once when it is cancelled', async (name) => {
  const call = FUNCTIONS[name];
  if (call === undefined) throw new Error(`there is no ${name}`);
  const given = await setUp();
  await failure(call(given, { signal: AbortSignal.abort() }), 'operation.cancelled');
  const controller = new AbortController();
  const pending = call(given, { signal: controller.signal });
  const startedMs = performance.now();
  setTimeout(() => {
    controller.abort();
  }, 30);
  await failure(pending, 'operation.cancelled');
  expect(performance.now() - startedMs).toBeLessThan(5000);
});

it('every method of a trust store leaves a disk that does not answer', async () => {
  const { trust, pin } = await setUp();
  const signal = AbortSignal.abort();
  const o = { signal };
  const fact = { logKey: pin.logKey, id: REFERENCE.id, version: parseVersion('1.0.0') };
  const accepted = { registry: 'r', origin: ORIGIN, namespace: 'acme', keys: [], threshold: 1 };
  const calls: Readonly<Record<keyof api.TrustStore, () => Promise<unknown>>> = {
    findPin: () => trust.findPin(pin.url, o),
    getPin: () => trust.getPin(pin.url, o),
    listPins: () => trust.listPins(o),
    findPinByOrigin: () => trust.findPinByOrigin(ORIGIN, o),
    pin: () => trust.pin(pin, o),
    unpin: () => trust.unpin(pin, o),
    advance: () => trust.advance(pin, 'note', o),
    noteRealm: () => trust.noteRealm(pin, 'acme', 'public', o),
    forgetRealm: () => trust.forgetRealm(pin.url, 'acme', o),
    findAccepted: () => trust.findAccepted('r', 'acme', o),
    listAccepted: () => trust.listAccepted(o),
    accept: () => trust.accept({ ...accepted, acceptedAt: pin.pinnedAt, how: 'flag' }, o),
    forget: () => trust.forget('r', 'acme', o),
    findFacts: () => trust.findFacts(fact, o),
    keepFacts: () => trust.keepFacts(fact, (kept) => kept, o),
  };
  expect(Object.keys(calls).sort()).toEqual(Object.keys(trust).sort());
  for (const call of Object.values(calls)) await failure(call(), 'operation.cancelled');
});
