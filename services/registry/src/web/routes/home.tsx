import type { AppDeps } from '../../app-deps.js';
import { popularWorkflows } from '../../domain/downloads/popular.js';
import { CATALOGUE_TAGS, DAY_TAGS } from '../../domain/reads/touch.js';
import { search } from '../../domain/search/search.js';
import { tags } from '../../domain/search/tags.js';
import { publicUrlOf } from '../../http/public-url.js';
import { HomePage } from '../pages/home/home.js';
import { answerPage } from '../render/answer-page.js';
import type { PageRoute } from './page-route.js';

const SHOWN = 6;
const TAGS_SHOWN = 40;
/** Nobody sees more here than everybody does. */
const OF_EVERYBODY = { readable: [] } as const;

/** `GET /`: the front page. */
export function homeRoute(deps: AppDeps): PageRoute {
  return {
    method: 'get',
    path: '/',
    handler: async (ctx) => {
      const address = publicUrlOf(deps, ctx);
      // What is typed on this machine is told to nobody else.
      const isUsual = address === (deps.signIn.publicUrl ?? `https://${deps.origin}`);
      const path = isUsual ? '/' : `/ at ${address}`;
      await answerPage(deps, ctx, { path, tags: [...CATALOGUE_TAGS, ...DAY_TAGS] }, async () => {
        const newest = await search(deps, {
          ...OF_EVERYBODY,
          text: '',
          tags: [],
          sort: 'recent',
          limit: SHOWN,
        });
        const popular = await popularWorkflows(deps, SHOWN);
        const list = await tags(deps, OF_EVERYBODY.readable, { cursor: undefined, limit: TAGS_SHOWN });
        return {
          title: deps.origin,
          description: 'A registry for signed workflows.',
          searched: null,
          body: <HomePage address={address} newest={newest.hits} popular={popular} tags={list.tags} />,
        };
      });
    },
  };
}
