import { MEDIA_TYPES, PROBLEMS, type Problem } from '@sheaf/client/contract';
import type { Logger } from 'pino';
import { describeError } from '../describe-error.js';
import type { RegistryMiddleware } from './context.js';
import { RegistryError } from '../domain/error.js';
import { toProblem } from './problem.js';

/** Headers that a failure may leave behind: they tell of what was to be sent, and a problem is something else. */
const OF_THE_CONTENT = ['Content-Encoding', 'Content-Range', 'Accept-Ranges', 'Content-Disposition', 'ETag'];

type Context = Parameters<RegistryMiddleware>[0];

export interface ErrorAnswers {
  readonly log: Logger;
  /** Is told of each problem. */
  readonly onProblem: (ctx: Context, problem: Problem) => void;
  /** A problem as a page, for people. */
  readonly pageOf: (ctx: Context, problem: Problem) => Promise<ProblemPage>;
}

/** A page, and the headers that belong to it. */
export interface ProblemPage {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Answers every error, and every request that no route took, with problem details. The one place that catches. */
export function answerErrors({ log, onProblem, pageOf }: ErrorAnswers): RegistryMiddleware {
  return async (ctx, next) => {
    try {
      await next();
      if (ctx.respond !== false && ctx.status === 404 && ctx.body == null) {
        throw new RegistryError('route.not_found', `there is no ${ctx.method} ${ctx.path.slice(0, 200)}`);
      }
      if (ctx.status === 405 || ctx.status === 501) {
        throw new RegistryError('route.method_not_allowed', `${ctx.method} is not allowed here`);
      }
    } catch (error) {
      const problem = toProblem(error, ctx.state.requestId);
      if (problem.status >= 500) tell(log, error, problem);
      onProblem(ctx, problem);
      if (ctx.headerSent) {
        // The answer has begun: cutting the connection is the only honest signal left.
        ctx.res.destroy();
        return;
      }
      const options = error instanceof RegistryError ? error.options : {};
      for (const name of OF_THE_CONTENT) ctx.remove(name);
      for (const [name, value] of Object.entries(options.headers ?? {})) ctx.set(name, value);
      if (problem.status === 401) ctx.set('WWW-Authenticate', 'Bearer realm="sheaf"');
      if (PROBLEMS[problem.code as keyof typeof PROBLEMS].retryable)
        ctx.set('Retry-After', String(options.retryAfterSeconds ?? 1));
      ctx.set('Cache-Control', 'no-store');
      ctx.status = problem.status;
      ctx.state.errorCode = problem.code;
      if (ctx.state.wantsPage !== undefined) ctx.vary('Accept');
      const page = ctx.state.wantsPage === true ? await pageOf(ctx, problem).catch(failed(log)) : undefined;
      if (page) {
        ctx.set(page.headers);
        ctx.body = page.html;
        ctx.type = 'text/html; charset=utf-8';
      } else {
        ctx.body = JSON.stringify(problem);
        ctx.type = MEDIA_TYPES.problem;
      }
    }
  };
}

/** A page that cannot be made leaves the problem as it is told to programs. */
function failed(log: Logger): (error: unknown) => undefined {
  return (error) => {
    log.error({ error: describeError(error) }, 'the page of a problem could not be made');
    return undefined;
  };
}

/** What was refused on purpose, such as for too much work, is no failure: a line of what it was, and no stack. */
function tell(log: Logger, error: unknown, { code, detail, requestId }: Problem): void {
  const named = { 'request.id': requestId, 'error.code': code };
  if (error instanceof RegistryError && error.cause === undefined)
    log.warn({ ...named, detail }, 'request refused');
  else log.error({ ...named, error: describeError(error) }, 'request failed');
}
