import Router from '@koa/router';
import { Type } from '@sinclair/typebox';
import type { RequestListener } from 'node:http';
import Koa from 'koa';
import type { AppDeps } from './app-deps.js';
import { accessLog } from './http/access-log.js';
import { authenticateRequests } from './http/authenticate.js';
import type { RequestContext, RequestState } from './http/context.js';
import { compressBodies } from './http/compress.js';
import { shareReads } from './http/cors.js';
import { answerErrors } from './http/errors.js';
import { watchForProxies } from './http/forwarded-warning.js';
import { createHotReads } from './http/hot-reads.js';
import { countLargeBodies } from './http/large-bodies.js';
import { assertTarget, isTarget } from './http/request-target.js';
import { tellAsPages } from './http/problem-pages.js';
import { queryOf } from './http/query.js';
import { limitRates } from './http/rate-limit.js';
import { orAnonymous, refuseStrangers, refuseWrites } from './http/refuse-writes.js';
import { dropTouched } from './http/respond-touched.js';
import { limitFailedSignIns } from './http/sign-in-limit.js';
import { reportUndeclared } from './openapi/undeclared.js';
import { createRoutes } from './routes/index.js';
import { problemPage } from './web/render/problem-page.js';
import { createPageRoutes } from './web/routes/index.js';
import { createPageRouter } from './web/routes/page-router.js';

/** The whole service: what is in memory for everybody is answered at once, the rest by the application. */
export function createHandler(deps: AppDeps): RequestListener {
  const handle = createApp(deps).callback();
  const hot = createHotReads(deps);
  const lookForProxies = watchForProxies(deps);
  return (request, response) => {
    lookForProxies(request);
    hot.handle(request, response, () => void handle(request, response));
  };
}

/** Refuses every parameter, for operations that take none. */
const refuseQuery = queryOf(Type.Object({}, { additionalProperties: false }));

/** The HTTP application. Holds no state of its own: everything is in `deps`. */
export function createApp(deps: AppDeps): Koa<RequestState> {
  const app = new Koa<RequestState>();
  app.silent = true;
  const router = new Router<RequestState>({ sensitive: true, strict: true });
  const routes = createRoutes(deps);
  const undeclared = reportUndeclared(deps.log, routes);
  const pages = createPageRouter(
    createPageRoutes(deps),
    routes.map(({ path }) => path),
  );
  app.use(accessLog(deps));
  app.use(
    answerErrors({
      log: deps.log,
      onProblem: (ctx, problem) => {
        // Where the target is no path, there is none to look for.
        const found = isTarget(ctx.req.url ?? '') ? router.match(ctx.path, ctx.method).pathAndMethod : [];
        undeclared(found[0]?.name, problem);
      },
      pageOf: (ctx, problem) => problemPage(deps, ctx as RequestContext, problem),
    }),
  );
  app.use(countLargeBodies(deps));
  app.use(compressBodies());
  app.use(assertTarget());
  // Before all that may refuse a request: people are told of that, too.
  const forBrowsers = new Set(
    routes.filter(({ operation }) => operation.isForBrowsers === true).map(({ path }) => path),
  );
  app.use(tellAsPages(({ path }) => forBrowsers.has(path) || pages.isForPeople(path)));
  app.use(shareReads());
  if (deps.isMirror) app.use(refuseWrites(deps.origin));
  const authenticate = deps.isMirror ? orAnonymous(authenticateRequests(deps)) : authenticateRequests(deps);
  // What is the same for everybody asks nobody who they are; metrics have a token of their own.
  const open = new Set(
    routes.filter(({ operation }) => operation.access === 'public').map(({ path }) => path),
  );
  for (const identify of [limitFailedSignIns(deps.rates), authenticate])
    app.use(async (ctx, next) => {
      await (open.has(ctx.path) ? next() : identify(ctx, next));
    });
  app.use(limitRates(deps.rates));
  app.use(dropTouched(deps.reads));
  for (const { method, path, handler, operation } of routes) {
    router[method](operation.id, path, async (ctx) => {
      ctx.state.route = path;
      if (operation.query === undefined && ctx.querystring !== '') refuseQuery(ctx);
      if (deps.isMirror) refuseStrangers(deps.origin, operation, ctx);
      await handler(ctx);
    });
  }
  app.use(router.routes());
  app.use(router.allowedMethods());
  for (const middleware of pages.middleware) app.use(middleware);
  return app;
}
