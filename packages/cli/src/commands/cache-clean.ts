import { cleanCache, openCache, openTrustStore, type CleanedCache } from '@sheaf/client';
import { describeItems, registryNames, type CachedRow } from '../cache/describe.js';
import { findPinned } from '../cache/pinned.js';
import { readAge } from '../frame/age.js';
import type { Input } from '../frame/args.js';
import { defineCommand, omit } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { CacheCleanJson } from '../json/cache-clean.js';
import { trustDirOf } from '../registry/log-key.js';
import { findSizeBytes, formatBytes, plural } from '../terminal/text.js';
import { renderRows } from './cache-list.js';

const DEFAULT_AGE = '30d';

interface Cleaned {
  readonly dir: string;
  readonly dryRun: boolean;
  readonly removed: readonly CachedRow[];
  readonly leftovers: number;
  readonly removedBytes: number;
  readonly inUse: readonly CachedRow[];
  /** Of the cache afterwards. */
  readonly sizeBytes: number;
  /** How messages call the lockfile here, if there is one. */
  readonly lockFile: string | undefined;
}

export const clean = defineCommand<Cleaned, CacheCleanJson>({
  name: 'cache clean',
  about: `Remove what was not used for long (${DEFAULT_AGE} unless said otherwise), or what is too much. All of it can be fetched again.`,
  positionals: { names: [], required: 0 },
  flags: [
    { name: 'older-than', value: 'AGE', summary: 'what was not used for so long: 90m, 12h, 30d' },
    { name: 'max-size', value: 'SIZE', summary: 'what was used longest ago, until the rest fits: 500M, 2G' },
    { name: 'all', summary: 'everything' },
    { name: 'dry-run', summary: 'tell what would be removed' },
  ],
  examples: ['sheaf cache clean --older-than 30d --max-size 500M', 'sheaf cache clean --all --dry-run'],
  exitCodes: [0, 1, 2],
  run: async (context, input) => {
    const wanted = readWanted(input);
    const dryRun = input.has('dry-run');
    const cache = await openCache(context.paths.cache());
    const pinned = await findPinned(context);
    const registries = await registryNames(await openTrustStore(trustDirOf(context)));
    const { signal, now: nowMs } = context;
    const cleaned = await cleanCache(cache, { ...wanted, dryRun, signal, nowMs });
    const rowsOf = (items: CleanedCache['removed']) =>
      describeItems(items, registries, pinned?.blobs ?? new Set());
    return {
      data: {
        ...cleaned,
        dir: cache.dir,
        dryRun,
        removed: rowsOf(cleaned.removed),
        inUse: rowsOf(cleaned.inUse),
        lockFile: pinned?.file,
      },
    };
  },
  toJson: (data) => omit(data, 'lockFile'),
  render: (data, look) => {
    const { removed, leftovers, dryRun, inUse, lockFile } = data;
    const count = plural(removed.length, 'workflow');
    const traces = leftovers === 0 ? '' : ` and ${plural(leftovers, 'leftover')}`;
    const verb = dryRun ? 'would remove' : 'removed';
    const held = removed.filter(({ pinned }) => pinned).length;
    return {
      ...(dryRun ? { answer: renderRows(removed, look) } : {}),
      talk: [
        removed.length + leftovers === 0
          ? `nothing to remove; ${formatBytes(data.sizeBytes)} in ${data.dir}`
          : `${verb} ${count}${traces}, ${formatBytes(data.removedBytes)}; ${formatBytes(data.sizeBytes)} ${dryRun ? 'would stay' : 'left'} in ${data.dir}`,
        ...(inUse.length === 0
          ? []
          : [`${plural(inUse.length, 'workflow')} kept: another process uses them now`]),
        ...(held === 0 || lockFile === undefined
          ? []
          : [
              `${held} of them pinned by ${lockFile}: with a connection they are fetched again when they run`,
            ]),
      ].join('\n'),
    };
  },
});

function readWanted(input: Input) {
  const age = input.get('older-than');
  const size = input.get('max-size');
  const all = input.has('all');
  const usual = age === undefined && size === undefined && !all ? DEFAULT_AGE : age;
  const olderThanMs = usual === undefined ? undefined : readAge('older-than', usual);
  const maxSizeBytes = size === undefined ? undefined : findSizeBytes(size);
  if (size !== undefined && maxSizeBytes === undefined)
    throw new CliError('usage.size', `--max-size ${JSON.stringify(size)} is no size`, {
      hint: '--max-size 500M, with K, M or G',
    });
  return { olderThanMs, maxSizeBytes, all };
}
