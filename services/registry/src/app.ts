import Router from '@koa/router';
import Koa from 'koa';
import type { AppDeps } from './app-deps.js';
import { accessLog } from './http/access-log.js';
import { authenticateRequests } from './http/authenticate.js';
import type { RequestState } from './http/context.js';
import { answerErrors } from './http/errors.js';
import { createRoutes } from './routes/index.js';

/** The HTTP service. Holds no state of its own: everything is in `deps`. */
export function createApp(deps: AppDeps): Koa<RequestState> {
  const app = new Koa<RequestState>();
  app.silent = true;
  app.use(accessLog(deps));
  app.use(answerErrors(deps.log));
  const authenticate = authenticateRequests(deps);
  // Metrics have a token of their own, which is no one's access token.
  app.use(async (ctx, next) => {
    await (ctx.path === '/metrics' ? next() : authenticate(ctx, next));
  });
  const router = new Router<RequestState>();
  for (const { method, path, handler } of createRoutes(deps)) {
    router[method](path, async (ctx) => {
      ctx.state.route = path;
      await handler(ctx);
    });
  }
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}
