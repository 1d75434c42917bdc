import { join } from 'node:path';
import { DEFAULT_LIMITS, packTar, readBundle, type ArchiveFile, type Bundle } from '@sheaf/bundle';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { withLocked } from '../uses/with-locked.js';
import { assertValid, readSource, readWithin, type ValidSource } from './source.js';

/** A folder, and the bundle that it makes, as anybody will read it. */
export interface BundledFolder {
  readonly source: ValidSource;
  readonly bundle: Bundle;
}

/**
 * Validates a folder and puts its files together. The result has been read back by the same reader that others will use.
 *
 * @throws CliError `definition.…`, `pack.…`; BundleError `path.…`, `archive.…`
 */
export async function bundleFolder(
  path: string,
  context: Pick<Context, 'cwd' | 'env' | 'paths'>,
): Promise<BundledFolder> {
  const source = await withLocked(context, await readSource(path, context.cwd));
  assertValid(source);
  if (source.definitionPath !== 'workflow.toml' && source.definitionPath !== 'workflow.yaml') {
    throw new CliError(
      'definition.missing',
      `${source.shownFile} must be called workflow.toml or workflow.yaml to be packed`,
      {
        hint: 'rename it, or name the folder',
      },
    );
  }
  const files: ArchiveFile[] = [];
  let left = DEFAULT_LIMITS.tarBytes;
  for (const { path: name, executable } of source.files) {
    const bytes = await readWithin(
      join(source.dir, name),
      Math.min(DEFAULT_LIMITS.fileBytes, left),
      'pack.too_large',
    );
    left -= bytes.length;
    files.push({ path: name, bytes, executable });
  }
  return { source, bundle: readBundle(packTar(files)) };
}
