import type { FetchEvent } from '@sheaf/client';
import { findCi } from '../frame/ci.js';
import type { Context } from '../frame/context.js';
import { renderAnnotations } from '../output/annotations.js';

const NAMES = { receipt: 'the receipt', blob: 'the bundle', partial: 'an unfinished download' } as const;

/**
 * Says that something in the cache was not what it should be: it did no harm, but whoever restores a cache in a CI should
 * learn that it was damaged, or made by somebody else.
 */
export function tellDropped(
  { ui, env }: Pick<Context, 'env'> & { readonly ui: Pick<Context['ui'], 'warn' | 'mark'> },
  { what }: Pick<Extract<FetchEvent, { readonly type: 'cache.dropped' }>, 'what'>,
  id: string,
): void {
  const message = `${NAMES[what]} of ${id} in the cache was damaged; it was dropped and is fetched once more`;
  ui.warn(message);
  if (findCi(env) === 'github')
    ui.mark(renderAnnotations([{ severity: 'warning', code: 'cache.dropped', message }]));
}
