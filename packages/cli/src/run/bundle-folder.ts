import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unpackTo, type VerifiedWorkflow } from '@sheaf/client';
import type { RunDetails } from '@sheaf/engine';
import type { Plan } from '@sheaf/workflow';

/** The unpacked bundles of one run. */
export interface BundleFolder {
  /** Of the workflow itself; unset for a folder of one's own. */
  readonly bundleDir?: string;
  /** Of those that it uses, by their key in the plan. */
  readonly bundleDirs?: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

/** What a run needs on disk. */
export interface Unpacked {
  /** Unset for a folder of one's own. */
  readonly workflow?: VerifiedWorkflow;
  readonly plan: Pick<Plan, 'workflows'>;
  readonly used: readonly VerifiedWorkflow[];
}

/** Where bundles are unpacked, each in a folder of its own. */
export function bundlesDir(stateDir: string): string {
  return join(stateDir, 'bundles');
}

/** How the folders there are called. */
export const BUNDLE_NAME = /^[0-9a-f]{16}$/;

/**
 * Unpacks a verified workflow, and those that its plan uses, into a fresh folder.
 */
export async function unpackForRun(
  stateDir: string,
  { workflow, plan, used }: Unpacked,
): Promise<BundleFolder> {
  const needed = Object.entries(plan.workflows);
  if (workflow === undefined && needed.length === 0) return { close: () => Promise.resolve() };
  const root = join(bundlesDir(stateDir), randomBytes(8).toString('hex'));
  await mkdir(root, { recursive: true, mode: 0o700 });
  const close = (): Promise<void> => rm(root, { recursive: true, force: true });
  try {
    const bundleDirs = Object.create(null) as Record<string, string>;
    for (const [at, [key, { digest }]] of needed.entries())
      bundleDirs[key] = await unpackTo(getUsed(used, key, digest), root, `used-${at}`);
    return {
      ...(workflow === undefined ? {} : { bundleDir: await unpackTo(workflow, root, 'bundle') }),
      ...(needed.length === 0 ? {} : { bundleDirs }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** By digest: what runs is what was verified, and what the plan shows. */
function getUsed(
  used: readonly VerifiedWorkflow[],
  key: string,
  digest: string | undefined,
): VerifiedWorkflow {
  const found = used.find((each) => each.digest === digest);
  if (found !== undefined) return found;
  throw new TypeError(`${key} is in the plan and was not verified`);
}

/**
 * The folder to remove with what was unpacked there; undefined for anything that {@link unpackForRun} did not make, above all
 * for somebody's working tree.
 */
export function findBundleRoot(
  stateDir: string,
  { bundleDir, bundleDirs }: Pick<RunDetails, 'bundleDir' | 'bundleDirs'>,
): string | undefined {
  const folders = [...(bundleDir === undefined ? [] : [bundleDir]), ...Object.values(bundleDirs)];
  return folders.map(dirname).find((root) => dirname(root) === bundlesDir(stateDir));
}
