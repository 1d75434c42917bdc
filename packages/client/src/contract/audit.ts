import { Type, type Static } from '@sinclair/typebox';

/** Who did what. */

const time = Type.String({
  description: 'RFC 3339, UTC',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z$',
});

/** The JSON Schema of {@link AuditRecord}. */
export const AuditRecordSchema = Type.Object({
  id: Type.Integer(),
  at: time,
  action: Type.String(),
  /** Left out for what the registry did by itself, or its operator at the command line. */
  actor: Type.Optional(Type.String()),
  /** Of the token that the request came with; never its secret. */
  tokenId: Type.Optional(Type.String()),
  namespace: Type.Optional(Type.String()),
  workflow: Type.Optional(Type.String()),
  version: Type.Optional(Type.String()),
  requestId: Type.Optional(Type.String()),
  /** Where the log holds it; left out for what is in no log, or was withdrawn before it got there. */
  logIndex: Type.Optional(Type.Integer()),
  detail: Type.Record(Type.String(), Type.String()),
});
/** One thing that somebody did, or was refused. */
export type AuditRecord = Static<typeof AuditRecordSchema>;

/** The JSON Schema of {@link AuditList}. */
export const AuditListSchema = Type.Object({
  /** Newest first. */
  records: Type.Array(AuditRecordSchema),
  nextCursor: Type.Optional(Type.String()),
});
/** A page of audit records. */
export type AuditList = Static<typeof AuditListSchema>;
