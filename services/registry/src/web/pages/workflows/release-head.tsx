import { Foreign } from '../../components/foreign.js';
import { StateBadge } from '../../components/state-badge.js';
import { Tabs } from '../../components/tabs.js';
import { pages } from '../../paths.js';
import type { Release } from '../../release/load-release.js';
import { ReleaseNotices } from './release-notices.js';

export type ReleaseTab = 'overview' | 'steps' | 'files' | 'changes' | 'versions';

/** The top of every page about a version: what must be known of it, its name, one sentence, and where else to look. */
export function ReleaseHead({ release, here }: { release: Release; here: ReleaseTab }) {
  const { namespace, name, workflow, version } = release;
  const v = version.version;
  return (
    <>
      <ReleaseNotices release={release} />
      <header class="release-head">
        <h1>
          <a href={pages.namespace(namespace)}>{namespace}</a>
          <span class="slash">/</span>
          <a href={pages.workflow(namespace, name)}>{name}</a> <span class="version">{v}</span>{' '}
          <StateBadge state={version.state} />
        </h1>
        {version.title !== undefined && (
          <p class="title">
            <Foreign text={version.title} />
          </p>
        )}
        {version.description !== undefined && (
          <p class="lead">
            <Foreign text={version.description} maxLength={500} />
          </p>
        )}
      </header>
      <Tabs
        label={`${namespace}/${name} ${v}`}
        tabs={[
          { label: 'Overview', href: pages.version(namespace, name, v), isHere: here === 'overview' },
          {
            label: 'Steps',
            href: pages.steps(namespace, name, v),
            count: version.steps.length,
            isHere: here === 'steps',
          },
          {
            label: 'Files',
            href: pages.files(namespace, name, v),
            count: version.files.length,
            isHere: here === 'files',
          },
          ...(release.before === undefined
            ? []
            : [
                {
                  label: 'Changes',
                  href: pages.changes(namespace, name, v),
                  isHere: here === 'changes',
                },
              ]),
          {
            label: 'Versions',
            href: pages.versions(namespace, name),
            count: workflow.versions.length,
            isHere: here === 'versions',
          },
        ]}
      />
    </>
  );
}
