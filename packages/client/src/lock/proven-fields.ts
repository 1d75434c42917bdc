import {
  bearsOn,
  checkStanding,
  parseDigest,
  parseLeaf,
  type LoggedLeaf,
  type PublishLeaf,
  type Receipt,
  type Standing,
} from '@sheaf/bundle';
import type { LockedWorkflow } from './lockfile.js';

/** What a receipt and standings say of a release, in the terms of a lockfile. As true as they are. */
export interface ProvenFields extends Pick<
  LockedWorkflow,
  'tar' | 'tarSizeBytes' | 'blob' | 'blobSizeBytes' | 'signers' | 'logIndex' | 'envelope' | 'state'
> {
  readonly id: string;
  readonly version: string;
}

/** How each field is called in the file. */
const NAMES: Readonly<Record<keyof ProvenFields, string>> = {
  id: 'id',
  version: 'version',
  tar: 'tar',
  tarSizeBytes: 'tar_size',
  blob: 'blob',
  blobSizeBytes: 'blob_size',
  signers: 'signers',
  logIndex: 'log_index',
  envelope: 'envelope',
  state: 'state',
};

/**
 * Reads from a receipt and standings what a lockfile shows of them. Checks no signature and no proof. A lockfile may
 * hold a revocation that refuses the release: that says nothing against the file, and is for `verifyLocked` to say.
 *
 * @throws BundleError `leaf.…`, `standing.invalid`; undefined when the receipt is not one of a publish
 */
export function readProvenFields(receipt: Receipt, standings: readonly Standing[]): ProvenFields | undefined {
  const leaf = parseLeaf(receipt.publish.leaf);
  if (leaf.type !== 'publish') return undefined;
  const { index } = receipt.publish;
  const { state } = checkStanding(
    standings.flatMap(({ events }) => events).filter((event) => !isOfKeys(event, leaf)),
    { index, leaf },
  );
  return {
    id: `${leaf.ns}/${leaf.name}`,
    version: leaf.version,
    tar: parseDigest(`sha256:${leaf.tar.sha256}`),
    tarSizeBytes: leaf.tar.size,
    blob: parseDigest(`sha256:${leaf.blob.sha256}`),
    blobSizeBytes: leaf.blob.size,
    signers: leaf.keyids,
    logIndex: index,
    envelope: parseDigest(`sha256:${leaf.envelope}`),
    state,
  };
}

/** Revocations and policies give no state. */
function isOfKeys(event: LoggedLeaf, publish: PublishLeaf): boolean {
  const leaf = parseLeaf(event.leaf);
  return (leaf.type === 'key.revoke' || leaf.type === 'ns.policy') && bearsOn(leaf, publish);
}

/** The first field of an entry that is not what is proven, by its name in the file. */
export function findDifference(entry: LockedWorkflow, proven: ProvenFields): string | undefined {
  const keys = Object.keys(NAMES) as readonly (keyof ProvenFields)[];
  const different = keys.find((key) => String(entry[key]) !== String(proven[key]));
  return different === undefined ? undefined : NAMES[different];
}
