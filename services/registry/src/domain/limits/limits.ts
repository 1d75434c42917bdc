import type { LimitDefaults, LimitsConfig } from '../../config/limits.js';
import { insertAudit } from '../../db/audit-queries.js';
import type { Db } from '../../db/connection.js';
import {
  findLimits,
  findNamespaceName,
  findRequestLimits,
  findUsage,
  listLimits,
  removeLimits,
  storeLimits,
} from '../../db/limit-queries.js';
import { findNamespace } from '../../db/namespace-queries.js';
import { findToken } from '../../db/token-queries.js';
import type { Principal } from '../access/principal.js';
import { RegistryError } from '../error.js';
import { namespaceSubject, tokenSubject } from './subjects.js';

/** Who is limited: a namespace, by its name, or a token, by its id. */
export type LimitSubject =
  { readonly kind: 'namespace'; readonly name: string } | { readonly kind: 'token'; readonly id: string };

/** What an administrator has set in place of the defaults; a number that is left out stays the default. */
export interface LimitOverride {
  readonly bytes?: number | undefined;
  readonly versions?: number | undefined;
  readonly workflows?: number | undefined;
  readonly requestsPerMinute?: number | undefined;
  readonly reason: string;
  /** From then on the defaults hold again. */
  readonly expiresAt?: Date | undefined;
}

/** What a subject has stored. */
export interface Usage {
  readonly bytes: number;
  readonly versions: number;
  readonly workflows: number;
}

/** What holds for a subject, and how much of it is used. */
export interface LimitReport {
  readonly subject: LimitSubject;
  readonly limits: LimitDefaults;
  readonly used: Usage;
  /** Undefined when the defaults hold. */
  readonly override: LimitOverride | undefined;
}

/** Numbers of an override, undefined for one that is not set or has expired. */
export type SetLimits = { readonly [Field in keyof LimitDefaults]?: number | null | undefined };

/** The limits that hold: each number as it was set, or else the default. */
export function effectiveLimits(
  config: LimitsConfig,
  kind: LimitSubject['kind'],
  set: SetLimits | undefined,
): LimitDefaults {
  const defaults = config[kind];
  return {
    bytes: set?.bytes ?? defaults.bytes,
    versions: set?.versions ?? defaults.versions,
    workflows: set?.workflows ?? defaults.workflows,
    requestsPerMinute: set?.requestsPerMinute ?? defaults.requestsPerMinute,
  };
}

export interface LimitsDeps {
  readonly db: Db;
  readonly limits: LimitsConfig;
  readonly now: () => number;
}

/** Who sets a limit; null for an administrator at the command line. */
export interface LimitSetter {
  readonly principal: Principal | null;
  readonly requestId: string | null;
}

const COUNTS = ['bytes', 'versions', 'workflows'] as const;

/**
 * Sets the limits of a subject in place of those that were set before, with an audit row. Takes hold with the next request.
 *
 * @throws RegistryError `namespace.not_found`, `auth.token_invalid` for a token that is not there, `request.invalid`
 */
export async function setLimits(
  deps: LimitsDeps,
  setter: LimitSetter,
  subject: LimitSubject,
  override: LimitOverride,
): Promise<void> {
  assertOverride(override, deps.now());
  const key = await keyOf(deps.db, subject);
  await deps.db.transaction().execute(async (trx) => {
    await storeLimits(trx, {
      subject: key,
      bytes: override.bytes ?? null,
      versions: override.versions ?? null,
      workflows: override.workflows ?? null,
      requests_per_minute: override.requestsPerMinute ?? null,
      reason: override.reason,
      expires_at: override.expiresAt ?? null,
    });
    await insertAudit(trx, { ...setter, action: 'limits.set', ...auditOf(subject, override) });
  });
}

/** Gives a subject the defaults again, with an audit row. False when it had them. @throws RegistryError as {@link setLimits} */
export async function clearLimits(
  deps: LimitsDeps,
  setter: LimitSetter,
  subject: LimitSubject,
): Promise<boolean> {
  const key = await keyOf(deps.db, subject);
  return deps.db.transaction().execute(async (trx) => {
    const wasSet = await removeLimits(trx, key);
    if (wasSet)
      await insertAudit(trx, { ...setter, action: 'limits.remove', ...auditOf(subject, undefined) });
    return wasSet;
  });
}

