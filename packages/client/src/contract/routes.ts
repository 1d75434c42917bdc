/** Paths of the API, built in one place. Every argument is percent-encoded. */
const e = encodeURIComponent;

const workflow = (namespace: string, name: string) => `/v1/workflows/${e(namespace)}/${e(name)}`;
const version = (namespace: string, name: string, v: string) => `${workflow(namespace, name)}/${e(v)}`;

export const routes = {
  wellKnown: () => '/.well-known/sheaf-registry',
  health: () => '/healthz',
  ready: () => '/readyz',
  whoami: () => '/v1/whoami',
  tokens: () => '/v1/tokens',
  token: (id: string) => `/v1/tokens/${e(id)}`,
  namespaces: () => '/v1/namespaces',
  namespace: (name: string) => `/v1/namespaces/${e(name)}`,
  members: (name: string) => `/v1/namespaces/${e(name)}/members`,
  member: (name: string, user: string) => `/v1/namespaces/${e(name)}/members/${e(user)}`,
  /** `POST` invites, `DELETE` with an id takes back. */
  namespaceInvitations: (name: string) => `/v1/namespaces/${e(name)}/invitations`,
  namespaceInvitation: (name: string, id: number) => `/v1/namespaces/${e(name)}/invitations/${id}`,
  /** `POST` offers the namespace to another owner. */
  transfer: (name: string) => `/v1/namespaces/${e(name)}/transfer`,
  /** Those of the caller. */
  invitations: () => '/v1/invitations',
  /** `DELETE` declines. */
  invitation: (id: number) => `/v1/invitations/${id}`,
  acceptInvitation: (id: number) => `/v1/invitations/${id}/accept`,
  /** A standing document of all key events of the namespace. */
  namespaceKeys: (name: string) => `/v1/namespaces/${e(name)}/keys`,
  /** What a key signed from an index of the log on and no revocation refuses so far. */
  signedReleases: (name: string, keyid: string, fromIndex: number) =>
    `/v1/namespaces/${e(name)}/releases?keyid=${e(keyid)}&fromIndex=${fromIndex}`,
  /** `POST` a DSSE envelope of a key event. */
  keys: () => '/v1/keys',
  trustedPublishers: (namespace?: string) =>
    namespace === undefined ? '/v1/trusted-publishers' : `/v1/trusted-publishers?namespace=${e(namespace)}`,
  trustedPublisher: (id: string) => `/v1/trusted-publishers/${e(id)}`,
  oidcIssuers: () => '/v1/oidc/issuers',
  oidcExchange: () => '/v1/oidc/exchange',
  tags: () => '/v1/tags',
  /** `GET` searches, `POST` publishes. */
  stages: () => '/v1/stages',
  stage: (id: string) => `/v1/stages/${e(id)}`,
  stageSignatures: (id: string) => `/v1/stages/${e(id)}/signatures`,
  stagedBundle: (id: string, index: number) => `/v1/stages/${e(id)}/bundles/${index}`,
  workflows: () => '/v1/workflows',
  workflow,
  version,
  download: (ns: string, name: string, v: string) => `${version(ns, name, v)}/download`,
  receipt: (ns: string, name: string, v: string) => `${version(ns, name, v)}/receipt`,
  envelope: (ns: string, name: string, v: string) => `${version(ns, name, v)}/envelope`,
  proof: (ns: string, name: string, v: string) => `${version(ns, name, v)}/proof`,
  /** What the log says of a version beyond its receipt. */
  standing: (ns: string, name: string, v: string) => `${version(ns, name, v)}/standing`,
  /** The README as HTML; as it was written with `Accept: text/markdown`. */
  readme: (ns: string, name: string, v: string) => `${version(ns, name, v)}/readme`,
  /** What would run when nobody gives parameters. */
  plan: (ns: string, name: string, v: string) => `${version(ns, name, v)}/plan`,
  /** `path`: of a file in the bundle, with `/` between its segments. */
  file: (ns: string, name: string, v: string, path: string) =>
    `${version(ns, name, v)}/files/${path.split('/').map(e).join('/')}`,
  deprecate: (ns: string, name: string, v: string) => `${version(ns, name, v)}/deprecate`,
  yank: (ns: string, name: string, v: string) => `${version(ns, name, v)}/yank`,
  quarantine: (ns: string, name: string, v: string) => `${version(ns, name, v)}/quarantine`,
  channels: (ns: string, name: string) => `${workflow(ns, name)}/channels`,
  channel: (ns: string, name: string, channel: string) => `${workflow(ns, name)}/channels/${e(channel)}`,
  events: () => '/v1/events',
  audit: () => '/v1/audit',
  webhooks: () => '/v1/webhooks',
  webhook: (id: string) => `/v1/webhooks/${e(id)}`,
  webhookSecret: (id: string) => `/v1/webhooks/${e(id)}/secret`,
  webhookDeliveries: (id: string) => `/v1/webhooks/${e(id)}/deliveries`,
  redeliver: (id: string, delivery: string) => `/v1/webhooks/${e(id)}/deliveries/${e(delivery)}/redeliver`,
  /** `digestHex`: of the uncompressed tar, without `sha256:`. */
  blob: (digestHex: string) => `/v1/blobs/sha256/${e(digestHex)}`,
  checkpoint: (realm: string) => `/log/${e(realm)}/checkpoint`,
  /** `tile` is a path of C2SP tlog-tiles below the log's prefix, such as `tile/0/x001/067.p/8`. */
  tile: (realm: string, tile: string) => `/log/${e(realm)}/${tile}`,
} as const;

/** Media types that are our own. */
export const MEDIA_TYPES = {
  receipt: 'application/vnd.sheaf.receipt.v1+json',
  standing: 'application/vnd.sheaf.standing.v1+json',
  envelope: 'application/vnd.dsse.envelope.v1+json',
  bundle: 'application/vnd.sheaf.bundle.v1.tar+gzip',
  problem: 'application/problem+json',
} as const;

/** Names of the two parts of a publish, in this order. */
export const PUBLISH_PARTS = { envelope: 'envelope', bundle: 'bundle' } as const;
