import { Readable } from 'node:stream';
import { Type } from '@sinclair/typebox';
import type { AppDeps } from '../../app-deps.js';
import { AUDIT_ACTIONS } from '../../domain/audit/actions.js';
import { authorizeAudit, exportAudit, getAuditPage } from '../../domain/audit/read.js';
import { RegistryError } from '../../domain/error.js';
import type { Handler } from '../../http/context.js';
import { queryOf } from '../../http/query.js';
import { PRIVATE, sendResult } from '../../http/respond.js';
import { callerOf } from '../params.js';

export const NDJSON = 'application/x-ndjson';
const time = Type.String({
  description: 'RFC 3339, UTC',
  examples: ['2026-11-21T08:30:00Z'],
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,3})?Z$',
});

export const AuditQuerySchema = Type.Object(
  {
    namespace: Type.Optional(Type.String({ maxLength: 64 })),
    actor: Type.Optional(Type.String({ maxLength: 64, description: 'name of the person' })),
    action: Type.Optional(Type.Union(Object.keys(AUDIT_ACTIONS).map((action) => Type.Literal(action)))),
    after: Type.Optional(time),
    before: Type.Optional(time),
    cursor: Type.Optional(
      Type.String({
        pattern: '^[1-9][0-9]{0,14}$',
        description: '`nextCursor` of the answer before',
        examples: ['42'],
      }),
    ),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, description: 'records of a page; an export has no pages' }),
    ),
  },
  { additionalProperties: false },
);
const readQuery = queryOf(AuditQuerySchema);
const DEFAULT_LIMIT = 100;

/** `GET /v1/audit`: a page as JSON, or all of it as lines of JSON. */
export function listAudit({ db }: AppDeps): Handler {
  return async (ctx) => {
    const { cursor, limit = DEFAULT_LIMIT, after, before, ...query } = readQuery(ctx);
    const times = { after: timeOf('after', after), before: timeOf('before', before) };
    const filter = await authorizeAudit(db, callerOf(ctx), { ...query, ...times });
    const beforeId = cursor === undefined ? undefined : Number(cursor);
    ctx.vary('Accept');
    if (ctx.accepts('application/json', NDJSON) !== NDJSON) {
      sendResult(ctx, 200, await getAuditPage(db, filter, { beforeId, limit }));
      return;
    }
    ctx.status = 200;
    ctx.set('Cache-Control', PRIVATE);
    ctx.type = NDJSON;
    ctx.body = lineStream(exportAudit(db, filter, beforeId));
  };
}

/** Takes a page when the one before has been sent; when the reader goes, nothing more is read. */
export function lineStream(pages: AsyncGenerator<string, void>): Readable {
  return Readable.from(pages, { objectMode: true, highWaterMark: 1 });
}

function timeOf(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const date = new Date(text);
  if (!Number.isNaN(date.getTime())) return date;
  throw new RegistryError('request.invalid', `${name} is not a time`, {
    errors: [{ pointer: `?${name}`, code: 'parameter.invalid', detail: `${name} is not a time` }],
  });
}
