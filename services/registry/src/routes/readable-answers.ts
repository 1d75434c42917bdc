import type { AppDeps } from '../app-deps.js';
import { readyDocument, type DocumentForm, type ReadyAnswer } from '../domain/reads/document.js';
import type { ReadTags } from '../domain/reads/touch.js';
import type { RequestContext } from '../http/context.js';
import { REVALIDATE } from '../http/respond.js';
import { sendReady } from '../http/respond-ready.js';

type Deps = Pick<AppDeps, 'reads' | 'objects' | 'rates'>;

/** Something that is rendered once and then answered from memory. */
export interface Rendered {
  /** The one path of what it shows, made of parsed names: under it, anybody is answered without a further look. */
  readonly path: string;
  /** What it depends on; none for what never changes. */
  readonly tags: ReadTags;
}

/**
 * Answers with what is held under the path, or with what `render` makes of it. For use after the names of the path came
 * from `readable.ts`: what only some may see is held apart from what everybody may, and that never changes, since what is
 * private is in a log of its own from the first day.
 */
export async function answerReady(
  deps: Deps,
  ctx: RequestContext,
  { path, tags }: Rendered,
  render: () => Promise<ReadyAnswer>,
): Promise<void> {
  const { open, closed } = deps.reads;
  const held = ctx.state.isPrivate === true ? closed : open;
  await sendReady(deps, ctx, await held.get(path, tags, render));
}

export interface RenderedDocument extends Rendered {
  readonly type: string;
  readonly cacheControl: string;
  readonly render: () => Promise<Buffer>;
  readonly form?: Partial<DocumentForm>;
}

/** As {@link answerReady}, for bytes that a function makes. */
export async function answerDocument(
  deps: Deps,
  ctx: RequestContext,
  { render, type, cacheControl, form, ...rendered }: RenderedDocument,
): Promise<void> {
  const { route = 'none' } = ctx.state;
  await answerReady(deps, ctx, rendered, async () =>
    readyDocument(await render(), { route, type, cacheControl, ...form }),
  );
}

/** As {@link answerDocument}, for a value that is answered as JSON. */
export async function answerJson(
  deps: Deps,
  ctx: RequestContext,
  rendered: Rendered,
  value: () => Promise<unknown>,
  form: Partial<DocumentForm> = {},
): Promise<void> {
  await answerDocument(deps, ctx, {
    ...rendered,
    type: 'application/json',
    cacheControl: REVALIDATE,
    form,
    render: async () => Buffer.from(JSON.stringify(await value())),
  });
}
