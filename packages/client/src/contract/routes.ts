/** Paths of the API, built in one place. Every argument is percent-encoded. */
const e = encodeURIComponent;

const workflow = (namespace: string, name: string) => `/v1/workflows/${e(namespace)}/${e(name)}`;
const version = (namespace: string, name: string, v: string) => `${workflow(namespace, name)}/${e(v)}`;

/** The path of every operation; arguments are percent-encoded. */
export const routes = {
  /** `/.well-known/sheaf-registry` */
  wellKnown: () => '/.well-known/sheaf-registry',
  /** `/healthz` */
  health: () => '/healthz',
  /** `/readyz` */
  ready: () => '/readyz',
  /** `/v1/whoami` */
  whoami: () => '/v1/whoami',
  /** `/v1/tokens` */
  tokens: () => '/v1/tokens',
  /** `/v1/tokens/{id}` */
  token: (id: string) => `/v1/tokens/${e(id)}`,
  /** `/v1/namespaces` */
  namespaces: () => '/v1/namespaces',
  /** `/v1/namespaces/{name}` */
  namespace: (name: string) => `/v1/namespaces/${e(name)}`,
  /** `/v1/namespaces/{name}/members` */
  members: (name: string) => `/v1/namespaces/${e(name)}/members`,
  /** `/v1/namespaces/{name}/members/{user}` */
  member: (name: string, user: string) => `/v1/namespaces/${e(name)}/members/${e(user)}`,
  /** `POST` invites, `DELETE` with an id takes back. */
  namespaceInvitations: (name: string) => `/v1/namespaces/${e(name)}/invitations`,
  /** `/v1/namespaces/{name}/invitations/{id}` */
  namespaceInvitation: (name: string, id: number) => `/v1/namespaces/${e(name)}/invitations/${id}`,
  /** `POST` offers the namespace to another owner. */
  transfer: (name: string) => `/v1/namespaces/${e(name)}/transfer`,
  /** Those of the caller. */
  invitations: () => '/v1/invitations',
  /** `DELETE` declines. */
  invitation: (id: number) => `/v1/invitations/${id}`,
  /** `/v1/invitations/{id}/accept` */
  acceptInvitation: (id: number) => `/v1/invitations/${id}/accept`,
  /** A standing document of all key events of the namespace. */
  namespaceKeys: (name: string) => `/v1/namespaces/${e(name)}/keys`,
  /** What a key signed from an index of the log on and no revocation refuses so far. */
  signedReleases: (name: string, keyid: string, fromIndex: number) =>
    `/v1/namespaces/${e(name)}/releases?keyid=${e(keyid)}&fromIndex=${fromIndex}`,
  /** `POST` a DSSE envelope of a key event. */
  keys: () => '/v1/keys',
  /** `/v1/trusted-publishers`, of one namespace or of all of the caller */
  trustedPublishers: (namespace?: string) =>
    namespace === undefined ? '/v1/trusted-publishers' : `/v1/trusted-publishers?namespace=${e(namespace)}`,
  /** `/v1/trusted-publishers/{id}` */
  trustedPublisher: (id: string) => `/v1/trusted-publishers/${e(id)}`,
  /** `/v1/oidc/issuers` */
  oidcIssuers: () => '/v1/oidc/issuers',
  /** `/v1/oidc/exchange` */
  oidcExchange: () => '/v1/oidc/exchange',
  /** `/v1/tags` */
  tags: () => '/v1/tags',
  /** `GET` searches, `POST` publishes. */
  stages: () => '/v1/stages',
  /** `/v1/stages/{id}` */
  stage: (id: string) => `/v1/stages/${e(id)}`,
  /** `/v1/stages/{id}/signatures` */
  stageSignatures: (id: string) => `/v1/stages/${e(id)}/signatures`,
  /** `/v1/stages/{id}/bundles/{index}` */
  stagedBundle: (id: string, index: number) => `/v1/stages/${e(id)}/bundles/${index}`,
  /** `/v1/workflows` */
  workflows: () => '/v1/workflows',
  /** `/v1/workflows/{namespace}/{name}` */
  workflow,
  /** `/v1/workflows/{namespace}/{name}/{version}` */
  version,
  /** `/v1/workflows/{namespace}/{name}/{version}/download` */
  download: (ns: string, name: string, v: string) => `${version(ns, name, v)}/download`,
  /** `/v1/workflows/{namespace}/{name}/{version}/receipt` */
  receipt: (ns: string, name: string, v: string) => `${version(ns, name, v)}/receipt`,
  /** `/v1/workflows/{namespace}/{name}/{version}/envelope` */
  envelope: (ns: string, name: string, v: string) => `${version(ns, name, v)}/envelope`,
  /** `/v1/workflows/{namespace}/{name}/{version}/proof` */
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
  /** `/v1/workflows/{namespace}/{name}/{version}/deprecate` */
  deprecate: (ns: string, name: string, v: string) => `${version(ns, name, v)}/deprecate`,
  /** `/v1/workflows/{namespace}/{name}/{version}/yank` */
  yank: (ns: string, name: string, v: string) => `${version(ns, name, v)}/yank`,
  /** `/v1/workflows/{namespace}/{name}/{version}/quarantine` */
  quarantine: (ns: string, name: string, v: string) => `${version(ns, name, v)}/quarantine`,
  /** `/v1/workflows/{namespace}/{name}/channels` */
  channels: (ns: string, name: string) => `${workflow(ns, name)}/channels`,
  /** `/v1/workflows/{namespace}/{name}/channels/{channel}` */
  channel: (ns: string, name: string, channel: string) => `${workflow(ns, name)}/channels/${e(channel)}`,
  /** `/v1/events` */
  events: () => '/v1/events',
  /** `/v1/audit` */
  audit: () => '/v1/audit',
  /** `/v1/webhooks` */
  webhooks: () => '/v1/webhooks',
  /** `/v1/webhooks/{id}` */
  webhook: (id: string) => `/v1/webhooks/${e(id)}`,
  /** `/v1/webhooks/{id}/secret` */
  webhookSecret: (id: string) => `/v1/webhooks/${e(id)}/secret`,
  /** `/v1/webhooks/{id}/deliveries` */
  webhookDeliveries: (id: string) => `/v1/webhooks/${e(id)}/deliveries`,
  /** `/v1/webhooks/{id}/deliveries/{delivery}/redeliver` */
  redeliver: (id: string, delivery: string) => `/v1/webhooks/${e(id)}/deliveries/${e(delivery)}/redeliver`,
  /** `digestHex`: of the uncompressed tar, without `sha256:`. */
  blob: (digestHex: string) => `/v1/blobs/sha256/${e(digestHex)}`,
  /** `/log/{realm}/checkpoint` */
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
