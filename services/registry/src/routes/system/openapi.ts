import type { AppDeps } from '../../app-deps.js';
import type { Handler } from '../../http/context.js';
import { describeApi } from '../../openapi/document.js';
import { answerJson } from '../readable-answers.js';
import type { Route } from '../route.js';

const PATH = '/openapi.json';

/** `GET /openapi.json`: the description of every route, itself too. Rendered when it is asked for, and held as other documents are. */
export function openApiRoute(deps: AppDeps, others: readonly Route[]): Route {
  const handler: Handler = (ctx) =>
    answerJson(deps, ctx, { path: PATH, tags: [] }, () =>
      Promise.resolve(describeApi([...others, route], deps.operations.version)),
    );
  const route: Route = {
    method: 'get',
    path: PATH,
    handler,
    operation: {
      id: 'describeApi',
      summary: 'This description',
      tag: 'system',
      access: 'public',
      responses: {
        200: { description: 'OpenAPI 3.1', mediaType: 'application/json', isRepresentation: true },
      },
      problems: [],
    },
  };
  return route;
}
