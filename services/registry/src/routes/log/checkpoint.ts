import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { newestNote } from '../../domain/log/log-reader.js';
import { readableLog } from '../readable.js';
import type { Handler } from '../../http/context.js';
import { REVALIDATE, sendRepresentation } from '../../http/respond.js';

/** `GET /log/{realm}/checkpoint`: the newest signed checkpoint (C2SP tlog-checkpoint). */
export function showCheckpoint(deps: AppDeps): Handler {
  return async (ctx) => {
    const note = await newestNote(await readableLog(deps, ctx));
    if (note === undefined) throw new RegistryError('tile.not_found', 'there is no such log');
    sendRepresentation(ctx, {
      body: Buffer.from(note),
      type: 'text/plain; charset=utf-8',
      cacheControl: REVALIDATE,
    });
  };
}
