import Router from '@koa/router';
import type { RegistryMiddleware, RequestState } from '../../http/context.js';
import type { PageRoute } from './page-route.js';

export interface PageRouter {
  /** Answers what is a page, and passes on what is not. */
  readonly middleware: readonly RegistryMiddleware[];
  /** Whether people look there: at a page, or where there is nothing of the API either. */
  isForPeople(path: string): boolean;
}

/**
 * Leads to the pages. Where the API or another page begins, such as `/v1/…` or `/tags/…`, no page stands for a name: what the API does not know there is
 * an endpoint that does not exist.
 *
 * @param apiPaths as the router knows them
 */
export function createPageRouter(routes: readonly PageRoute[], apiPaths: readonly string[]): PageRouter {
  const router = new Router<RequestState>({ sensitive: true, strict: true });
  const roots = new Set(apiPaths.map(rootOf));
  for (const { method, path, handler } of routes) {
    router[method](path, async (ctx) => {
      ctx.state.route = path;
      await handler(ctx);
    });
  }
  const isNamed = new Set(routes.filter(({ path }) => path.startsWith('/:')).map(({ path }) => path));
  const taken = new Set([
    ...roots,
    ...routes.filter(({ path }) => !isNamed.has(path)).map(({ path }) => rootOf(path)),
  ]);
  const finds = (path: string) => {
    const found = router.match(path, 'GET').path;
    return found.some((layer) => !taken.has(rootOf(path)) || !isNamed.has(layer.path as string));
  };
  const guard =
    (middleware: RegistryMiddleware): RegistryMiddleware =>
    async (ctx, next) => {
      await (finds(ctx.path) ? middleware(ctx, next) : next());
    };
  return {
    middleware: [
      withoutSlash(finds),
      guard(router.routes() as unknown as RegistryMiddleware),
      guard(router.allowedMethods() as RegistryMiddleware),
    ],
    isForPeople: (path) => finds(path) || !roots.has(rootOf(path)),
  };
}

function rootOf(path: string): string {
  return path.split('/', 2)[1] ?? '';
}

/** Leads from an address with a slash too many at its end to the page, which has one address. */
function withoutSlash(finds: (path: string) => boolean): RegistryMiddleware {
  return async (ctx, next) => {
    const page = ctx.path.slice(0, -1);
    // A path that begins with two slashes would lead to another host.
    const isPage = /^\/[^/\\]/.test(page) && ctx.path.endsWith('/') && !finds(ctx.path) && finds(page);
    if (!isPage || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) {
      await next();
      return;
    }
    ctx.set('Location', `${page}${ctx.search}`);
    ctx.set('Cache-Control', 'no-store');
    ctx.body = null;
    ctx.status = 301;
  };
}
