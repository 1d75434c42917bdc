import type { SearchHit, TagList as Tags } from '@sheaf/client/contract';
import { CodeBlock } from '../../components/code-block.js';
import { SearchForm } from '../../components/search-form.js';
import { TagList } from '../../components/tag-list.js';
import { WorkflowList } from '../../components/workflow-list.js';
import { pages } from '../../paths.js';

export interface HomeProps {
  /** Where the registry is reached, for what is to be typed. */
  readonly address: string;
  readonly newest: readonly SearchHit[];
  /** Most fetched in the last seven days. */
  readonly popular: readonly SearchHit[];
  readonly tags: Tags['tags'];
}

/** The front page. */
export function HomePage({ address, newest, popular, tags }: HomeProps) {
  const example = popular[0]?.id ?? newest[0]?.id ?? 'acme/release-notes';
  const lines = ['npm install --global @sheaf/cli', `sheaf login ${address}`, `sheaf run ${example}`];
  return (
    <>
      <section class="hero">
        <h1>Workflows you can check before you run them</h1>
        <p class="lead">
          Each version is signed by its author, stands in a public log, and says what it may touch.
        </p>
        <SearchForm value="" id="search" isLarge />
      </section>
      <section class="start">
        <h2>Run one</h2>
        <CodeBlock id="start" code={lines.join('\n')} label="commands to install and run" />
      </section>
      <div class="columns">
        <section>
          <h2>New</h2>
          {newest.length === 0 ? <NothingYet /> : <WorkflowList hits={newest} heading="h3" />}
          {newest.length > 0 && (
            <p>
              <a href={pages.search({ sort: 'recent' })}>All, newest first</a>
            </p>
          )}
        </section>
        <section>
          <h2>Most fetched this week</h2>
          {popular.length === 0 ? (
            <p>Nothing was fetched in the last seven days.</p>
          ) : (
            <WorkflowList hits={popular} heading="h3" />
          )}
        </section>
      </div>
      {tags.length > 0 && (
        <section>
          <h2>Tags</h2>
          <TagList tags={tags} />
        </section>
      )}
    </>
  );
}

function NothingYet() {
  return (
    <p>
      No workflow is published here yet. <code>sheaf init</code> begins one.
    </p>
  );
}
