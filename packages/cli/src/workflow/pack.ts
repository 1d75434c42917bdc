import type { Context } from '../frame/context.js';
import { bundleFolder, type BundledFolder } from './bundle-folder.js';
import type { PackFinding } from './warnings/finding.js';
import { findWarnings } from './warnings/warnings.js';

/** A folder, packed, and the bundle as anybody will read it. */
export interface PackedFolder extends BundledFolder {
  /** What the author may have forgotten. */
  readonly warnings: readonly PackFinding[];
}

/**
 * Validates a folder, packs it, and looks for what does not belong into what others get.
 *
 * @throws as `bundleFolder`
 */
export async function packFolder(
  path: string,
  context: Pick<Context, 'cwd' | 'env' | 'paths'>,
): Promise<PackedFolder> {
  const { source, bundle } = await bundleFolder(path, context);
  return { source, bundle, warnings: await findWarnings(source, bundle, context.env) };
}
