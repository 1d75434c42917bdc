import { BundleError, parseEntryBundlePath, parseTilePath } from '@sheaf/bundle';
import { routes } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { readEntries, readTile, type LogDeps } from '../../domain/log/log-reader.js';
import type { Handler } from '../../http/context.js';
import { IMMUTABLE } from '../../http/respond.js';
import { readableLog } from '../readable.js';
import { answerDocument } from '../readable-answers.js';

/** `GET /log/{realm}/tile/…`: hashes or entries of the log (C2SP tlog-tiles). Immutable: what a path names never changes. */
export function showTile(deps: AppDeps): Handler {
  return async (ctx) => {
    const notFound = (cause?: unknown) =>
      new RegistryError('tile.not_found', 'the log has no such tile', { cause });
    const log = await readableLog(deps, ctx);
    const path = ctx.path.slice(`/log/${log.realm}/`.length);
    await answerDocument(deps, ctx, {
      path: routes.tile(log.realm, path),
      tags: [],
      type: 'application/octet-stream',
      cacheControl: IMMUTABLE,
      form: { isCompressible: path.startsWith('tile/entries/') },
      render: async () => {
        const body = await read(log, path).catch((error: unknown) => {
          throw error instanceof BundleError ? notFound(error) : error;
        });
        if (!body) throw notFound();
        return body;
      },
    });
  };
}

async function read(log: LogDeps, path: string): Promise<Buffer | undefined> {
  if (path.startsWith('tile/entries/')) {
    const { index, width } = parseEntryBundlePath(path);
    return readEntries(log, index, width);
  }
  const { level, index, width } = parseTilePath(path);
  return readTile(log, level, index, width);
}
