import { createHash, randomBytes } from 'node:crypto';
import {
  encodeExchangeProof,
  findBase64,
  publicKeyFromSpki,
  spkiOf,
  encodeBase64,
  verifyEd25519,
  type PublicKey,
} from '@sheaf/bundle';
import type { ExchangedToken, OidcExchangeRequest } from '@sheaf/client/contract';
import { parseNamespace, parseWorkflowName, type Namespace, type WorkflowName } from '@sheaf/workflow';
import type { Transaction } from 'kysely';
import { insertAudit } from '../../db/audit-queries.js';
import { countKeysOf, ephemeralIndex, insertEphemeralKey } from '../../db/ephemeral-queries.js';
import { enqueueLeaf } from '../../db/log-queries.js';
import { findNamespace } from '../../db/namespace-queries.js';
import type { Database } from '../../db/schema.js';
import {
  countingPublishers,
  markPublisherUsed,
  useIdentityToken,
  type PublisherRow,
} from '../../db/trusted-queries.js';
import { RegistryError } from '../error.js';
import type { MembershipDeps } from '../limits/memberships.js';
import { PUBLIC_REALM } from '../log/realms.js';
import { assertLogOpen, settleLog, type SettleDeps } from '../log/settle.js';
import { claimsToLog } from './claims.js';
import type { IdentityToken, TrustedIssuers } from './identity-token.js';
import { matchPublisher } from './match.js';
import { createPendingNamespace, onlyWaiting } from './pending.js';

export interface ExchangeDeps extends SettleDeps, MembershipDeps {
  readonly origin: string;
  readonly trusted: TrustedIssuers;
}

/** How long the token publishes. */
const TOKEN_SECONDS = 15 * 60;
/** How long what the key has signed may wait for an approval: within the hour that a verifier allows. */
const KEY_SECONDS = 55 * 60;
/** Of one publisher that have not expired: each is in the log for good. */
const MAX_KEYS = 60;

interface Place {
  readonly namespace: Namespace;
  readonly name: WorkflowName | undefined;
}

/**
 * Exchanges an identity token for an access token of a quarter of an hour, bound to a key that the caller has shown to
 * have, and to what the trusted publisher may publish. The key is in the log before this answers.
 *
 * @throws RegistryError a code of `oidc.…`, `rate.limited`, `quota.exceeded`, `namespace.not_found`, `log.frozen`, `service.log_lagging`
 */
export async function exchangeToken(
  deps: ExchangeDeps,
  request: OidcExchangeRequest,
  requestId: string,
): Promise<ExchangedToken> {
  const token = await deps.trusted.verify(request.token);
  const place = parsePlace(request);
  const key = checkProof(deps.origin, request, place);
  const namespace = await findNamespace(deps.db, place.namespace);
  const publisher = await findPublisherOf(deps, token, place, namespace);
  const realm = namespace?.realm ?? PUBLIC_REALM;
  await assertLogOpen(deps, realm);
  const secret = randomBytes(32).toString('base64url');
  const granted: Granted = {
    deps,
    requestId,
    token,
    publisher,
    place: { namespace: place.namespace, name: place.name ?? boundTo(publisher) },
    namespaceId: namespace?.id,
    realm,
    key,
    tokenId: randomBytes(8).toString('hex'),
    secret,
    nowMs: deps.now(),
  };
  const id = await deps.db.transaction().execute((trx) => grant(trx, granted));
  await settleLog(deps, realm, { kind: 'ephemeral', id });
  const logIndex = await ephemeralIndex(deps.db, id);
  if (logIndex === null)
    throw new RegistryError('oidc.no_publisher', 'the trusted publisher was removed meanwhile');
  const { name } = granted.place;
  return {
    token: `shf_${granted.tokenId}_${secret}`,
    expiresAt: new Date(granted.nowMs + TOKEN_SECONDS * 1000).toISOString(),
    keyid: key.id,
    logIndex,
    realm,
    namespace: place.namespace,
    ...(name !== undefined && { name }),
  };
}

function parsePlace({ namespace, name }: OidcExchangeRequest): Place {
  try {
    return {
      namespace: parseNamespace(namespace),
      name: name === undefined ? undefined : parseWorkflowName(name),
    };
  } catch (cause) {
    throw new RegistryError('request.invalid', (cause as Error).message, { cause });
  }
}

