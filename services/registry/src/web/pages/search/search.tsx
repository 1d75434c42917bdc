import { SEARCH_SORTS, type SearchResult, type SearchSort } from '@sheaf/client/contract';
import { count } from '../../components/count.js';
import { visible } from '../../components/foreign.js';
import { Pagination } from '../../components/pagination.js';
import { WorkflowList } from '../../components/workflow-list.js';
import { addressOf, changed, type AskedSearch } from './asked.js';
import { Facets } from './facets.js';

const SORTS: Readonly<Record<SearchSort, string>> = {
  relevance: 'best match',
  downloads: 'most fetched',
  recent: 'newest',
  name: 'name',
};
/** Of a page after the first, where nothing is counted: what was chosen can still be taken back. */
const NO_FACETS = { tags: [], owners: [], licenses: [], permissions: [], states: [] };

export interface SearchProps {
  readonly title: string;
  readonly asked: AskedSearch;
  readonly result: SearchResult;
}

/** What a search has found, or what is near it. */
export function SearchPage({ title, asked, result }: SearchProps) {
  const { hits, near, total, totalIsExact, facets = NO_FACETS, nextCursor } = result;
  return (
    <>
      <h1>{title}</h1>
      <div class="found">
        <p role="status">
          {total === 0
            ? 'No workflow matches.'
            : `${count(total, 'workflow', 'workflows')}${totalIsExact ? '' : ' or more'}`}
        </p>
        {total > 1 && <Sorts asked={asked} />}
      </div>
      <div class="with-side">
        <div>
          {total === 0 ? <Nothing asked={asked} near={near} /> : <WorkflowList hits={hits} />}
          <Pagination
            label="Pages of hits"
            first={asked.cursor === undefined ? undefined : addressOf(changed(asked, {}))}
            next={nextCursor === undefined ? undefined : addressOf({ ...asked, cursor: nextCursor })}
          />
        </div>
        <Facets asked={asked} facets={facets} />
      </div>
    </>
  );
}

function Sorts({ asked }: { asked: AskedSearch }) {
  return (
    <nav aria-label="Order">
      <ul class="plain inline">
        {SEARCH_SORTS.map((sort) => (
          <li key={sort}>
            <a
              href={addressOf(changed(asked, { sort }))}
              {...(sort === asked.sort && { 'aria-current': 'true' })}
            >
              {SORTS[sort]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Nothing({ asked, near }: { asked: AskedSearch; near: SearchResult['near'] }) {
  const { q } = asked;
  const isNarrowed = addressOf(asked) !== addressOf(changed(asked, ONLY_TEXT));
  return (
    <>
      {near.length > 0 && (
        <section>
          <h2>
            Near <bdi>“{visible(q)}”</bdi>
          </h2>
          <WorkflowList hits={near} heading="h3" />
        </section>
      )}
      {isNarrowed && (
        <p>
          <a href={addressOf(changed(asked, ONLY_TEXT))}>
            {q === '' ? 'Show all workflows' : 'Search for the same text without filters'}
          </a>
        </p>
      )}
      {near.length === 0 && !isNarrowed && <p>Try fewer or other words, or the beginning of a name.</p>}
    </>
  );
}

const ONLY_TEXT = {
  tags: [],
  owner: undefined,
  license: undefined,
  permission: undefined,
  state: undefined,
} as const;
