import { routes } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { newestNote } from '../../domain/log/log-reader.js';
import { realmTags } from '../../domain/reads/touch.js';
import type { Handler } from '../../http/context.js';
import { REVALIDATE } from '../../http/respond.js';
import { readableLog } from '../readable.js';
import { answerDocument } from '../readable-answers.js';

/** `GET /log/{realm}/checkpoint`: the newest signed checkpoint (C2SP tlog-checkpoint). */
export function showCheckpoint(deps: AppDeps): Handler {
  return async (ctx) => {
    const log = await readableLog(deps, ctx);
    await answerDocument(deps, ctx, {
      path: routes.checkpoint(log.realm),
      tags: realmTags(log.realm),
      type: 'text/plain; charset=utf-8',
      cacheControl: REVALIDATE,
      render: async () => {
        const note = await newestNote(log);
        if (note === undefined) throw new RegistryError('tile.not_found', 'there is no such log');
        return Buffer.from(note);
      },
    });
  };
}
