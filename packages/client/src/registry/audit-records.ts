import { AuditListSchema, routes, type AuditRecord } from '../contract/index.js';
import type { Caller, CallOptions } from './caller.js';

/** Which records of the audit; all that the caller may read unless narrowed. */
export interface AuditRecordsQuery {
  readonly namespace?: string | undefined;
  /** Name of a person. */
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  /** Not before, RFC 3339 in UTC. */
  readonly after?: string | undefined;
  /** Earlier than, RFC 3339 in UTC. */
  readonly before?: string | undefined;
  /** Most records to answer. */
  readonly limit: number;
}

/** Who did what in a registry, for those who may see it. */
export interface AuditRecordMethods {
  /** Who did what, newest first: everything for administrators, their namespaces for owners. */
  listAuditRecords(query: AuditRecordsQuery, options?: CallOptions): Promise<readonly AuditRecord[]>;
}

const PAGE = 500;

export function auditRecordMethods(call: Caller): AuditRecordMethods {
  return {
    listAuditRecords: async ({ limit, ...query }, o) => {
      const records: AuditRecord[] = [];
      let cursor: string | undefined;
      do {
        const search = new URLSearchParams({ limit: String(Math.min(PAGE, limit - records.length)) });
        for (const [name, value] of Object.entries({ ...query, cursor }))
          if (value !== undefined) search.set(name, value);
        const path = `${routes.audit()}?${search.toString()}`;
        const page = await call.getJson(AuditListSchema, path, { ...o, access: 'token' });
        records.push(...page.records);
        cursor = page.records.length === 0 ? undefined : page.nextCursor;
      } while (cursor !== undefined && records.length < limit);
      return records.slice(0, limit);
    },
  };
}
