import type { SearchHit } from '@sheaf/client/contract';
import { pages } from '../paths.js';
import { count } from './count.js';
import { Foreign } from './foreign.js';
import { MarkedText } from './marked-text.js';
import { PermissionKinds } from './permissions.js';
import { Badge, StateBadge } from './state-badge.js';
import { TagList } from './tag-list.js';
import { Time } from './time.js';

/** Workflows as search tells of them, one below the other. */
export function WorkflowList({
  hits,
  heading = 'h2',
}: {
  hits: readonly SearchHit[];
  heading?: 'h2' | 'h3';
}) {
  return (
    <ol class="plain workflows">
      {hits.map((hit) => (
        <li key={hit.id}>
          <WorkflowItem hit={hit} Heading={heading} />
        </li>
      ))}
    </ol>
  );
}

function WorkflowItem({ hit, Heading }: { hit: SearchHit; Heading: 'h2' | 'h3' }) {
  const { id, version, state, description, highlights, exactName, tags, downloads } = hit;
  return (
    <article class="workflow-item">
      <Heading>
        <a href={pages.workflowOf(id)}>{highlights?.id ? <MarkedText pieces={highlights.id} /> : id}</a>{' '}
        <span class="version">{version}</span> <StateBadge state={state} />
        {exactName === true && <Badge tone="accent">exact name</Badge>}
      </Heading>
      {description !== undefined && (
        <p>
          {highlights?.description ? (
            <MarkedText pieces={highlights.description} />
          ) : (
            <Foreign text={description} />
          )}
        </p>
      )}
      <p class="facts">
        <PermissionKinds kinds={hit.permissionKinds} />
        <span>
          <Time iso={hit.publishedAt} />
        </span>
        {downloads > 0 && <span>{count(downloads, 'fetch', 'fetches')}</span>}
      </p>
      <TagList tags={tags.map((tag) => ({ tag }))} />
    </article>
  );
}
