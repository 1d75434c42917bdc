import type { RegistryMiddleware } from './context.js';

/**
 * Tells problems as a page to whoever prefers one, where people look with a browser. The address may hold the code of a
 * sign-in: it is told to no other page.
 *
 * @param paths where people look, as the router knows them
 */
export function tellAsPages(paths: ReadonlySet<string>): RegistryMiddleware {
  return async (ctx, next) => {
    if (paths.has(ctx.path)) {
      ctx.vary('Accept');
      ctx.set('Referrer-Policy', 'no-referrer');
      ctx.state.wantsPage =
        ctx.accepts('application/problem+json', 'application/json', 'text/html') === 'text/html';
    }
    await next();
  };
}
