import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unpackTo, type VerifiedWorkflow } from '@sheaf/client';
import { writePrivateFile } from '../config/private-files.js';

/** The folder of one run: its unpacked bundle, and beside it where the bundle came from. */
export interface BundleFolder {
  readonly bundleDir: string;
  /** Removes the bundle; with `keepOrigin` the run can still be resumed. */
  close(options: { readonly keepOrigin: boolean }): Promise<void>;
}

const ORIGIN_FILE = 'origin.json';

/** Unpacks a verified workflow into a fresh folder of its own. */
export async function unpackForRun(
  stateDir: string,
  workflow: VerifiedWorkflow,
  registry: string,
): Promise<BundleFolder> {
  const root = join(stateDir, 'bundles', randomBytes(8).toString('hex'));
  await mkdir(root, { recursive: true, mode: 0o700 });
  await writePrivateFile(
    join(root, ORIGIN_FILE),
    `${JSON.stringify({ schema: 'sheaf.run-origin/1', registry })}\n`,
  );
  return unpackInto(root, workflow);
}

/** Unpacks once more for a run that goes on; what an earlier process left of the bundle is not trusted and goes. */
export async function unpackAgain(oldBundleDir: string, workflow: VerifiedWorkflow): Promise<BundleFolder> {
  await rm(oldBundleDir, { recursive: true, force: true });
  return unpackInto(dirname(oldBundleDir), workflow);
}

/** The registry that a run's bundle came from; undefined when that is no longer known. */
export async function findOrigin(bundleDir: string): Promise<string | undefined> {
  try {
    const { registry } = JSON.parse(await readFile(join(dirname(bundleDir), ORIGIN_FILE), 'utf8')) as {
      readonly registry?: unknown;
    };
    return typeof registry === 'string' ? registry : undefined;
  } catch {
    return undefined;
  }
}

async function unpackInto(root: string, workflow: VerifiedWorkflow): Promise<BundleFolder> {
  const bundleDir = await unpackTo(workflow, root, `bundle-${randomBytes(4).toString('hex')}`);
  return {
    bundleDir,
    close: ({ keepOrigin }) => rm(keepOrigin ? bundleDir : root, { recursive: true, force: true }),
  };
}
