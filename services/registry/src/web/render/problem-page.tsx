import type { Problem } from '@sheaf/client/contract';
import { readablePrivate } from '../../domain/access/reading.js';
import { search, type SearchDeps } from '../../domain/search/search.js';
import type { RequestContext } from '../../http/context.js';
import type { ProblemPage } from '../../http/errors.js';
import { ProblemBody } from '../pages/errors/problem.js';
import type { PageDeps } from './answer-page.js';
import { pageHeaders } from './policy.js';
import { renderPage } from './render-page.js';
import { siteOf } from './site.js';

export type ProblemPageDeps = PageDeps & SearchDeps;

/** Paths that may be a mistyped name. */
const NAMES = /^\/([a-z0-9-]{1,64})(?:\/([a-z0-9-]{1,64}))?(?:\/[^/]{1,64})?\/?$/i;
const NEAR_SHOWN = 5;

/** A problem as a page; for what is not there with what may have been meant. */
export async function problemPage(
  deps: ProblemPageDeps,
  ctx: RequestContext,
  problem: Problem,
): Promise<ProblemPage> {
  const searched = problem.status === 404 ? mistyped(ctx.path) : undefined;
  const near = searched === undefined ? [] : await findNear(deps, ctx, searched);
  const site = siteOf(deps, ctx);
  const html = renderPage(deps.assets, site, {
    title: problem.code === 'route.not_found' ? 'Nothing here' : problem.title,
    body: <ProblemBody problem={problem} site={site} near={near} searched={searched} />,
    isListed: false,
    ...(searched !== undefined && { searched: null }),
  });
  // The address may hold the code of a sign-in.
  return { html, headers: { ...pageHeaders(deps.assets), 'Referrer-Policy': 'no-referrer' } };
}

/** Words to search for in place of a path that leads nowhere. */
function mistyped(path: string): string | undefined {
  const [, first, second] = NAMES.exec(path) ?? [];
  return second ?? first;
}

async function findNear(deps: ProblemPageDeps, ctx: RequestContext, text: string) {
  const readable = readablePrivate(ctx.state.principal);
  try {
    const { hits, near } = await search(deps, {
      text,
      tags: [],
      sort: 'relevance',
      limit: NEAR_SHOWN,
      readable,
    });
    return [...hits, ...near].slice(0, NEAR_SHOWN);
  } catch {
    // The page says what happened without it, too.
    return [];
  }
}
