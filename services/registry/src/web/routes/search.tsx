import type { AppDeps } from '../../app-deps.js';
import { CATALOGUE_TAGS } from '../../domain/reads/touch.js';
import { search } from '../../domain/search/search.js';
import { readableByCaller } from '../../routes/readable.js';
import { visible } from '../components/foreign.js';
import { addressOf, readAsked, type AskedSearch } from '../pages/search/asked.js';
import { SearchPage } from '../pages/search/search.js';
import { answerPage } from '../render/answer-page.js';
import type { PageRoute } from './page-route.js';

const PAGE_SIZE = 20;

/** `GET /search`: what a text and filters find. */
export function searchRoute(deps: AppDeps): PageRoute {
  return {
    method: 'get',
    path: '/search',
    handler: async (ctx) => {
      const asked = readAsked(ctx.querystring);
      const readable = readableByCaller(ctx);
      // Pages after the first go on for ever: they are held for nobody.
      const path = asked.cursor === undefined ? addressOf(asked) : undefined;
      await answerPage(deps, ctx, { path, tags: CATALOGUE_TAGS }, async () => {
        const title = titleOf(asked);
        const result = await search(deps, { ...queryOf(asked), readable });
        return {
          title,
          section: 'search',
          searched: asked.q,
          isListed: false,
          body: <SearchPage title={title} asked={asked} result={result} />,
        };
      });
    },
  };
}

/** What the search of the domain takes. */
export function queryOf({ q, tags, sort, cursor, ...filters }: AskedSearch) {
  return { ...filters, text: q, tags, sort, cursor, limit: PAGE_SIZE };
}

function titleOf({ q, sort }: AskedSearch): string {
  if (q !== '') return `Search for “${visible(q, 60)}”`;
  return sort === 'recent' ? 'Newest workflows' : 'Workflows';
}
