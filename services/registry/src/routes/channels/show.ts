import { Type } from '@sinclair/typebox';
import type { AppDeps } from '../../app-deps.js';
import { getChannelDocument, getChannelList } from '../../domain/channels/documents.js';
import { parseChannelName } from '../../domain/channels/name.js';
import type { Handler } from '../../http/context.js';
import { queryOf } from '../../http/query.js';
import { sendJson } from '../../http/respond.js';
import { readableWorkflow } from '../readable.js';

export const HistoryQuerySchema = Type.Object(
  {
    cursor: Type.Optional(
      Type.String({
        pattern: '^(0|[1-9][0-9]{0,14})$',
        description: '`nextCursor` of the answer before',
        examples: ['42'],
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  },
  { additionalProperties: false },
);
const readQuery = queryOf(HistoryQuerySchema);
const DEFAULT_LIMIT = 50;

/** `GET …/channels` */
export function listChannels(deps: AppDeps): Handler {
  return async (ctx) => {
    sendJson(ctx, await getChannelList(deps.db, await readableWorkflow(deps, ctx)));
  };
}

/** `GET …/channels/{channel}`: where it points and where it did. */
export function showChannel(deps: AppDeps): Handler {
  return async (ctx) => {
    const { cursor, limit = DEFAULT_LIMIT } = readQuery(ctx);
    const ref = await readableWorkflow(deps, ctx);
    const channel = parseChannelName(ctx.params['channel'] ?? '');
    const before = cursor === undefined ? undefined : Number(cursor);
    sendJson(ctx, await getChannelDocument(deps.db, ref, channel, { before, limit }));
  };
}
