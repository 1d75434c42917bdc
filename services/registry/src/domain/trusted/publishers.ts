import { randomBytes } from 'node:crypto';
import { isClaim } from '@sheaf/bundle';
import type { CreateTrustedPublisherRequest, TrustedPublisher } from '@sheaf/client/contract';
import { findNameProblem, parseNamespace, parseWorkflowName } from '@sheaf/workflow';
import type { Transaction } from 'kysely';
import type { Db } from '../../db/connection.js';
import { insertAudit } from '../../db/audit-queries.js';
import { findNamespace } from '../../db/namespace-queries.js';
import type { Database } from '../../db/schema.js';
import {
  countPublishers,
  deletePublisher,
  findPublisher,
  insertPublisher,
  publishersOf,
  type PublisherRow,
} from '../../db/trusted-queries.js';
import { authorize } from '../access/authorization.js';
import { holdRights } from '../access/hold-rights.js';
import type { Caller, Person, Principal } from '../access/principal.js';
import { mayRead } from '../access/reading.js';
import { RegistryError } from '../error.js';
import { lockMembersAsOwner } from '../members/still-owner.js';
import type { TrustedIssuers } from './identity-token.js';
import { kindOf, type TrustedIssuer } from './kinds.js';

export interface PublisherDeps {
  readonly db: Db;
  readonly trusted: Pick<TrustedIssuers, 'list'>;
}

const MAX_HERE = 50;
const MAX_PENDING = 20;

/**
 * Lets whoever an issuer names publish in a namespace. For a namespace that is not there it waits: the first publish
 * creates it, for the caller. The same again is a success.
 *
 * @throws RegistryError `oidc.issuer_unknown`, `publisher.refused`, `publisher.too_many`, `namespace.name_refused`,
 *   `auth.suspended`, and what `authorize` throws
 */
export async function addPublisher(
  { db, trusted }: PublisherDeps,
  caller: Caller,
  request: CreateTrustedPublisherRequest,
): Promise<{ readonly created: boolean; readonly publisher: TrustedPublisher }> {
  const { namespace, workflow } = parsePlace(request);
  const { person, held } = await assertMayManage(db, caller.principal, namespace);
  const isPending = held === undefined;
  const issuer = trusted.list.find((known) => known.issuer === request.issuer);
  if (issuer === undefined)
    throw new RegistryError('oidc.issuer_unknown', `this registry takes no tokens of ${request.issuer}`);
  assertSafe(issuer, request.claims);
  const row = {
    id: randomBytes(8).toString('hex'),
    namespace,
    workflow: workflow ?? null,
    issuer: issuer.issuer,
    kind: issuer.kind,
    claims: JSON.stringify(request.claims),
    is_pending: isPending,
    created_by: person.userId,
  };
  return db.transaction().execute(async (trx) => {
    await holdManaging(trx, { person, held });
    const added = await insertPublisher(trx, row);
    if (added === undefined) return { created: false, publisher: await findSame(trx, row, request) };
    const { here, pending } = await countPublishers(trx, { namespace, userId: person.userId });
    if (here > MAX_HERE || (isPending && pending > MAX_PENDING))
      throw new RegistryError('publisher.too_many', `there may be ${isPending ? MAX_PENDING : MAX_HERE}`);
    await insertAudit(trx, {
      principal: person,
      requestId: caller.requestId,
      action: 'publisher.add',
      namespace,
      ...(workflow !== undefined && { workflow }),
      detail: { publisher: added.id, issuer: issuer.issuer, ...claimsDetail(request.claims) },
    });
    return { created: true, publisher: toDocument(added) };
  });
}

/** Those of a namespace, for its owners; of one that the caller cannot know of, what the caller has added. @throws RegistryError what `authorize` throws */
export async function listPublishers(
  { db }: Pick<PublisherDeps, 'db'>,
  principal: Principal | undefined,
  namespace: string,
): Promise<readonly TrustedPublisher[]> {
  const { person, held } = (await isHidden(db, principal, namespace))
    ? assertMayCreate(principal)
    : await assertMayManage(db, principal, namespace);
  const rows = await publishersOf(db, namespace);
  return rows.filter((row) => held !== undefined || row.created_by === person.userId).map(toDocument);
}

/**
 * Removes a trusted publisher with the keys it was given: from here on they publish nothing. One that is not there is gone already.
 *
 * @throws RegistryError `auth.role_missing`, `auth.suspended`, and what `authorize` throws
 */
export async function removePublisher(
  { db }: Pick<PublisherDeps, 'db'>,
  caller: Caller,
  id: string,
): Promise<void> {
  const row = await findPublisher(db, id);
  if (row === undefined) {
    authorize(caller.principal, 'account.read');
    return;
  }
  const { person, held } = await assertMayManage(db, caller.principal, row.namespace);
  if (held === undefined && row.created_by !== person.userId)
    throw new RegistryError('auth.role_missing', 'somebody else has added it');
  await db.transaction().execute(async (trx) => {
    await holdManaging(trx, { person, held });
    if (!(await deletePublisher(trx, id))) return;
    await insertAudit(trx, {
      principal: person,
      requestId: caller.requestId,
      action: 'publisher.remove',
      namespace: row.namespace,
      ...(row.workflow !== null && { workflow: row.workflow }),
      detail: { publisher: id, issuer: row.issuer },
    });
  });
}

