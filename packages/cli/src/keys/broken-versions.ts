import type { KeyId } from '@sheaf/bundle';
import type { RegistryClient } from '@sheaf/client';
import { parseWorkflowId, type Namespace } from '@sheaf/workflow';

const PAGE = 100;
const MAX_WORKFLOWS = 1000;

/** A published version that a revocation will refuse. */
export interface BrokenVersion {
  readonly id: string;
  readonly version: string;
  readonly logIndex: number;
}

/** Which versions a revocation will refuse: those that a key signed from one log index on, and below another. */
export interface AskedVersions {
  readonly namespace: Namespace;
  readonly keyid: KeyId;
  readonly fromIndex: number;
  /** From here on they are refused already; nothing is when absent. */
  readonly below?: number;
}

/** What the registry lists of a namespace, as far as a revocation touches it. */
export interface BrokenVersions {
  readonly versions: readonly BrokenVersion[];
  /** Not all workflows of the namespace were looked at. */
  readonly isCut: boolean;
}

/**
 * The published versions of a namespace that a key signed at some places of the log. The registry's word, for people to
 * decide by: search hides what is yanked, and nothing here is proved.
 */
export async function findBrokenVersions(
  client: Pick<RegistryClient, 'search' | 'getWorkflow'>,
  asked: AskedVersions,
  signal: AbortSignal,
): Promise<BrokenVersions> {
  const { ids, isCut } = await listWorkflows(client, asked.namespace, signal);
  const versions: BrokenVersion[] = [];
  for (const id of ids) {
    const document = await client.getWorkflow(parseWorkflowId(id), { signal });
    for (const { version, logIndex, signers } of document.versions) {
      if (
        logIndex >= asked.fromIndex &&
        logIndex < (asked.below ?? Infinity) &&
        signers.includes(asked.keyid)
      )
        versions.push({ id, version, logIndex });
    }
  }
  return { versions: versions.sort((a, b) => a.logIndex - b.logIndex), isCut };
}

async function listWorkflows(
  client: Pick<RegistryClient, 'search'>,
  namespace: Namespace,
  signal: AbortSignal,
): Promise<{ readonly ids: readonly string[]; readonly isCut: boolean }> {
  const ids = new Set<string>();
  let cursor: string | undefined;
  do {
    const query = { owner: namespace, limit: PAGE, cursor };
    const { hits, nextCursor } = await client.search(query, { includePrivate: true, signal });
    for (const { id } of hits) if (id.startsWith(`${namespace}/`)) ids.add(id);
    cursor = nextCursor === cursor || hits.length === 0 ? undefined : nextCursor;
  } while (cursor !== undefined && ids.size < MAX_WORKFLOWS);
  return { ids: [...ids].slice(0, MAX_WORKFLOWS), isCut: cursor !== undefined };
}
