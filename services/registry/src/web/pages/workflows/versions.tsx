import type { VersionSummary } from '@sheaf/client/contract';
import type { Permissions } from '@sheaf/workflow';
import type { ComponentChildren } from 'preact';
import { Digest } from '../../components/digest.js';
import { Foreign } from '../../components/foreign.js';
import { Badge, StateBadge } from '../../components/state-badge.js';
import { Table } from '../../components/table.js';
import { Time } from '../../components/time.js';
import { pages } from '../../paths.js';
import type { Release } from '../../release/load-release.js';
import { lineOf, versionBefore } from '../../release/versions.js';
import { countPermissionChanges } from './permission-changes.js';
import { ReleaseHead } from './release-head.js';

export interface VersionsProps {
  readonly release: Release;
  /** Of every version. */
  readonly permissions: ReadonlyMap<string, Permissions>;
  /** Index of the first that is shown, and how many are. */
  readonly from: number;
  readonly limit: number;
}

/** Every version by release line, newest first; withdrawn ones stay, with the reason. */
export function VersionsPage({ release, permissions, from, limit }: VersionsProps) {
  const { namespace, name, workflow } = release;
  const shown = workflow.versions.slice(from, from + limit);
  const lines = group(shown);
  return (
    <>
      <ReleaseHead release={release} here="versions" />
      {[...lines].map(([line, versions]) => (
        <section key={line} aria-labelledby={`line-${line}`}>
          <h2 id={`line-${line}`}>{line}.x</h2>
          <Table
            caption={`Versions ${line}.x`}
            head={['Version', 'State', 'Published', 'Signer', 'Permissions', 'Fetched', '']}
            rows={versions.map((version) => row(release, permissions, version))}
          />
        </section>
      ))}
      {(from > 0 || from + limit < workflow.versions.length) && (
        <nav class="pagination" aria-label="Versions">
          {from > 0 && <a href={pages.versions(namespace, name)}>Newest versions</a>}
          {from + limit < workflow.versions.length && (
            <a href={`${pages.versions(namespace, name)}?from=${from + limit}`} rel="next">
              Older versions
            </a>
          )}
        </nav>
      )}
    </>
  );
}

function group(versions: readonly VersionSummary[]): ReadonlyMap<string, readonly VersionSummary[]> {
  const lines = new Map<string, VersionSummary[]>();
  for (const version of versions) {
    const line = lineOf(version.version);
    const together = lines.get(line);
    if (together === undefined) lines.set(line, [version]);
    else together.push(version);
  }
  return lines;
}

function row(
  { namespace, name, workflow, keys }: Release,
  permissions: VersionsProps['permissions'],
  version: VersionSummary,
): readonly ComponentChildren[] {
  const v = version.version;
  const before = versionBefore(workflow.versions, v);
  const channels = Object.entries(workflow.channels).flatMap(([channel, at]) => (at === v ? [channel] : []));
  return [
    <>
      <a href={pages.version(namespace, name, v)}>{v}</a>{' '}
      {channels.map((channel) => (
        <Badge key={channel} tone="accent">
          {channel}
        </Badge>
      ))}
    </>,
    <State version={version} />,
    <Time iso={version.publishedAt} />,
    <Signer version={version} before={before} keys={keys} />,
    <PermissionCount asked={permissions.get(v)} before={before && permissions.get(before.version)} />,
    (version.downloads ?? 0).toLocaleString('en'),
    before === undefined ? (
      ''
    ) : (
      <a href={pages.changes(namespace, name, v)}>
        changes<span class="visually-hidden"> of {v}</span>
      </a>
    ),
  ];
}

function State({ version }: { version: VersionSummary }) {
  const { state, reason, revoked } = version;
  if (revoked !== undefined) return <Badge tone="bad">key revoked</Badge>;
  if (state === 'active') return <>active</>;
  return (
    <>
      <StateBadge state={state} />
      {reason !== undefined && (
        <p class="reason">
          <Foreign text={reason} maxLength={200} />
        </p>
      )}
    </>
  );
}

/** Whether the same keys signed it as the one before. A new key is nothing bad, and worth a look. */
function Signer({
  version,
  before,
  keys,
}: {
  version: VersionSummary;
  before: VersionSummary | undefined;
  keys: Release['keys'];
}) {
  const [first] = version.signers;
  if (first === undefined) return null;
  const shown = <Digest value={first} isShort />;
  if (keys.some(({ id, recovery }) => recovery === true && version.signers.includes(id)))
    return (
      <>
        {shown} <Badge tone="warn">recovery</Badge>
      </>
    );
  if (before === undefined || isSame(version.signers, before.signers)) return shown;
  return (
    <>
      {shown} <Badge tone="warn">changed</Badge>
    </>
  );
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id));
}

function PermissionCount({
  asked,
  before,
}: {
  asked: Permissions | undefined;
  before: Permissions | undefined;
}) {
  if (asked === undefined || before === undefined) return <span class="muted">first</span>;
  const { added, removed } = countPermissionChanges(before, asked);
  if (added + removed === 0) return <span class="muted">same</span>;
  return (
    <>
      {added > 0 && <span class="added">+{added}</span>}{' '}
      {removed > 0 && <span class="removed">−{removed}</span>}
    </>
  );
}
