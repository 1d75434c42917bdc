import { PermissionList } from '../../components/permissions.js';
import { pages } from '../../paths.js';
import type { Release } from '../../release/load-release.js';
import { Interface } from './interface.js';
import { countPermissionChanges, PermissionChanges } from './permission-changes.js';
import { ReleaseHead } from './release-head.js';
import { ReleaseSide } from './side.js';
import { SignedBy } from './signed-by.js';
import { UseIt } from './use-it.js';

/** What people look at before they trust a version: its state, who signed it, what it may do, and then what it is. */
export function OverviewPage({ release, readme }: { release: Release; readme: string | undefined }) {
  const { version } = release;
  return (
    <>
      <ReleaseHead release={release} here="overview" />
      <div class="with-side">
        <div class="stack">
          <UseIt release={release} />
          <SignedBy release={release} />
          <section aria-labelledby="permissions">
            <h2 id="permissions">What it may do</h2>
            <PermissionList permissions={version.permissions} />
            <Since release={release} />
          </section>
          <Interface version={version} />
          <section aria-labelledby="readme">
            <h2 id="readme">README</h2>
            {readme === undefined ? (
              <p>{version.state === 'quarantined' ? 'It cannot be shown.' : 'The bundle has none.'}</p>
            ) : (
              <div class="prose" dangerouslySetInnerHTML={{ __html: readme }} />
            )}
          </section>
        </div>
        <ReleaseSide release={release} />
      </div>
    </>
  );
}

/** What changed in what it asks for, also where nothing did. */
function Since({ release: { namespace, name, version, before } }: { release: Release }) {
  if (before === undefined) return <p class="muted">It is the first version.</p>;
  const { added, removed } = countPermissionChanges(before.permissions, version.permissions);
  const link = <a href={pages.changes(namespace, name, version.version)}>All changes</a>;
  if (added + removed === 0)
    return (
      <p class="muted">
        The same as {before.version}. {link}
      </p>
    );
  return (
    <>
      <h3>Since {before.version}</h3>
      <PermissionChanges before={before.permissions} after={version.permissions} />
      <p>{link}</p>
    </>
  );
}
