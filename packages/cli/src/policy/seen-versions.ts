import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunPolicy } from '@sheaf/client';
import { writePrivateFile } from '../config/private-files.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';

/** The newest version of a policy that was seen here, and what it was. */
interface Seen {
  readonly version: number;
  readonly sha256: string;
}

/**
 * Refuses a policy that is older than one which was in its place before, or another of the same version; remembers it otherwise.
 *
 * @throws CliError `policy.rolled_back`
 */
export async function assertNotOlder(
  { paths }: Pick<Context, 'paths'>,
  layer: 'machine' | 'user',
  { file, version, sha256 }: Pick<RunPolicy, 'file' | 'version' | 'sha256'>,
): Promise<void> {
  const place = join(paths.state(), 'policies', `${layer}.json`);
  const seen = await readSeen(place);
  if (
    seen !== undefined &&
    (version < seen.version || (version === seen.version && sha256 !== seen.sha256))
  ) {
    const what = version < seen.version ? `version ${version}` : `another policy of version ${version}`;
    throw new CliError(
      'policy.rolled_back',
      `${file} is ${what}, and version ${seen.version} was here before`,
      {
        hint: [
          'put back the newer one, or sign one with a higher version: sheaf policy sign FILE',
          `what was seen is in ${place}`,
        ],
      },
    );
  }
  if (seen?.version === version) return;
  await writePrivateFile(place, `${JSON.stringify({ schema: 'sheaf.policy-seen/1', version, sha256 })}\n`);
}

/** A file that was damaged says nothing. */
async function readSeen(place: string): Promise<Seen | undefined> {
  try {
    const value = JSON.parse(await readFile(place, 'utf8')) as Seen;
    return Number.isSafeInteger(value.version) && typeof value.sha256 === 'string' ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
