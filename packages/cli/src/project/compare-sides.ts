import { diffPermissions, type RegistryClient } from '@sheaf/client';
import type { VersionSummary } from '@sheaf/client/contract';
import { parseVersion, type WorkflowId } from '@sheaf/workflow';
import type { SurveyRowJson } from '../json/parts/survey.js';

/** The versions of a workflow that are compared: what is locked, and what would be. */
export interface Sides {
  readonly id: WorkflowId;
  readonly now: VersionSummary | undefined;
  readonly next: VersionSummary | undefined;
}

/** Whether another signs what would be locked, and what it asks for beside what is; empty when one of them is gone. */
export async function compareSides(
  client: Pick<RegistryClient, 'getVersion'>,
  { id, now, next }: Sides,
  signal: AbortSignal,
): Promise<Pick<SurveyRowJson, 'signer' | 'permissions'>> {
  if (now === undefined || next === undefined) return {};
  const [before, after] = await Promise.all(
    [now, next].map(({ version }) => client.getVersion(id, parseVersion(version), { signal })),
  );
  if (before === undefined || after === undefined) return {};
  return {
    signer: compareSigners(now, next),
    permissions: diffPermissions(before.permissions, after.permissions),
  };
}

type Signed = Pick<VersionSummary, 'signers' | 'publishedVia'>;

/** Who signs. A job of a CI has another key each time: whose job it was, only verification says. */
export function compareSigners(now: Signed, next: Signed): NonNullable<SurveyRowJson['signer']> {
  const sorted = ({ signers }: Signed) => [...signers].sort().join();
  if (sorted(now) === sorted(next)) return 'same';
  const isJob = now.publishedVia.startsWith('oidc:');
  return isJob && now.publishedVia === next.publishedVia ? 'unknown' : 'changed';
}
