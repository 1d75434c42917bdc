import type { RegistryMiddleware, RequestContext } from './context.js';

/**
 * Tells problems as a page to whoever prefers one, where people look with a browser. The address may hold the code of a
 * sign-in: it is told to no other page.
 */
export function tellAsPages(isForPeople: (ctx: Pick<RequestContext, 'path'>) => boolean): RegistryMiddleware {
  return async (ctx, next) => {
    if (isForPeople(ctx)) {
      ctx.set('Referrer-Policy', 'no-referrer');
      ctx.state.wantsPage =
        ctx.accepts('application/problem+json', 'application/json', 'text/html') === 'text/html';
    }
    await next();
  };
}