/** What holds for a subject, and how much of it is used. @throws RegistryError as {@link setLimits} */
export async function reportLimits(deps: LimitsDeps, subject: LimitSubject): Promise<LimitReport> {
  const key = await keyOf(deps.db, subject);
  const [row, used] = await Promise.all([findLimits(deps.db, key), findUsage(deps.db, key)]);
  const override = row && toOverride(row);
  const holds = override !== undefined && (override.expiresAt?.getTime() ?? Infinity) > deps.now();
  return {
    subject,
    limits: effectiveLimits(deps.limits, subject.kind, holds ? override : undefined),
    used: used ?? { bytes: 0, versions: 0, workflows: 0 },
    override,
  };
}

/** Every override that was set, expired ones included. */
export async function listOverrides(
  deps: Pick<LimitsDeps, 'db'>,
): Promise<readonly { readonly subject: LimitSubject; readonly override: LimitOverride }[]> {
  const rows = await listLimits(deps.db);
  return Promise.all(
    rows.map(async (row) => ({ subject: await subjectOf(deps.db, row.subject), override: toOverride(row) })),
  );
}

/** How many requests a minute a token and a namespace may make; undefined for as many as they like. */
export async function requestsPerMinute(
  { db, limits }: Pick<LimitsDeps, 'db' | 'limits'>,
  asked: { readonly tokenId?: string | undefined; readonly namespaceId?: number | undefined },
): Promise<{ readonly token: number | undefined; readonly namespace: number | undefined }> {
  const token = asked.tokenId === undefined ? undefined : tokenSubject(asked.tokenId);
  const namespace = asked.namespaceId === undefined ? undefined : namespaceSubject(asked.namespaceId);
  const subjects = [token, namespace].filter((subject) => subject !== undefined);
  const set = subjects.length === 0 ? new Map<string, number>() : await findRequestLimits(db, subjects);
  return {
    token: token === undefined ? undefined : (set.get(token) ?? limits.token.requestsPerMinute),
    namespace:
      namespace === undefined ? undefined : (set.get(namespace) ?? limits.namespace.requestsPerMinute),
  };
}

function assertOverride(override: LimitOverride, nowMs: number): void {
  const numbers = [...COUNTS.map((unit) => override[unit]), override.requestsPerMinute];
  const isWrong = (n: number | undefined) => n !== undefined && (!Number.isSafeInteger(n) || n < 0);
  if (numbers.some(isWrong) || override.requestsPerMinute === 0)
    throw new RegistryError('request.invalid', 'a limit is a whole number, of requests at least 1');
  if (override.reason.length > 200) throw new RegistryError('request.invalid', 'the reason is too long');
  if (override.expiresAt !== undefined && !(override.expiresAt.getTime() > nowMs))
    throw new RegistryError('request.invalid', 'the limits would have expired already');
}

async function keyOf(db: Db, subject: LimitSubject): Promise<string> {
  if (subject.kind === 'namespace') {
    const namespace = await findNamespace(db, subject.name);
    if (!namespace) throw new RegistryError('namespace.not_found', `there is no namespace ${subject.name}`);
    return namespaceSubject(namespace.id);
  }
  if (!(await findToken(db, subject.id)))
    throw new RegistryError('auth.token_invalid', 'there is no token with this id');
  return tokenSubject(subject.id);
}

async function subjectOf(db: Db, key: string): Promise<LimitSubject> {
  const id = key.slice(key.indexOf(':') + 1);
  if (key.startsWith('token:')) return { kind: 'token', id };
  return { kind: 'namespace', name: (await findNamespaceName(db, Number(id))) ?? id };
}

type LimitRow = NonNullable<Awaited<ReturnType<typeof findLimits>>>;

function toOverride(row: LimitRow): LimitOverride {
  return {
    bytes: row.bytes ?? undefined,
    versions: row.versions ?? undefined,
    workflows: row.workflows ?? undefined,
    requestsPerMinute: row.requests_per_minute ?? undefined,
    reason: row.reason,
    expiresAt: row.expires_at ?? undefined,
  };
}

function auditOf(subject: LimitSubject, override: LimitOverride | undefined) {
  const numbers = Object.entries(override ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value instanceof Date ? value.toISOString() : String(value)] as const],
  );
  const detail = Object.fromEntries(numbers);
  return subject.kind === 'namespace'
    ? { namespace: subject.name, detail }
    : { detail: { ...detail, token: subject.id } };
}