interface Managing {
  readonly person: Person;
  /** Undefined when the namespace is not there. */
  readonly held: { readonly id: number; readonly name: string } | undefined;
}

/** Owners may, and for a namespace that is not there whoever may create it. */
async function assertMayManage(
  db: Db,
  principal: Principal | undefined,
  namespace: string,
): Promise<Managing> {
  const held = await findNamespace(db, namespace);
  if (held === undefined) return assertMayCreate(principal);
  authorize(principal, 'publisher.manage', { namespace });
  return { person: principal, held };
}

function assertMayCreate(principal: Principal | undefined): Managing {
  authorize(principal, 'namespace.create');
  return { person: principal, held: undefined };
}

/** Holds until the transaction ends that they may still. @throws RegistryError `auth.role_missing`, `auth.suspended` */
async function holdManaging(trx: Transaction<Database>, { person, held }: Managing): Promise<void> {
  if (held) await lockMembersAsOwner(trx, held, person);
  else await holdRights(trx, person);
}

/** Whether a namespace must look as if it were not there. */
async function isHidden(db: Db, principal: Principal | undefined, name: string): Promise<boolean> {
  const namespace = await findNamespace(db, name);
  return namespace !== undefined && !mayRead(principal, namespace);
}

function parsePlace({ namespace, workflow }: CreateTrustedPublisherRequest) {
  const refuse = (error: unknown) => {
    const { code, message } = error as { code: string; message: string };
    return new RegistryError('namespace.name_refused', message, { errors: [{ code, detail: message }] });
  };
  try {
    const place = {
      namespace: parseNamespace(namespace),
      workflow: workflow === undefined ? undefined : parseWorkflowName(workflow),
    };
    const problem = findNameProblem(place.namespace);
    if (problem) throw problem as unknown as Error;
    return place;
  } catch (error) {
    throw refuse(error);
  }
}

/** Whoever leaves out what names somebody for good would let in everybody whom the issuer knows. */
function assertSafe(issuer: TrustedIssuer, claims: Readonly<Record<string, string>>): void {
  const { identity, required, bounds } = kindOf(issuer);
  const value = (name: string) => (Object.hasOwn(claims, name) ? claims[name] : undefined);
  const missing = [...identity, ...required].filter((name) => value(name) === undefined);
  if (missing.length > 0)
    throw new RegistryError(
      'publisher.refused',
      `a publisher of ${issuer.kind} needs the claims ${missing.join(', ')}`,
    );
  const loose = [...identity, ...required].filter((name) => value(name)?.includes('*') === true);
  if (loose.length > 0)
    throw new RegistryError(
      'publisher.refused',
      `${loose.join(', ')} must be exact: * is for the other claims`,
    );
  if (bounds.length > 0 && !bounds.some((name) => isBound(name, value(name))))
    throw new RegistryError(
      'publisher.refused',
      `a publisher of ${issuer.kind} needs one of ${bounds.join(', ')}: any branch may bring its own file`,
    );
  const unusable = Object.entries(claims).find(([name, text]) => !isClaim(name, text) || text.includes('**'));
  if (unusable !== undefined)
    throw new RegistryError('publisher.refused', `${unusable[0]} has no usable value`);
}

/** Whether a claim lets in less than everything. */
function isBound(name: string, value: string | undefined): boolean {
  return value !== undefined && value !== '*' && (name !== 'ref_protected' || value === 'true');
}

async function findSame(
  trx: Transaction<Database>,
  {
    namespace,
    issuer,
    workflow,
    created_by,
  }: Pick<PublisherRow, 'namespace' | 'issuer' | 'workflow' | 'created_by'>,
  { claims }: CreateTrustedPublisherRequest,
): Promise<TrustedPublisher> {
  const text = (value: Readonly<Record<string, string>>) => JSON.stringify(Object.entries(value).sort());
  const row = (await publishersOf(trx, namespace)).find(
    (other) =>
      other.issuer === issuer &&
      other.workflow === workflow &&
      other.created_by === created_by &&
      text(other.claims) === text(claims),
  );
  if (row === undefined) throw new Error('a trusted publisher that is there cannot be found');
  return toDocument(row);
}

function claimsDetail(claims: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return {
    claims: Object.entries(claims)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')
      .slice(0, 500),
  };
}

function toDocument(row: PublisherRow): TrustedPublisher {
  return {
    id: row.id,
    namespace: row.namespace,
    ...(row.workflow !== null && { workflow: row.workflow }),
    issuer: row.issuer,
    kind: row.kind,
    claims: row.claims,
    ...(row.is_pending && { pending: true as const }),
    createdBy: row.creator,
    createdAt: row.created_at.toISOString(),
    ...(row.last_used_at && { lastUsedAt: row.last_used_at.toISOString() }),
  };
}
