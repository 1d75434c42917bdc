import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { CATALOGUE_TAGS } from '../../domain/reads/touch.js';
import { search } from '../../domain/search/search.js';
import { tags } from '../../domain/search/tags.js';
import { readableByCaller } from '../../routes/readable.js';
import { isTag, searchFor } from '../pages/search/asked.js';
import { SearchPage } from '../pages/search/search.js';
import { TagsPage } from '../pages/tags/tags.js';
import { pages } from '../paths.js';
import { answerPage } from '../render/answer-page.js';
import type { PageRoute } from './page-route.js';
import { queryOf } from './search.js';

const PAGE_SIZE = 200;
const MAX_CURSOR = 128;

/** `GET /tags`: tags, most used first. */
export function tagsRoute(deps: AppDeps): PageRoute {
  return {
    method: 'get',
    path: '/tags',
    handler: async (ctx) => {
      const cursor = new URLSearchParams(ctx.querystring).get('cursor')?.slice(0, MAX_CURSOR);
      const readable = readableByCaller(ctx);
      const isFirst = cursor === undefined;
      await answerPage(
        deps,
        ctx,
        { path: isFirst ? pages.tags() : undefined, tags: CATALOGUE_TAGS },
        async () => ({
          title: 'Tags',
          section: 'tags',
          isListed: isFirst,
          body: (
            <TagsPage list={await tags(deps, readable, { cursor, limit: PAGE_SIZE })} isFirst={isFirst} />
          ),
        }),
      );
    },
  };
}

/** `GET /tags/{tag}`: workflows that carry a tag. */
export function tagRoute(deps: AppDeps): PageRoute {
  return {
    method: 'get',
    path: '/tags/:tag',
    handler: async (ctx) => {
      const tag = ctx.params['tag'] ?? '';
      const readable = readableByCaller(ctx);
      // A tag that only somebody else sees is one that nobody has.
      const missing = () => new RegistryError('route.not_found', 'no workflow has such a tag');
      if (!isTag(tag)) throw missing();
      await answerPage(deps, ctx, { path: pages.tag(tag), tags: CATALOGUE_TAGS }, async () => {
        const asked = searchFor({ tags: [tag] });
        const result = await search(deps, { ...queryOf(asked), readable });
        if (result.total === 0) throw missing();
        return {
          title: `Workflows with the tag ${tag}`,
          section: 'tags',
          body: <SearchPage title={`Tag: ${tag}`} asked={asked} result={result} />,
        };
      });
    },
  };
}
