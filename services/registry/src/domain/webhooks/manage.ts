import { randomBytes } from 'node:crypto';
import type { CreatedWebhook, Webhook, WebhookList } from '@sheaf/client/contract';
import { insertAudit } from '../../db/audit-queries.js';
import type { Db } from '../../db/connection.js';
import { numberEvents } from '../../db/event-queries.js';
import { findNamespace } from '../../db/namespace-queries.js';
import {
  countWebhooks,
  deleteWebhook,
  disableWebhook,
  enableWebhook,
  findWebhook,
  insertDirector,
  insertWebhook,
  listWebhooks,
  replaceSecret,
  updateWebhook,
  type WebhookRow,
} from '../../db/webhook-queries.js';
import { authorize } from '../access/authorization.js';
import type { Caller, Person } from '../access/principal.js';
import { mayRead } from '../access/reading.js';
import type { AuditAction } from '../audit/actions.js';
import { RegistryError } from '../error.js';
import type { Networks } from './addresses.js';
import { toWebhook } from './describe.js';
import { holdWebhook, holdWebhooks } from './hold.js';
import { formatSecret, newSecret } from './secret.js';
import { parseWebhookUrl } from './url.js';

export interface WebhookDeps {
  readonly db: Db;
  /** Networks that webhooks may be in beside the public internet. */
  readonly webhookNetworks: Networks;
}

/** Most webhooks of one namespace, and of none. */
export const MAX_WEBHOOKS = 20;
/** A replaced secret signs beside the new one for so long. */
const OLD_SECRET_MS = 24 * 3_600_000;

/**
 * Adds a webhook for a namespace, by an owner of it, or for all, by an administrator. The secret is shown here alone.
 *
 * @throws RegistryError `namespace.not_found`, `webhook.url_refused`, `webhook.limit`, and what `authorize` throws
 */
export async function createWebhook(
  deps: WebhookDeps,
  caller: Caller,
  request: {
    readonly namespace?: string | undefined;
    readonly url: string;
    readonly topics?: readonly string[] | undefined;
  },
): Promise<CreatedWebhook> {
  const { principal, namespace } = await authorizeFor(deps.db, caller, request.namespace);
  const namespaceId = namespace?.id ?? null;
  const url = parseWebhookUrl(request.url, deps.webhookNetworks);
  const id = `wh_${randomBytes(12).toString('hex')}`;
  const secret = newSecret();
  const { numbered } = await numberEvents(deps.db);
  await deps.db.transaction().execute(async (trx) => {
    await holdWebhooks(trx, principal, namespace, 'direct');
    if ((await countWebhooks(trx, namespaceId)) >= MAX_WEBHOOKS)
      throw new RegistryError('webhook.limit', `there are ${MAX_WEBHOOKS} webhooks already`);
    await insertWebhook(trx, {
      id,
      namespaceId,
      url,
      topics: request.topics ?? [],
      secret,
      createdBy: principal.userId,
      afterPosition: numbered,
    });
    await insertDirector(trx, id, principal.userId);
    await insertAudit(
      trx,
      audited(caller, principal, 'webhook.create', { id, namespace: namespace?.name, url }),
    );
  });
  return { ...toWebhook(await get(deps.db, id)), secret: formatSecret(secret) };
}

/** Those of a namespace, for its owners; all of them for administrators. @throws as {@link createWebhook} */
export async function getWebhooks(
  { db }: WebhookDeps,
  caller: Caller,
  query: { readonly namespace?: string | undefined; readonly after: string; readonly limit: number },
): Promise<WebhookList> {
  const { namespace } = await authorizeFor(db, caller, query.namespace);
  const { after, limit } = query;
  const rows = await listWebhooks(db, {
    after,
    limit: limit + 1,
    ...(namespace && { namespaceId: namespace.id }),
  });
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { webhooks: shown.map(toWebhook), ...(last && { nextCursor: last.id }) };
}

/** @throws RegistryError `webhook.not_found`, and what `authorize` throws */
export async function getWebhook({ db }: WebhookDeps, caller: Caller, id: string): Promise<Webhook> {
  return toWebhook((await authorizeOne(db, caller, id)).row);
}

