import { generateSigningKey, parseDigest } from '@sheaf/bundle';
import { parseNamespace, parseVersion, parseWorkflowId } from '@sheaf/workflow';
import { expect, it } from 'vitest';
import type { CallOptions, RegistryClient } from '../src/index.js';
import { clientFor } from './support/client-of.js';
import { startServer } from './support/server.js';

const ID = parseWorkflowId('acme/deploy');
const NS = parseNamespace('acme');
const V = parseVersion('1.0.0');
const DIGEST = parseDigest(`sha256:${'ab'.repeat(32)}`);
const KEY = generateSigningKey();
const ENVELOPE = { payload: '', payloadType: 'x', signatures: [] };
const UPLOAD = { envelope: ENVELOPE, blob: new Uint8Array(3) };
const STATE = { reason: 'r' };

type Methods = Exclude<
  { [K in keyof RegistryClient]: RegistryClient[K] extends string ? never : K }[keyof RegistryClient],
  'close'
>;

/** One call of every method: the compiler wants the whole list. */
const METHODS: Readonly<Record<Methods, (client: RegistryClient, o: CallOptions) => Promise<unknown>>> = {
  wellKnown: (c, o) => c.wellKnown(o),
  whoami: (c, o) => c.whoami(o),
  probe: (c, o) => c.probe(o),
  getReadme: (c, o) => c.getReadme(ID, V, o),
  search: (c, o) => c.search({}, o),
  getWorkflow: (c, o) => c.getWorkflow(ID, o),
  getVersion: (c, o) => c.getVersion(ID, V, o),
  getReceipt: (c, o) => c.getReceipt(ID, V, o),
  getStanding: (c, o) => c.getStanding(ID, V, o),
  getBlob: (c, o) => c.getBlob(DIGEST, { ...o, sizeBytes: 5 }),
  publish: (c, o) => c.publish(UPLOAD, o),
  publishAll: (c, o) => c.publishAll([UPLOAD], o),
  stage: (c, o) => c.stage([UPLOAD], o),
  listStages: (c, o) => c.listStages(o),
  getStage: (c, o) => c.getStage('a', o),
  getStagedBundle: (c, o) => c.getStagedBundle('a', 0, o),
  signStage: (c, o) => c.signStage('a', [], o),
  deleteStage: (c, o) => c.deleteStage('a', o),
  deprecate: (c, o) => c.deprecate(ID, V, STATE, o),
  undeprecate: (c, o) => c.undeprecate(ID, V, o),
  yank: (c, o) => c.yank(ID, V, STATE, o),
  unyank: (c, o) => c.unyank(ID, V, o),
  quarantine: (c, o) => c.quarantine(ID, V, STATE, o),
  unquarantine: (c, o) => c.unquarantine(ID, V, o),
  listChannels: (c, o) => c.listChannels(ID, o),
  setChannel: (c, o) => c.setChannel(ID, 'beta', V, o),
  removeChannel: (c, o) => c.removeChannel(ID, 'beta', o),
  listAuditRecords: (c, o) => c.listAuditRecords({ limit: 1 }, o),
  createNamespace: (c, o) => c.createNamespace(NS, o),
  getNamespace: (c, o) => c.getNamespace(NS, o),
  getNamespaceKeys: (c, o) => c.getNamespaceKeys(NS, o),
  getSignedReleases: (c, o) => c.getSignedReleases(NS, { keyid: KEY.publicKey.id, fromIndex: 0 }, o),
  registerKeyEvent: (c, o) => c.registerKeyEvent(ENVELOPE, o),
  getCheckpoint: (c, o) => c.getCheckpoint(o),
  getTile: (c, o) => c.getTile(0, 0, 1, o),
  getEntries: (c, o) => c.getEntries(0, 1, o),
  listNamespaces: (c, o) => c.listNamespaces(o),
  getMembers: (c, o) => c.getMembers(NS, o),
  setMember: (c, o) => c.setMember(NS, { user: 'ana', role: 'reader' }, o),
  removeMember: (c, o) => c.removeMember(NS, 'ana', o),
  invite: (c, o) => c.invite(NS, { user: 'ana', role: 'reader' }, o),
  withdrawInvitation: (c, o) => c.withdrawInvitation(NS, 1, o),
  offerTransfer: (c, o) => c.offerTransfer(NS, 'ana', o),
  listInvitations: (c, o) => c.listInvitations(o),
  acceptInvitation: (c, o) => c.acceptInvitation(1, o),
  declineInvitation: (c, o) => c.declineInvitation(1, o),
  createToken: (c, o) => c.createToken({ name: 'n', scopes: [] }, o),
  listTokens: (c, o) => c.listTokens(o),
  revokeToken: (c, o) => c.revokeToken('a', o),
  listTrustedIssuers: (c, o) => c.listTrustedIssuers(o),
  addTrustedPublisher: (c, o) =>
    c.addTrustedPublisher({ namespace: 'acme', issuer: 'https://x', claims: {} }, o),
  listTrustedPublishers: (c, o) => c.listTrustedPublishers('acme', o),
  removeTrustedPublisher: (c, o) => c.removeTrustedPublisher('a', o),
  exchangeIdentity: (c, o) =>
    c.exchangeIdentity({ token: 't', publicKey: '', proof: '', namespace: 'acme' }, o),
  createWebhook: (c, o) => c.createWebhook({ url: 'https://x', topics: [] }, o),
  listWebhooks: (c, o) => c.listWebhooks(undefined, o),
  changeWebhook: (c, o) => c.changeWebhook('a', {}, o),
  rotateWebhookSecret: (c, o) => c.rotateWebhookSecret('a', o),
  removeWebhook: (c, o) => c.removeWebhook('a', o),
  listDeliveries: (c, o) => c.listDeliveries('a', { limit: 1 }, o),
  redeliver: (c, o) => c.redeliver('a', 'b', o),
};

/** What became of a call: the code of its error. */
async function codeOf(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.then(
    () => ({ code: 'it succeeded' }),
    (caught: unknown) => caught,
  );
  return (error as { readonly code?: unknown }).code;
}

it.each([0, 40])(
  'ends every method of a client at once when it is cancelled after %i ms',
  async (afterMs) => {
    const { url, seen } = await startServer(() => undefined);
    const client = clientFor(url, { token: 'shf_1_secret', timeoutMs: 60_000 });
    const { signal, abort } = abortable();
    if (afterMs === 0) abort();
    const startedMs = performance.now();
    const calls = Object.entries(METHODS).map(
      async ([name, call]) => [name, await codeOf(call(client, { signal }))] as const,
    );
    if (afterMs > 0) setTimeout(abort, afterMs);
    const codes = await Promise.all(calls);
    expect(codes.filter(([, code]) => code !== 'operation.cancelled')).toEqual([]);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    if (afterMs === 0) expect(seen).toEqual([]);
  },
);

function abortable() {
  const controller = new AbortController();
  const abort = () => {
    controller.abort();
  };
  return { signal: controller.signal, abort };
}
