import { openCache, openTrustStore, verifyCache, type CacheCheck } from '@sheaf/client';
import { defineCommand } from '../frame/command.js';
import { startClock } from '../frame/context.js';
import type { CacheVerifyJson } from '../json/cache-verify.js';
import { trustDirOf } from '../registry/log-key.js';
import { printable } from '../terminal/escape.js';
import { formatBytes, formatDuration, plural } from '../terminal/text.js';

interface Verified extends CacheCheck {
  readonly dir: string;
  /** Whether what is damaged was removed. */
  readonly dropped: boolean;
  readonly durationMs: number;
}

export const verify = defineCommand<Verified, CacheVerifyJson>({
  name: 'cache verify',
  about:
    'Read every byte of the cache again: bundles against their digests, receipts against the pinned log key. What is damaged is dropped.',
  positionals: { names: [], required: 0 },
  flags: [{ name: 'dry-run', summary: 'tell what is damaged and leave it where it is' }],
  examples: ['sheaf cache verify', 'sheaf cache verify --dry-run'],
  exitCodes: [0, 1, 3],
  run: async (context, input) => {
    const elapsed = startClock(context);
    const cache = await openCache(context.paths.cache());
    const trust = await openTrustStore(trustDirOf(context));
    const keepDamaged = input.has('dry-run');
    const live = context.ui.live(500);
    let files = 0;
    let sizeBytes = 0;
    live.set(() => [`  checking ${plural(files, 'file')}, ${formatBytes(sizeBytes)}`]);
    try {
      const check = await verifyCache(cache, {
        trust,
        keepDamaged,
        signal: context.signal,
        onFile: (_path, bytes) => {
          files++;
          sizeBytes += bytes;
        },
      });
      const data = { ...check, dir: cache.dir, dropped: !keepDamaged, durationMs: elapsed() };
      return { data, exitCode: check.damaged.length === 0 ? 0 : 3 };
    } finally {
      live.close();
    }
  },
  render: (data, { style }) => {
    const { blobs, receipts, damaged, unpinned, dropped } = data;
    const wrong = damaged.flatMap(({ what, name, code, message, path }) => [
      `${style.red('FAIL')} ${what === 'blob' ? 'bundle' : 'receipt'} ${printable(name)}: ${printable(message)} (${code})`,
      `     ${dropped ? 'dropped' : 'kept'}: ${path}`,
    ]);
    const verdict =
      damaged.length === 0
        ? style.green(`verified ${plural(blobs, 'bundle')} and ${plural(receipts - unpinned, 'receipt')}`)
        : style.red(`${plural(damaged.length, 'entry', 'entries')} of the cache damaged`);
    const next = dropped ? 'dropped, and fetched again when needed' : 'sheaf cache verify  drops them';
    return {
      answer: [
        ...wrong,
        ...(unpinned === 0
          ? []
          : [`${plural(unpinned, 'receipt')} not checked: the registry's log key is not pinned here`]),
        `${verdict}, ${formatBytes(data.sizeBytes)} in ${formatDuration(data.durationMs)}${damaged.length === 0 ? '' : `: ${next}`}`,
      ].join('\n'),
    };
  },
});
