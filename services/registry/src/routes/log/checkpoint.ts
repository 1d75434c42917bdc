import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { newestNote } from '../../domain/log/log-reader.js';
import type { Handler } from '../../http/context.js';
import { REVALIDATE, sendRepresentation } from '../../http/respond.js';

/** `GET /log/{realm}/checkpoint`: the newest signed checkpoint (C2SP tlog-checkpoint). */
export function showCheckpoint(deps: AppDeps): Handler {
  return async (ctx) => {
    if (ctx.params['realm'] !== deps.realm) throw new RegistryError('tile.not_found', 'there is no such log');
    const note = await newestNote(deps);
    if (note === undefined) throw new Error('the log has no checkpoint');
    sendRepresentation(ctx, {
      body: Buffer.from(note),
      type: 'text/plain; charset=utf-8',
      cacheControl: REVALIDATE,
    });
  };
}
