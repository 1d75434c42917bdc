import type { PackedWorkflow, VerifiedReceipt } from '@sheaf/client';
import type { VersionDocument, WorkflowDocument } from '@sheaf/client/contract';
import { parseVersion } from '@sheaf/workflow';
import type { Context } from '../frame/context.js';
import { comparePermissions } from '../output/permissions.js';
import type { Published, Signer } from '../output/published.js';
import { printable } from '../terminal/escape.js';
import { shortId } from '../terminal/text.js';
import type { PublishSubject } from './publish-subject.js';
import type { Session } from './session.js';

/** What is published, before anything is signed or sent. */
export function describeBundle({ packed: { bundle, blob }, diagnostics, sources }: PublishSubject) {
  return {
    id: bundle.definition.id,
    version: bundle.definition.version,
    digest: bundle.digest,
    sizeBytes: bundle.sizeBytes,
    blobSizeBytes: blob.length,
    files: bundle.files.map(({ path, bytes, executable }) => ({ path, sizeBytes: bytes.length, executable })),
    diagnostics,
    sources,
  };
}

/** What a verified receipt adds; a signature by nobody's key of ours is told. */
export function describeReceipt(
  receipt: VerifiedReceipt,
  ownKeyIds: readonly string[],
): Required<Pick<Published, 'signers' | 'logIndex' | 'warnings'>> {
  const signers = receipt.signers.map((key) => key.id);
  const isOwn = signers.some((id) => ownKeyIds.includes(id));
  return {
    signers,
    logIndex: receipt.logIndex,
    warnings: isOwn
      ? []
      : [
          `what is published there was signed by ${signers.map(shortId).join(', ')}, and not by a key that would sign here`,
        ],
  };
}

/** The first is named apart: it is the only one of most. */
export function describeSigners([first, ...others]: readonly Signer[]): Pick<
  Published,
  'signer' | 'cosigners'
> {
  if (first === undefined) return {};
  return { signer: first, ...(others.length === 0 ? {} : { cosigners: others }) };
}

/** What the new version asks for and takes that the newest one there did not. Undefined for the first version. */
export async function describeChanges(
  context: Context,
  session: Session,
  packed: PackedWorkflow,
  workflow: WorkflowDocument | undefined,
): Promise<Published['changes']> {
  const newest = workflow?.versions.find(
    (each) => each.revoked === undefined && (each.state === 'active' || each.state === 'deprecated'),
  );
  if (newest === undefined) return undefined;
  const { definition } = packed.bundle;
  const before: VersionDocument = await session.client.getVersion(
    definition.id,
    parseVersion(newest.version),
    { signal: context.signal },
  );
  const had = Object.keys(before.parameters);
  const has = Object.keys(definition.parameters);
  const gives = Object.keys(definition.outputs);
  const lines = [
    ...comparePermissions(before.permissions, definition.permissions),
    ...has.filter((name) => !had.includes(name)).map((name) => `+ parameter ${name}`),
    ...had.filter((name) => !has.includes(name)).map((name) => `- parameter ${printable(name)}`),
    ...gives.filter((name) => !before.outputs.includes(name)).map((name) => `+ output ${name}`),
    ...before.outputs.filter((name) => !gives.includes(name)).map((name) => `- output ${printable(name)}`),
  ];
  return { from: newest.version, lines };
}
