import type { AppDeps } from '../../app-deps.js';
import type { RequestContext } from '../../http/context.js';
import { formTokenOf } from '../forms/form-token.js';
import type { Site, Viewer } from '../page.js';

export type SiteDeps = Pick<AppDeps, 'origin' | 'signIn'>;

/** What is around the page of this request. `path`: the one spelling of its address, for a page that others get too. */
export function siteOf({ origin, signIn }: SiteDeps, ctx: RequestContext, path = ctx.path): Site {
  return {
    origin,
    viewer: viewerOf({ origin, signIn }, ctx),
    hasSignIn: signIn.provider !== undefined,
    path,
  };
}

function viewerOf(deps: SiteDeps, ctx: RequestContext): Viewer | undefined {
  const { principal } = ctx.state;
  if (!principal) return undefined;
  return { user: principal.user, isAdmin: principal.isAdmin, formToken: formTokenOf(deps, ctx) ?? '' };
}