/** The key, whose holder has signed for this very token. @throws RegistryError `oidc.proof_invalid` */
function checkProof(registry: string, request: OidcExchangeRequest, { namespace, name }: Place): PublicKey {
  let key: PublicKey;
  try {
    key = publicKeyFromSpki(request.publicKey);
  } catch (cause) {
    throw new RegistryError('oidc.proof_invalid', 'the key is no Ed25519 key that can be used', { cause });
  }
  const proof = findBase64(request.proof);
  const message = encodeExchangeProof({ registry, token: request.token, namespace, name });
  if (proof === undefined || !verifyEd25519(key.raw, message, proof))
    throw new RegistryError(
      'oidc.proof_invalid',
      'the proof is not by the key, or not for this token and place',
    );
  return key;
}

async function findPublisherOf(
  { db }: ExchangeDeps,
  token: IdentityToken,
  { namespace, name }: Place,
  found: Awaited<ReturnType<typeof findNamespace>>,
): Promise<PublisherRow> {
  const rows = await countingPublishers(db, namespace, found?.id);
  const wanted = { namespace, name, isPublic: found?.visibility === 'public' };
  return found === undefined ? onlyWaiting(rows, token, wanted) : matchPublisher(rows, token, wanted);
}

function boundTo({ workflow }: PublisherRow): WorkflowName | undefined {
  return workflow === null ? undefined : parseWorkflowName(workflow);
}

interface Granted {
  readonly deps: ExchangeDeps;
  readonly requestId: string;
  readonly token: IdentityToken;
  readonly publisher: PublisherRow;
  readonly place: Place;
  /** Undefined for a namespace that this creates. */
  readonly namespaceId: number | undefined;
  readonly realm: string;
  readonly key: PublicKey;
  readonly tokenId: string;
  readonly secret: string;
  readonly nowMs: number;
}

/** The one transaction: the identity token is used up exactly when the key waits for the log. Answers the key's row. */
async function grant(trx: Transaction<Database>, granted: Granted): Promise<number> {
  const { token, publisher, place, realm, key, nowMs } = granted;
  if (!(await useIdentityToken(trx, token.useId, token.expiresAt)))
    throw new RegistryError('oidc.replayed', 'the identity token was exchanged before');
  const namespaceId =
    granted.namespaceId ??
    (await createPendingNamespace(
      trx,
      granted.deps,
      place.namespace,
      publisher.created_by,
      granted.requestId,
    ));
  // Holds the publisher's row, so that jobs that come at once are counted one after the other.
  await markPublisherUsed(trx, publisher.id, new Date(nowMs));
  if ((await countKeysOf(trx, publisher.id, new Date(nowMs))) >= MAX_KEYS)
    throw new RegistryError('rate.limited', `a trusted publisher is given ${MAX_KEYS} keys an hour`, {
      headers: { 'Retry-After': '60' },
    });
  const exp = Math.floor(nowMs / 1000) + KEY_SECONDS;
  const { issuer, kind } = token.issuer;
  const logged = claimsToLog(token.issuer, token.claims, Object.keys(publisher.claims));
  const id = await insertEphemeralKey(trx, {
    namespace_id: namespaceId,
    publisher_id: publisher.id,
    key_id: key.id,
    public_key: Buffer.from(key.raw),
    workflow: place.name ?? null,
    issuer,
    kind,
    identity: JSON.stringify(logged.identity),
    token_id: granted.tokenId,
    token_sha256: createHash('sha256').update(granted.secret).digest(),
    token_expires_at: new Date(nowMs + TOKEN_SECONDS * 1000),
    expires_at: new Date(exp * 1000),
    log_index: null,
  });
  if (id === undefined)
    throw new RegistryError('oidc.key_used', `key ${key.id.slice(0, 16)} is known in ${place.namespace}`);
  const auditId = await insertAudit(trx, {
    principal: null,
    requestId: granted.requestId,
    action: 'key.ephemeral',
    namespace: place.namespace,
    ...(place.name !== undefined && { workflow: place.name }),
    detail: { publisher: publisher.id, issuer, key: key.id, token: granted.tokenId, ...logged.identity },
  });
  await enqueueLeaf(trx, {
    realm,
    namespace: place.namespace,
    leaf: {
      type: 'key.ephemeral',
      ns: place.namespace,
      ...(place.name !== undefined && { name: place.name }),
      keyid: key.id,
      key: encodeBase64(spkiOf(key)),
      exp,
      issuer,
      ...logged,
    },
    subjectKind: 'ephemeral',
    subjectId: id,
    auditId,
  });
  return id;
}
