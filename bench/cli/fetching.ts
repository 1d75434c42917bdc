import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { interleave } from '../lib/measure.js';
import type { Row } from '../lib/report.js';
import { runCommand } from './commands.js';
import type { Person } from './person.js';
import { compared } from './rows.js';

/**
 * 1 MiB from the registry that is not in any cache: by Sheaf, with log, signature and every file verified and the bundle
 * unpacked, and by curl, with the hash of its archive compared and unpacked.
 */
export async function benchFetching(person: Person, url: string, rounds: number): Promise<readonly Row[]> {
  const { folder, big, bigSha256, sheaf } = person;
  const [cache, ours, theirs] = ['cold', 'fetched', 'curled'].map((name) => join(folder, name));
  const script = [
    'mkdir "$3"',
    'cd "$3"',
    'curl -sSf -o bundle.tar.gz "$1"',
    'gunzip bundle.tar.gz',
    'echo "$2  bundle.tar" | sha256sum -c --status',
    'tar -xf bundle.tar',
  ].join(' && ');
  const clear = async (): Promise<void> => {
    for (const path of [cache, ours, theirs]) await rm(path ?? '', { recursive: true, force: true });
  };
  const timings = await interleave(
    [
      {
        name: 'sheaf fetch, 1 MiB, cold',
        before: clear,
        run: () => {
          runCommand(sheaf(['fetch', `${big}@1.0.0`, '-o', ours ?? ''], { XDG_CACHE_HOME: cache ?? '' }));
        },
      },
      {
        name: 'curl, gunzip, sha256sum, tar',
        before: clear,
        run: () => {
          const blob = `${url}/v1/blobs/sha256/${bigSha256}`;
          runCommand({ program: 'sh', args: ['-c', script, 'sh', blob, bigSha256, theirs ?? ''] });
        },
      },
    ],
    rounds,
  );
  return [compared(timings, 'sheaf fetch, 1 MiB, cold', 'curl, gunzip, sha256sum, tar')];
}
