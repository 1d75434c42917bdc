import { Foreign } from '../../components/foreign.js';
import { Notice } from '../../components/notice.js';
import { shortDigest } from '../../components/digest.js';
import { count } from '../../components/count.js';
import { pages } from '../../paths.js';
import type { Release } from '../../release/load-release.js';
import { isStable, isWithdrawn, newerThan } from '../../release/versions.js';

/** What somebody must know before anything else: the worst first. Nothing for a version that is as it should be. */
export function ReleaseNotices({ release }: { release: Release }) {
  const { version } = release;
  const { state, revoked } = version;
  return (
    <>
      {state === 'quarantined' && (
        <Notice kind="bad" title={`${version.version} is quarantined`}>
          <Reason release={release} />
          <p>Nobody can fetch or run it. Its place in the log remains.</p>
        </Notice>
      )}
      {revoked !== undefined && (
        <Notice kind="bad" title={`${version.version} is refused: the key that signed it was revoked`}>
          <p>
            Key <code>{shortDigest(revoked.keyid)}</code> was revoked as {revoked.reason} at #
            {revoked.logIndex} of the log. No client takes what it signed.
          </p>
        </Notice>
      )}
      {state === 'yanked' && (
        <Notice kind="bad" title={`${version.version} was yanked`}>
          <Reason release={release} />
          <Instead release={release} />
        </Notice>
      )}
      {state === 'deprecated' && (
        <Notice kind="warn" title={`${version.version} is deprecated`}>
          <Reason release={release} />
          <Instead release={release} />
        </Notice>
      )}
      {state === 'active' && revoked === undefined && <Behind release={release} />}
    </>
  );
}

function Reason({ release }: { release: Release }) {
  const { reason } = release.version;
  return <p>{reason === undefined ? 'No reason was given.' : <Foreign text={reason} maxLength={500} />}</p>;
}

/** What to take instead: what its owner says, else the newest that stands. */
function Instead({ release: { namespace, name, workflow, version } }: { release: Release }) {
  const { replacement } = version;
  if (replacement !== undefined)
    return (
      <p>
        Use <ReferenceLink reference={replacement} /> instead.
      </p>
    );
  const left = workflow.versions.find(
    (each) => each.version !== version.version && isStable(each.version) && !isWithdrawn(each),
  );
  if (left === undefined) return <p>There is no other version to use instead.</p>;
  return (
    <p>
      Use <a href={pages.version(namespace, name, left.version)}>{left.version}</a> instead.
    </p>
  );
}

/** A link where the reference is one of this registry, such as `acme/deploy` or `acme/deploy@1.2.0`. */
function ReferenceLink({ reference }: { reference: string }) {
  const [, namespace, name, selector] = /^([a-z0-9-]+)\/([a-z0-9-]+)(?:@(.*))?$/.exec(reference) ?? [];
  if (namespace === undefined || name === undefined) return <Foreign text={reference} />;
  const isVersion = selector !== undefined && /^\d+\.\d+\.\d+/.test(selector);
  const href = isVersion ? pages.version(namespace, name, selector) : pages.workflow(namespace, name);
  return (
    <a href={href}>
      <Foreign text={reference} />
    </a>
  );
}

function Behind({ release: { namespace, name, workflow, version } }: { release: Release }) {
  const newer = newerThan(workflow, version.version);
  if (newer === undefined) return null;
  const isHere = workflow.channels['latest'] === version.version;
  // Somebody has set `latest` to an older one: that is what is meant to be taken.
  if (isHere) return null;
  return (
    <Notice kind="info" title={count(newer.count, 'newer version', 'newer versions')}>
      <p>
        The newest is <a href={pages.version(namespace, name, newer.newest)}>{newer.newest}</a>:{' '}
        <a href={pages.changes(namespace, name, newer.newest, version.version)}>
          what changed since {version.version}
        </a>
        .
      </p>
    </Notice>
  );
}
