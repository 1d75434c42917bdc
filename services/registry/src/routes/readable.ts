import type { AppDeps } from '../app-deps.js';
import { findNamespace } from '../db/namespace-queries.js';
import type { VersionRef, WorkflowRef } from '../db/workflow-queries.js';
import { mayRead, readablePrivate, type ReadablePrivate } from '../domain/access/reading.js';
import { RegistryError } from '../domain/error.js';
import type { LogDeps } from '../domain/log/log-reader.js';
import { PUBLIC_REALM } from '../domain/log/realms.js';
import type { RequestContext } from '../http/context.js';
import { takeForNamespace } from '../http/rate-limit.js';
import { findNamespaceParam, namespaceParam, versionRef, workflowRef } from './params.js';

type Deps = Pick<AppDeps, 'db' | 'rates'>;

/**
 * What a read names in its path, when the caller may read it. Every route that shows something of a namespace gets its
 * name from here: a private one and one that does not exist are then the same, word for word, and what is shown of a
 * private one is kept by no cache. It is counted where the namespace has a limit.
 *
 * @throws RegistryError `namespace.not_found`, `rate.limited`
 */
export async function readableNamespace(deps: Deps, ctx: RequestContext): Promise<string> {
  const name = namespaceParam(ctx);
  if (!(await findReadable(deps, ctx, name)))
    throw new RegistryError('namespace.not_found', `there is no namespace ${name}`);
  return name;
}

/** As {@link readableNamespace}, for a workflow. @throws RegistryError `workflow.not_found`, `rate.limited` */
export async function readableWorkflow(deps: Deps, ctx: RequestContext): Promise<WorkflowRef> {
  const ref = workflowRef(ctx);
  await assertReadable(deps, ctx, ref);
  return ref;
}

/**
 * As {@link readableNamespace}, for a version.
 *
 * @throws RegistryError `workflow.not_found`, `version.not_found`, `rate.limited`
 */
export async function readableVersion(deps: Deps, ctx: RequestContext): Promise<VersionRef> {
  const ref = versionRef(ctx);
  await assertReadable(deps, ctx, ref);
  return ref;
}

/** As {@link readableNamespace}, for the log of a realm. @throws RegistryError `tile.not_found`, `rate.limited` */
export async function readableLog(deps: Deps, ctx: RequestContext): Promise<LogDeps> {
  const { db } = deps;
  if (ctx.params['realm'] === PUBLIC_REALM) return { db, realm: PUBLIC_REALM };
  const realm = findNamespaceParam(ctx.params['realm']);
  // What cannot be a name has the headers of what does not exist.
  if (realm === undefined) markPrivate(ctx);
  const namespace = realm === undefined ? undefined : await findReadable(deps, ctx, realm);
  if (realm === undefined || namespace?.realm !== realm)
    throw new RegistryError('tile.not_found', 'there is no such log');
  return { db, realm };
}

async function assertReadable(deps: Deps, ctx: RequestContext, { namespace, name }: WorkflowRef) {
  if (!(await findReadable(deps, ctx, namespace)))
    throw new RegistryError('workflow.not_found', `there is no workflow ${namespace}/${name}`);
}

/**
 * Counts a write to a namespace, for routes that leave it to what they call whether it is there.
 *
 * @throws RegistryError `rate.limited`
 */
export async function countWrite(deps: Deps, ctx: RequestContext, namespace: string): Promise<void> {
  await findReadable(deps, ctx, namespace);
}

async function findReadable({ db, rates }: Deps, ctx: RequestContext, name: string) {
  const namespace = await findNamespace(db, name);
  if (namespace) ctx.state.realm = namespace.realm;
  // The same header for what does not exist: a difference would tell that it does.
  if (namespace?.visibility !== 'public') markPrivate(ctx);
  if (!namespace || !mayRead(ctx.state.principal, namespace)) return undefined;
  // Only now, and with nothing more to look up: strangers learn nothing from a limit, could not use one up for the members,
  // and are answered as soon as they are where there is none.
  takeForNamespace(rates, ctx, name);
  return namespace;
}

/** The log of the namespace that one of the functions above has found. */
export function readableRealm(ctx: RequestContext): string {
  const { realm } = ctx.state;
  if (realm === undefined) throw new Error('a read has not asked for what it names');
  return realm;
}

/** What the caller may see beside public namespaces, for a route that shows something of many: no cache may keep it. */
export function readableByCaller(ctx: RequestContext): ReadablePrivate {
  if (ctx.state.principal) markPrivate(ctx);
  else ctx.set('Vary', 'Authorization');
  return readablePrivate(ctx.state.principal);
}

/** Says that the answer depends on who asks. */
export function markPrivate(ctx: RequestContext): void {
  ctx.state.isPrivate = true;
  ctx.set('Vary', 'Authorization');
}