/** Changes where a webhook is sent to, what it is told of, or whether it is told at all. @throws as {@link createWebhook}, and `webhook.not_found` */
export async function changeWebhook(
  deps: WebhookDeps,
  caller: Caller,
  id: string,
  change: {
    readonly url?: string | undefined;
    readonly topics?: readonly string[] | undefined;
    readonly enabled?: boolean | undefined;
  },
): Promise<Webhook> {
  const { principal, row } = await authorizeOne(deps.db, caller, id);
  const url = change.url === undefined ? undefined : parseWebhookUrl(change.url, deps.webhookNetworks);
  const isDirecting = url !== undefined || change.enabled === true;
  const { numbered } = await numberEvents(deps.db);
  await deps.db.transaction().execute(async (trx) => {
    const before = await holdWebhook(trx, principal, row, isDirecting ? 'direct' : 'manage');
    await updateWebhook(trx, id, { url, topics: change.topics });
    if (isDirecting) await insertDirector(trx, id, principal.userId);
    if (change.enabled === true) await enableWebhook(trx, id, numbered);
    if (change.enabled === false) await disableWebhook(trx, id, 'it was switched off');
    await insertAudit(
      trx,
      audited(caller, principal, 'webhook.change', {
        id,
        namespace: row.namespace ?? undefined,
        url: url ?? before.url,
      }),
    );
  });
  return toWebhook(await get(deps.db, id));
}

/** Gives a webhook a new secret; for a day its deliveries are signed with the one before as well. @throws as {@link getWebhook} */
export async function rotateSecret(deps: WebhookDeps, caller: Caller, id: string): Promise<CreatedWebhook> {
  const { principal, row } = await authorizeOne(deps.db, caller, id);
  const secret = newSecret();
  await deps.db.transaction().execute(async (trx) => {
    const { url, namespace } = await holdWebhook(trx, principal, row, 'direct');
    await replaceSecret(trx, id, secret, OLD_SECRET_MS);
    await insertDirector(trx, id, principal.userId);
    await insertAudit(
      trx,
      audited(caller, principal, 'webhook.rotate', { id, namespace: namespace ?? undefined, url }),
    );
  });
  return { ...toWebhook(await get(deps.db, id)), secret: formatSecret(secret) };
}

/** Removes a webhook with its deliveries. @throws as {@link getWebhook} */
export async function removeWebhook({ db }: WebhookDeps, caller: Caller, id: string): Promise<void> {
  const { principal, row } = await authorizeOne(db, caller, id);
  await db.transaction().execute(async (trx) => {
    const { url, namespace } = await holdWebhook(trx, principal, row, 'manage');
    await deleteWebhook(trx, id);
    await insertAudit(
      trx,
      audited(caller, principal, 'webhook.delete', { id, namespace: namespace ?? undefined, url }),
    );
  });
}

/**
 * The webhook, when the caller may manage it. Who may not even know its namespace is told that there is none.
 *
 * @throws RegistryError `webhook.not_found`, and what `authorize` throws
 */
export async function authorizeOne(
  db: Db,
  caller: Caller,
  id: string,
): Promise<{ readonly principal: Person; readonly row: WebhookRow }> {
  const { principal } = caller;
  const row = await findWebhook(db, id);
  const { namespace, visibility } = row ?? {};
  const isKnown =
    row !== undefined &&
    (namespace == null || visibility == null
      ? principal?.isAdmin === true
      : mayRead(principal, { name: namespace, visibility }));
  if (principal && !isKnown) throw new RegistryError('webhook.not_found', 'there is no such webhook');
  if (namespace == null) authorize(principal, 'registry.admin');
  else authorize(principal, 'webhook.manage', { namespace });
  if (!row) throw new RegistryError('webhook.not_found', 'there is no such webhook');
  return { principal, row };
}

/** @throws RegistryError `namespace.not_found`, and what `authorize` throws */
async function authorizeFor(
  db: Db,
  { principal }: Caller,
  name: string | undefined,
): Promise<{
  readonly principal: Person;
  readonly namespace: { readonly id: number; readonly name: string } | undefined;
}> {
  if (name === undefined) {
    authorize(principal, 'registry.admin');
    return { principal, namespace: undefined };
  }
  const namespace = principal && (await findNamespace(db, name));
  if (principal && !(namespace && mayRead(principal, namespace)))
    throw new RegistryError('namespace.not_found', 'there is no such namespace');
  authorize(principal, 'webhook.manage', { namespace: name });
  return { principal, namespace };
}

async function get(db: Db, id: string): Promise<WebhookRow> {
  const row = await findWebhook(db, id);
  if (!row) throw new RegistryError('webhook.not_found', 'there is no such webhook');
  return row;
}

function audited(
  { requestId }: Caller,
  principal: Person,
  action: AuditAction,
  {
    id,
    namespace,
    url,
  }: { readonly id: string; readonly namespace: string | undefined; readonly url: string },
) {
  return {
    principal,
    requestId,
    action,
    ...(namespace !== undefined && { namespace }),
    // The host alone: a path may hold a secret of the receiver.
    detail: { webhook: id, host: new URL(url).host },
  };
}
