import type { AppDeps } from '../../app-deps.js';
import { readyDocument } from '../../domain/reads/document.js';
import type { ReadTags } from '../../domain/reads/touch.js';
import type { RequestContext } from '../../http/context.js';
import { PRIVATE } from '../../http/respond.js';
import { sendReady } from '../../http/respond-ready.js';
import type { Page } from '../page.js';
import { pageHeaders } from './policy.js';
import { renderPage } from './render-page.js';
import { siteOf } from './site.js';

export type PageDeps = Pick<AppDeps, 'assets' | 'origin' | 'reads' | 'objects' | 'rates' | 'signIn'>;

const TYPE = 'text/html; charset=utf-8';
/** For a moment without asking, and a little longer while asking: back and forth between pages waits for nothing. */
const FOR_STRANGERS = 'public, max-age=5, stale-while-revalidate=30';
/** What of a request makes a difference: whether somebody is signed in. */
const VARIES = ['Authorization', 'Cookie'];

export interface RenderedPage {
  /**
   * The one address of what it shows, made of parsed names: under it, any stranger is answered without a further look.
   * Undefined for a page that is held for nobody.
   */
  readonly path: string | undefined;
  /** What it depends on; see `domain/reads/touch.ts`. */
  readonly tags: ReadTags;
}

/**
 * Answers with a page. For use after what it shows was found to be readable by the caller, as the API does it.
 *
 * Strangers share one rendering of what is public, which is dropped when something it depends on is touched. Whoever is
 * signed in, and whatever belongs to a private namespace, gets one of their own, which no cache keeps.
 */
export async function answerPage(
  deps: PageDeps,
  ctx: RequestContext,
  { path, tags }: RenderedPage,
  make: () => Promise<Page>,
): Promise<void> {
  const { assets, reads } = deps;
  const isShared = ctx.state.principal === undefined && ctx.state.isPrivate !== true;
  const render = async () => {
    const page = await make();
    const html = renderPage(assets, siteOf(deps, ctx, path), page);
    return { body: Buffer.from(html), headers: pageHeaders(assets, page.needs) };
  };
  if (!isShared) {
    const { body, headers } = await render();
    for (const name of VARIES) ctx.vary(name);
    ctx.set(headers);
    ctx.set('Cache-Control', PRIVATE);
    ctx.remove('Access-Control-Allow-Origin');
    ctx.body = body;
    ctx.set('Content-Type', TYPE);
    return;
  }
  const { route = 'none' } = ctx.state;
  const ready = async () => {
    const { body, headers } = await render();
    return readyDocument(body, {
      route,
      type: TYPE,
      cacheControl: FOR_STRANGERS,
      varies: VARIES,
      headers,
      isForStrangers: true,
    });
  };
  await sendReady(deps, ctx, path === undefined ? await ready() : await reads.open.get(path, tags, ready));
}
