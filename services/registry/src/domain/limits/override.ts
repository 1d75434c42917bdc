import type { findLimits } from '../../db/limit-queries.js';
import { RegistryError } from '../error.js';
import { MOST_NAMESPACES } from './most-namespaces.js';
import type { LimitSubject } from './subjects.js';

/** What an administrator has set in place of the defaults; a number that is left out stays the default. */
export interface LimitOverride {
  readonly bytes?: number | undefined;
  readonly versions?: number | undefined;
  readonly workflows?: number | undefined;
  readonly requestsPerMinute?: number | undefined;
  /** Of a person, who has no other limit. */
  readonly namespaces?: number | undefined;
  readonly reason: string;
  /** From then on the defaults hold again. */
  readonly expiresAt?: Date | undefined;
}

/** @throws RegistryError `request.invalid` */
export function assertOverride({ kind }: LimitSubject, override: LimitOverride, nowMs: number): void {
  const { bytes, versions, workflows, requestsPerMinute, namespaces, reason, expiresAt } = override;
  const stored = [bytes, versions, workflows, requestsPerMinute];
  const isWrong = (n: number | undefined) => n !== undefined && (!Number.isSafeInteger(n) || n < 0);
  if ([...stored, namespaces].some(isWrong) || requestsPerMinute === 0)
    throw new RegistryError('request.invalid', 'a limit is a whole number, of requests at least 1');
  if (kind === 'user' ? stored.some((n) => n !== undefined) : namespaces !== undefined)
    throw new RegistryError('request.invalid', 'a person has a limit of namespaces, and nobody else has one');
  if (namespaces !== undefined && namespaces > MOST_NAMESPACES)
    throw new RegistryError(
      'request.invalid',
      `nobody is a member of more than ${MOST_NAMESPACES} namespaces`,
    );
  if (reason.length > 200) throw new RegistryError('request.invalid', 'the reason is too long');
  if (expiresAt !== undefined && !(expiresAt.getTime() > nowMs))
    throw new RegistryError('request.invalid', 'the limits would have expired already');
}

type LimitRow = NonNullable<Awaited<ReturnType<typeof findLimits>>>;

export function toOverride(row: LimitRow): LimitOverride {
  return {
    bytes: row.bytes ?? undefined,
    versions: row.versions ?? undefined,
    workflows: row.workflows ?? undefined,
    requestsPerMinute: row.requests_per_minute ?? undefined,
    namespaces: row.namespaces ?? undefined,
    reason: row.reason,
    expiresAt: row.expires_at ?? undefined,
  };
}

/** What the audit says of it. */
export function auditOf(subject: LimitSubject, override: LimitOverride | undefined) {
  const numbers = Object.entries(override ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value instanceof Date ? value.toISOString() : String(value)] as const],
  );
  const detail = Object.fromEntries(numbers);
  switch (subject.kind) {
    case 'namespace':
      return { namespace: subject.name, detail };
    case 'user':
      return { detail: { ...detail, user: subject.name } };
    case 'token':
      return { detail: { ...detail, token: subject.id } };
  }
}
