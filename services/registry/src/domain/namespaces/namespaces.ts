import type { NamespaceDocument, Visibility } from '@sheaf/client/contract';
import { findNameProblem, parseNamespace, type Namespace } from '@sheaf/workflow';
import type { Db } from '../../db/connection.js';
import { findMembership, findNamespace, insertNamespace } from '../../db/namespace-queries.js';
import { RegistryError } from '../error.js';
import { authorize } from '../access/authorization.js';
import type { Caller, Principal } from '../access/principal.js';
import { describeKeys } from '../keys/documents.js';
import { assertMayJoin, type MembershipDeps } from '../limits/memberships.js';
import { PUBLIC_REALM } from '../log/realms.js';
import { assertLogOpen, settleLog, type SettleDeps } from '../log/settle.js';
import { recordNamespace } from './record.js';

export type NamespaceDeps = SettleDeps & MembershipDeps;

/**
 * Creates a namespace that the caller owns; a private one begins a log of its own, which its name is the realm of. Doing it again is a success for the owner.
 *
 * @throws RegistryError `namespace.exists`, `namespace.name_refused`, `quota.exceeded`, `service.log_lagging`, and what `authorize` throws
 */
export async function createNamespace(
  deps: NamespaceDeps,
  caller: Caller,
  request: { readonly name: string; readonly visibility?: Visibility | undefined },
): Promise<{ created: boolean; namespace: NamespaceDocument }> {
  const { principal } = caller;
  authorize(principal, 'namespace.create');
  const name = parseNewName(request.name);
  const visibility = request.visibility ?? 'public';
  const realm = visibility === 'public' ? PUBLIC_REALM : name;
  await assertLogOpen(deps, realm);
  const created = await deps.db.transaction().execute(async (trx) => {
    const id = await insertNamespace(trx, { name, visibility, realm }, principal.userId);
    if (id === undefined) return undefined;
    await assertMayJoin(trx, deps, { userId: principal.userId, who: principal.user, namespaceId: id });
    await deps.logs.create(trx, realm);
    await recordNamespace(trx, { id, name, realm }, { principal, requestId: caller.requestId });
    return id;
  });
  const id = created ?? (await findOwn(deps.db, name, visibility, principal.userId));
  await settleLog(deps, realm, { kind: 'namespace', id });
  return {
    created: created !== undefined,
    namespace: await getNamespaceDocument(deps.db, name, principal),
  };
}

/** The id of a namespace that is there already, and is the caller's. @throws RegistryError `namespace.exists` */
async function findOwn(db: Db, name: Namespace, visibility: Visibility, userId: number): Promise<number> {
  const existing = await findMembership(db, name, userId);
  if (existing?.role !== 'owner')
    throw new RegistryError('namespace.exists', `the namespace ${name} is taken`);
  if (existing.visibility !== visibility)
    throw new RegistryError('namespace.exists', `the namespace ${name} is ${existing.visibility}`);
  return existing.id;
}

/**
 * A namespace and its keys.
 *
 * @throws RegistryError `namespace.not_found`
 */
export async function getNamespaceDocument(
  db: Db,
  name: string,
  principal: Principal | undefined,
): Promise<NamespaceDocument> {
  const namespace = await findNamespace(db, name);
  if (!namespace) throw new RegistryError('namespace.not_found', `there is no namespace ${name}`);
  const keys = await describeKeys(db, namespace.id);
  // Looked up rather than taken from the principal: a namespace may have been created by this very request.
  const userId = principal?.userId ?? undefined;
  const role = userId === undefined ? undefined : (await findMembership(db, name, userId))?.role;
  return {
    name: namespace.name,
    ...(role !== undefined && { role }),
    visibility: namespace.visibility,
    realm: namespace.realm,
    ...keys,
  };
}

function parseNewName(text: string): Namespace {
  const refuse = (code: string, message: string, hint: string | undefined) =>
    new RegistryError('namespace.name_refused', message, {
      errors: [{ code, detail: message, ...(hint !== undefined && { hint }) }],
    });
  let name: Namespace;
  try {
    name = parseNamespace(text);
  } catch (error) {
    const { code, message, hint } = error as { code: string; message: string; hint?: string };
    throw refuse(code, message, hint);
  }
  const problem = findNameProblem(name);
  if (problem) throw refuse(problem.code, problem.message, problem.hint);
  return name;
}
