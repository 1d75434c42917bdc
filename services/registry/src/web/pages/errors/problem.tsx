import type { Problem, SearchHit } from '@sheaf/client/contract';
import { visible } from '../../components/foreign.js';
import { SearchForm } from '../../components/search-form.js';
import { WorkflowList } from '../../components/workflow-list.js';
import type { Site } from '../../page.js';
import { pages } from '../../paths.js';
import { Remedy } from './remedy.js';

const MAX_FINDINGS = 20;

export interface ProblemProps {
  readonly problem: Problem;
  readonly site: Site;
  /** What may have been meant. */
  readonly near: readonly SearchHit[];
  readonly searched: string | undefined;
}

/** What happened, what to do, and for what is not there what may have been meant. */
export function ProblemBody({ problem, site, near, searched }: ProblemProps) {
  const { title, detail, remedy, code, requestId, errors = [] } = problem;
  // Whoever looks for a page is not helped by what programs are told.
  const isNoRoute = code === 'route.not_found';
  return (
    <>
      <h1>{isNoRoute ? 'There is nothing here' : visible(title)}</h1>
      {!isNoRoute && (
        <p>
          <bdi>{visible(detail)}</bdi>
        </p>
      )}
      {errors.length > 0 && (
        <ul>
          {errors.slice(0, MAX_FINDINGS).map((finding, i) => (
            <li key={i}>
              <bdi>{visible(finding.detail)}</bdi>
            </li>
          ))}
        </ul>
      )}
      {remedy !== undefined && searched === undefined && <Remedy text={visible(remedy)} />}
      {searched !== undefined && (
        <section>
          <h2>Did you mean</h2>
          {near.length === 0 ? (
            <p>Nothing has a name like this.</p>
          ) : (
            <WorkflowList hits={near} heading="h3" />
          )}
          <SearchForm value={searched} id="search" isLarge />
        </section>
      )}
      {code.startsWith('auth.') && site.viewer === undefined && site.hasSignIn && (
        <p>
          <a href={pages.signIn(pages.home())}>Sign in</a>
        </p>
      )}
      <p class="muted">
        <a href={pages.problem(code)}>{visible(code)}</a> · request <code>{visible(requestId)}</code>
      </p>
    </>
  );
}
