import { BundleError, parseEntryBundlePath, parseTilePath } from '@sheaf/bundle';
import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { readEntries, readTile } from '../../domain/log/log-reader.js';
import type { Handler } from '../../http/context.js';
import { IMMUTABLE, sendRepresentation } from '../../http/respond.js';

/** `GET /log/{realm}/tile/…`: hashes or entries of the log (C2SP tlog-tiles). Immutable: what a path names never changes. */
export function showTile(deps: AppDeps): Handler {
  return async (ctx) => {
    const notFound = (cause?: unknown) =>
      new RegistryError('tile.not_found', 'the log has no such tile', { cause });
    if (ctx.params['realm'] !== deps.realm) throw notFound();
    const path = ctx.path.slice(`/log/${deps.realm}/`.length);
    const body = await read(deps, path).catch((error: unknown) => {
      throw error instanceof BundleError ? notFound(error) : error;
    });
    if (!body) throw notFound();
    sendRepresentation(ctx, { body, type: 'application/octet-stream', cacheControl: IMMUTABLE });
  };
}

async function read(deps: AppDeps, path: string): Promise<Buffer | undefined> {
  if (path.startsWith('tile/entries/')) {
    const { index, width } = parseEntryBundlePath(path);
    return readEntries(deps, index, width);
  }
  const { level, index, width } = parseTilePath(path);
  return readTile(deps, level, index, width);
}
