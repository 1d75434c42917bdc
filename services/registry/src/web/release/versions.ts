import type { VersionSummary, WorkflowDocument } from '@sheaf/client/contract';

/** What is compatible with each other: a major version, and a minor one below 1.0. */
export function lineOf(version: string): string {
  const [, major = '', minor = ''] = /^(\d+)\.(\d+)\./.exec(version) ?? [];
  return major === '0' ? `0.${minor}` : major;
}

export function isStable(version: string): boolean {
  return !version.includes('-');
}

/**
 * The version that another is compared with: the one before it in its release line, else the newest before it; one that
 * was withdrawn only where there is no other.
 */
export function versionBefore(
  versions: WorkflowDocument['versions'],
  version: string,
): VersionSummary | undefined {
  const at = versions.findIndex((each) => each.version === version);
  if (at === -1) return undefined;
  const older = versions.slice(at + 1);
  const line = lineOf(version);
  const inLine = (each: VersionSummary) => lineOf(each.version) === line;
  const fits = (each: VersionSummary) => isStable(each.version) || !isStable(version);
  const stands = (each: VersionSummary) => !isWithdrawn(each) && fits(each);
  return (
    older.find((each) => inLine(each) && stands(each)) ??
    older.find(stands) ??
    older.find((each) => !isWithdrawn(each)) ??
    older.find((each) => each.state !== 'quarantined')
  );
}

/** Whether nobody should take it any more. */
export function isWithdrawn({ state, revoked }: VersionSummary): boolean {
  return state === 'yanked' || state === 'quarantined' || revoked !== undefined;
}

/** How many stable versions that stand are newer, and the newest of them; undefined when none is. */
export function newerThan(
  { versions }: Pick<WorkflowDocument, 'versions'>,
  version: string,
): { readonly count: number; readonly newest: string } | undefined {
  const at = versions.findIndex((each) => each.version === version);
  const newer = versions
    .slice(0, Math.max(0, at))
    .filter((each) => isStable(each.version) && !isWithdrawn(each));
  const [newest] = newer;
  return newest && { count: newer.length, newest: newest.version };
}

/** The version that a workflow's own page shows: `latest`, else the newest that stands, else the newest. */
export function representative({ channels, versions }: WorkflowDocument): string | undefined {
  const latest = Object.hasOwn(channels, 'latest') ? channels['latest'] : undefined;
  return latest ?? versions.find((each) => !isWithdrawn(each))?.version ?? versions[0]?.version;
}

/** `^1.2` for 1.2.3: what is compatible; a version before a release stands for itself. */
export function rangeOf(version: string): string {
  const compatible = /^(\d+\.\d+)\.\d+$/.exec(version)?.[1];
  return compatible === undefined ? version : `^${compatible}`;
}
