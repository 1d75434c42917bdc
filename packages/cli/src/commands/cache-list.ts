import { listCache, openCache, openTrustStore } from '@sheaf/client';
import { describeItems, registryNames, type CachedRow } from '../cache/describe.js';
import { findPinned } from '../cache/pinned.js';
import { defineCommand, type Look } from '../frame/command.js';
import type { CacheListJson } from '../json/cache-list.js';
import { trustDirOf } from '../registry/log-key.js';
import { renderTable, type Cell, type Column } from '../terminal/table.js';
import { formatAge, formatBytes, plural, shortId } from '../terminal/text.js';

interface Listed {
  readonly dir: string;
  readonly sizeBytes: number;
  /** Files of cut downloads, unreadable receipts and the like. */
  readonly leftovers: number;
  readonly workflows: readonly CachedRow[];
}

export const list = defineCommand<Listed, CacheListJson>({
  name: 'cache list',
  about: 'List the workflows in the cache, the one used last first.',
  positionals: { names: [], required: 0 },
  flags: [],
  examples: ['sheaf cache list', 'sheaf cache list --json'],
  exitCodes: [0, 1],
  run: async (context) => {
    const cache = await openCache(context.paths.cache());
    const { items, leftovers, sizeBytes } = await listCache(cache, { signal: context.signal });
    const pinned = await findPinned(context);
    const registries = await registryNames(await openTrustStore(trustDirOf(context)));
    const workflows = describeItems(items, registries, pinned?.blobs ?? new Set());
    return { data: { dir: cache.dir, sizeBytes, leftovers: leftovers.length, workflows } };
  },
  render: ({ dir, sizeBytes, leftovers, workflows }, look) => ({
    answer: renderRows(workflows, look),
    talk:
      workflows.length === 0
        ? `nothing is in the cache at ${dir}`
        : `${plural(workflows.length, 'workflow')}, ${formatBytes(sizeBytes)} in ${dir}${leftovers === 0 ? '' : `; ${plural(leftovers, 'leftover')}`}`,
  }),
});

const COLUMNS: readonly Column[] = [
  { title: 'WORKFLOW' },
  { title: 'VERSION' },
  { title: 'DIGEST', drop: 2 },
  { title: 'SIZE', align: 'right' },
  { title: 'USED', drop: 1 },
  { title: 'REGISTRY', least: 12, drop: 3 },
  { title: 'STATE' },
];

/** What `cache list` shows, and `cache clean` of what it removes. */
export function renderRows(
  rows: readonly CachedRow[],
  look: Pick<Look, 'columns' | 'style' | 'nowMs'>,
): string {
  return renderTable(
    COLUMNS,
    rows.map((row): readonly Cell[] => {
      const digest = row.digest ?? '';
      const state = [...(row.pinned ? ['pinned here'] : []), ...(row.complete ? [] : ['receipt only'])];
      return [
        row.id ?? '(no receipt)',
        row.version ?? '',
        { text: digest === '' ? '' : shortId(digest.slice('sha256:'.length)), full: digest },
        { text: formatBytes(row.sizeBytes), full: String(row.sizeBytes) },
        { text: formatAge(row.usedAt, look.nowMs), full: row.usedAt },
        { text: row.registry ?? '', full: row.registry ?? '' },
        state.join(', '),
      ];
    }),
    look,
  );
}
