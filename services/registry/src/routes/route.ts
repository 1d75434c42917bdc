import type { Handler } from '../http/context.js';
import type { Operation } from '../http/operation.js';

/** One endpoint. A GET answers HEAD as well. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With `:name` for one segment and `*name` for the rest. */
  readonly path: string;
  readonly handler: Handler;
  readonly operation: Operation;
}
