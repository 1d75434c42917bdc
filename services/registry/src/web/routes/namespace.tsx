import type { AppDeps } from '../../app-deps.js';
import { getNamespaceDocument } from '../../domain/namespaces/namespaces.js';
import { CATALOGUE_TAGS, namespaceTags } from '../../domain/reads/touch.js';
import { search } from '../../domain/search/search.js';
import { readableByCaller, readableNamespace } from '../../routes/readable.js';
import { NamespacePage } from '../pages/namespaces/namespace.js';
import { pages } from '../paths.js';
import { answerPage } from '../render/answer-page.js';
import type { PageRoute } from './page-route.js';

const SHOWN = 50;

/** `GET /{namespace}`: its workflows and its keys. */
export function namespaceRoute(deps: AppDeps): PageRoute {
  return {
    method: 'get',
    path: '/:namespace',
    handler: async (ctx) => {
      const name = await readableNamespace(deps, ctx);
      const readable = readableByCaller(ctx);
      const tags = [...new Set([...namespaceTags(name), ...CATALOGUE_TAGS])];
      await answerPage(deps, ctx, { path: pages.namespace(name), tags }, async () => {
        const { hits, total } = await search(deps, {
          text: '',
          tags: [],
          owner: name,
          sort: 'recent',
          limit: SHOWN,
          readable,
        });
        const namespace = await getNamespaceDocument(deps.db, name, undefined);
        return {
          title: name,
          description: `Workflows and keys of ${name}.`,
          body: <NamespacePage namespace={namespace} workflows={hits} total={total} />,
        };
      });
    },
  };
}
