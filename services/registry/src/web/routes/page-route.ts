import type { Handler } from '../../http/context.js';

/**
 * One page, or what a form of one is sent to. Declared like an endpoint of the API, but no part of it: people look here,
 * and are told of problems by a page. A parameter that is not known is ignored, as whoever links to a page may add one.
 */
export interface PageRoute {
  readonly method: 'get' | 'post';
  /** With `:name` for one segment and `*name` for the rest. */
  readonly path: string;
  readonly handler: Handler;
}
