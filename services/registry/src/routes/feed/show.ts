import type { AppDeps } from '../../app-deps.js';
import { createAtomFeeds, type AtomSubject } from '../../domain/events/atom-cache.js';
import { findFollowed } from '../../db/channel-queries.js';
import { RegistryError } from '../../domain/error.js';
import type { Handler, RequestContext } from '../../http/context.js';
import { sendRepresentation } from '../../http/respond.js';
import { readableNamespace, readableRealm, readableWorkflow } from '../readable.js';

export const ATOM = 'application/atom+xml';
const CACHE_CONTROL = 'public, max-age=60';

type Subject = (ctx: RequestContext) => Promise<AtomSubject>;

/** `GET /feed.atom`, and those of a namespace and a workflow. */
export function feedHandlers(deps: AppDeps): Readonly<Record<'all' | 'namespace' | 'workflow', Handler>> {
  const feeds = createAtomFeeds(deps);
  const handle =
    (subjectOf: Subject): Handler =>
    async (ctx) => {
      const body = await feeds.get(await subjectOf(ctx));
      sendRepresentation(ctx, { body, type: `${ATOM}; charset=utf-8`, cacheControl: CACHE_CONTROL });
    };
  return {
    all: handle(() => Promise.resolve({ path: '/feed.atom' })),
    namespace: handle(async (ctx) => {
      const namespace = await readableNamespace(deps, ctx);
      return { namespace, realm: readableRealm(ctx), path: `/feed/${namespace}.atom` };
    }),
    workflow: handle(async (ctx) => {
      const { namespace, name } = await readableWorkflow(deps, ctx);
      if (!(await findFollowed(deps.db, { namespace, name })))
        throw new RegistryError('workflow.not_found', `there is no workflow ${namespace}/${name}`);
      return {
        namespace,
        workflow: name,
        realm: readableRealm(ctx),
        path: `/feed/${namespace}/${name}.atom`,
      };
    }),
  };
}
