import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Paths } from '../config/paths.js';
import { codeOf } from '../frame/errors.js';
import { formatBytes, plural } from '../terminal/text.js';
import type { Check } from './check.js';

const CHECK = 'cache';
/** What is read again, so that it stays quick. */
const MAX_LOOKED_AT = 16;
const MAX_BYTES = 32 * 1024 * 1024;

/** Whether a sample of the newest bundles in the cache are what their names say. All of them: `sheaf cache verify`. */
export function cacheCheck(paths: Pick<Paths, 'cache'>): Check {
  return {
    name: CHECK,
    run: async (signal) => {
      const blobs = await listBlobs(paths);
      if (blobs.length === 0) return { check: CHECK, status: 'skip', detail: 'empty' };
      const size = blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const all = `${plural(blobs.length, 'bundle')}, ${formatBytes(size)}`;
      let bytesLeft = MAX_BYTES;
      let looked = 0;
      const damaged: string[] = [];
      for (const { path, hex, sizeBytes } of blobs.slice(0, MAX_LOOKED_AT)) {
        if (sizeBytes > bytesLeft || signal.aborted) continue;
        bytesLeft -= sizeBytes;
        looked++;
        const actual = createHash('sha256')
          .update(await readFile(path))
          .digest('hex');
        if (actual !== hex) damaged.push(path);
      }
      if (damaged.length === 0)
        return { check: CHECK, status: 'ok', detail: `${all}; ${looked} looked at, whole` };
      return {
        check: CHECK,
        status: 'fail',
        detail: `${all}; ${damaged.length} of ${looked} looked at are damaged: ${damaged[0] ?? ''}`,
        remedy: 'sheaf cache verify',
      };
    },
  };
}

interface Blob {
  readonly path: string;
  readonly hex: string;
  readonly sizeBytes: number;
  readonly changedMs: number;
}

/** Newest first. */
async function listBlobs(paths: Pick<Paths, 'cache'>): Promise<readonly Blob[]> {
  let dir: string;
  try {
    dir = join(paths.cache(), 'blobs', 'sha256');
  } catch (error) {
    if (codeOf(error) === 'config.home_missing') return [];
    throw error;
  }
  const names = await listFiles(dir);
  const found = await Promise.all(
    names.map(async ({ path, hex }): Promise<readonly Blob[]> => {
      try {
        const { size, mtimeMs } = await stat(path);
        return [{ path, hex, sizeBytes: size, changedMs: mtimeMs }];
      } catch {
        // Another process may have cleaned it away meanwhile.
        return [];
      }
    }),
  );
  return found.flat().sort((a, b) => b.changedMs - a.changedMs);
}

async function listFiles(dir: string): Promise<readonly { readonly path: string; readonly hex: string }[]> {
  try {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    return entries.flatMap((entry) => {
      const hex = /^([0-9a-f]{64})\.tar\.gz$/.exec(entry.name)?.[1];
      return hex === undefined || !entry.isFile() ? [] : [{ path: join(entry.parentPath, entry.name), hex }];
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
