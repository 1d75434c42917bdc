import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unpackTo, type VerifiedWorkflow } from '@sheaf/client';

/** The unpacked bundle of one run. */
export interface BundleFolder {
  readonly bundleDir: string;
  readonly close: () => Promise<void>;
}

/** Where bundles are unpacked, each in a folder of its own. */
export function bundlesDir(stateDir: string): string {
  return join(stateDir, 'bundles');
}

/** How the folders there are called. */
export const BUNDLE_NAME = /^[0-9a-f]{16}$/;

/** Unpacks a verified workflow into a fresh folder. */
export async function unpackForRun(stateDir: string, workflow: VerifiedWorkflow): Promise<BundleFolder> {
  const root = join(bundlesDir(stateDir), randomBytes(8).toString('hex'));
  await mkdir(root, { recursive: true, mode: 0o700 });
  const bundleDir = await unpackTo(workflow, root, 'bundle');
  return { bundleDir, close: () => rm(root, { recursive: true, force: true }) };
}

/**
 * The folder to remove with what was unpacked there; undefined for anything that {@link unpackForRun} did not make, above all
 * for somebody's working tree.
 */
export function findBundleRoot(stateDir: string, bundleDir: string | undefined): string | undefined {
  if (bundleDir === undefined) return undefined;
  const root = dirname(bundleDir);
  return dirname(root) === bundlesDir(stateDir) ? root : undefined;
}
