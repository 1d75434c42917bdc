import { checkCachedBlob, listCache } from '@sheaf/client';
import type { Paths } from '../config/paths.js';
import { codeOf } from '../frame/errors.js';
import { formatBytes, plural, sumSizes } from '../terminal/text.js';
import type { Check } from './check.js';

const CHECK = 'cache';
/** What is read again, so that it stays quick. */
const MAX_LOOKED_AT = 16;
const MAX_BYTES = 32 * 1024 * 1024;

/** Whether a sample of the bundles that were used last are what their names say. All of them: `sheaf cache verify`. */
export function cacheCheck(paths: Pick<Paths, 'cache'>): Check {
  return {
    name: CHECK,
    run: async (signal) => {
      const dir = findDir(paths);
      const { items } = dir === undefined ? { items: [] } : await listCache({ dir }, { signal });
      const blobs = items.filter(({ workflows }) => workflows.every(({ hasBlob }) => hasBlob));
      if (dir === undefined || blobs.length === 0) return { check: CHECK, status: 'skip', detail: 'empty' };
      const all = `${plural(blobs.length, 'bundle')}, ${formatBytes(sumSizes(blobs))}`;
      let bytesLeft = MAX_BYTES;
      let looked = 0;
      const damaged: string[] = [];
      for (const { blob, sizeBytes } of blobs.slice(0, MAX_LOOKED_AT)) {
        if (sizeBytes > bytesLeft || signal.aborted) continue;
        bytesLeft -= sizeBytes;
        looked++;
        const found = await checkCachedBlob({ dir }, blob);
        if (found !== undefined) damaged.push(found.path);
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

function findDir(paths: Pick<Paths, 'cache'>): string | undefined {
  try {
    return paths.cache();
  } catch (error) {
    if (codeOf(error) === 'config.home_missing') return undefined;
    throw error;
  }
}
