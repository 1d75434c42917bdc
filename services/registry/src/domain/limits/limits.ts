import type { LimitDefaults, LimitsConfig } from '../../config/limits.js';
import { insertAudit } from '../../db/audit-queries.js';
import type { Db } from '../../db/connection.js';
import {
  findLimits,
  findRequestLimits,
  findUsage,
  listLimits,
  lockLimits,
  removeLimits,
  storeLimits,
} from '../../db/limit-queries.js';
import { countMemberships } from '../../db/member-queries.js';
import { findUser } from '../../db/user-queries.js';
import type { Principal } from '../access/principal.js';
import { RegistryError } from '../error.js';
import { applyChange, namesLimit, type LimitChange } from './change.js';
import { assertOverride, auditOf, toOverride, type LimitOverride } from './override.js';
import { namespaceSubject, subjectKey, subjectOf, tokenSubject, type LimitSubject } from './subjects.js';

/** What a subject has stored. */
export interface Usage {
  readonly bytes: number;
  readonly versions: number;
  readonly workflows: number;
}

/** What holds for a subject, and how much of it is used: of a person, the namespaces that they are a member of. */
export interface LimitReport {
  readonly subject: LimitSubject;
  readonly limits: LimitDefaults | { readonly namespaces: number };
  readonly used: Usage | { readonly namespaces: number };
  /** Undefined when the defaults hold. */
  readonly override: LimitOverride | undefined;
}

/** Numbers of an override, undefined for one that is not set or has expired. */
export type SetLimits = { readonly [Field in keyof LimitDefaults]?: number | null | undefined };

/** The limits that hold: each number as it was set, or else the default. */
export function effectiveLimits(
  config: LimitsConfig,
  kind: 'namespace' | 'token',
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

/**
 * Changes the limits of a subject, with an audit row: what was set before and holds stays, but for what the change names.
 * Takes hold with the next request.
 *
 * @returns what is set then; undefined for the defaults
 * @throws RegistryError `request.invalid`, and what `subjectKey` throws
 */
export async function setLimits(
  deps: LimitsDeps,
  setter: LimitSetter,
  subject: LimitSubject,
  change: LimitChange,
): Promise<LimitOverride | undefined> {
  const key = await subjectKey(deps.db, subject);
  return deps.db.transaction().execute(async (trx) => {
    await lockLimits(trx, key);
    const row = await findLimits(trx, key);
    const before = row && toOverride(row);
    const override = applyChange(before && isHolding(before, deps.now()) ? before : undefined, change);
    if (override === undefined && !namesLimit(change))
      throw new RegistryError('request.invalid', 'no limit is named, and none is set that could change', {
        hint: 'name a limit together with its reason and its days; admin limits list says what is set',
      });
    if (override === undefined) {
      if (await removeLimits(trx, key))
        await insertAudit(trx, { ...setter, action: 'limits.remove', ...auditOf(subject, undefined) });
      return undefined;
    }
    assertOverride(subject, override, deps.now());
    await storeLimits(trx, {
      subject: key,
      bytes: override.bytes ?? null,
      versions: override.versions ?? null,
      workflows: override.workflows ?? null,
      requests_per_minute: override.requestsPerMinute ?? null,
      namespaces: override.namespaces ?? null,
      reason: override.reason,
      expires_at: override.expiresAt ?? null,
    });
    await insertAudit(trx, { ...setter, action: 'limits.set', ...auditOf(subject, override) });
    return override;
  });
}

/** Gives a subject the defaults again, with an audit row. False when it had them. @throws RegistryError as {@link setLimits} */
export async function clearLimits(
  deps: LimitsDeps,
  setter: LimitSetter,
  subject: LimitSubject,
): Promise<boolean> {
  const key = await subjectKey(deps.db, subject);
  return deps.db.transaction().execute(async (trx) => {
    await lockLimits(trx, key);
    const wasSet = await removeLimits(trx, key);
    if (wasSet)
      await insertAudit(trx, { ...setter, action: 'limits.remove', ...auditOf(subject, undefined) });
    return wasSet;
  });
}

/** What holds for a subject, and how much of it is used. @throws RegistryError as {@link setLimits} */
export async function reportLimits(deps: LimitsDeps, subject: LimitSubject): Promise<LimitReport> {
  const key = await subjectKey(deps.db, subject);
  const row = await findLimits(deps.db, key);
  const override = row && toOverride(row);
  const holding = override && isHolding(override, deps.now()) ? override : undefined;
  return {
    subject,
    ...(subject.kind === 'user'
      ? await reportPerson(deps, subject.name, holding?.namespaces)
      : {
          limits: effectiveLimits(deps.limits, subject.kind, holding),
          used: (await findUsage(deps.db, key)) ?? { bytes: 0, versions: 0, workflows: 0 },
        }),
    override,
  };
}

function isHolding({ expiresAt }: LimitOverride, nowMs: number): boolean {
  return (expiresAt?.getTime() ?? Infinity) > nowMs;
}

async function reportPerson({ db, limits }: LimitsDeps, name: string, set: number | undefined) {
  const user = await findUser(db, name);
  return {
    limits: { namespaces: set ?? limits.userNamespaces },
    used: { namespaces: user ? await countMemberships(db, user.id) : 0 },
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
