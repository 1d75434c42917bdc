import type { Middleware, ParameterizedContext } from 'koa';
import type { Principal } from '../domain/access/principal.js';
import type { Touch } from '../domain/reads/touch.js';

/** What the middleware in front of a handler leaves for it. */
export interface RequestState {
  requestId: string;
  /** Of the trace that the request belongs to, when it is recorded. */
  traceId?: string;
  /** Pattern of the matched route, such as `/v1/workflows/:namespace/:name`: for logs and metrics. */
  route?: string;
  principal?: Principal;
  /** How the principal was found, for a body that comes late: see `confirmCaller`. */
  caller?: {
    readonly foundAtMs: number;
    readonly elapsedMs: () => number;
    readonly findAgain: () => Promise<Principal | undefined>;
  };
  /** The log that holds the namespace that was read. */
  realm?: string;
  /** What a write has changed beyond what its path names. */
  touched?: readonly Touch[];
  /** Set when what is answered is for the caller alone; no cache may keep it. */
  isPrivate?: boolean;
  /** Set when the body is to be compressed; its entity tag says so already. */
  isPacked?: boolean;
  /** Set where people look, by whoever prefers HTML: a problem is told as a page. */
  wantsPage?: boolean;
  /** Code of the problem that was answered, for the access log. */
  errorCode?: string;
}

export type RequestContext = ParameterizedContext<RequestState> & {
  params: Record<string, string | undefined>;
};
export type RegistryMiddleware = Middleware<RequestState>;
export type Handler = (ctx: RequestContext) => Promise<void>;
