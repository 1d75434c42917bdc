import type { Handler } from '../../http/context.js';
import { REVALIDATE, sendRepresentation } from '../../http/respond.js';
import { describeApi } from '../../openapi/document.js';
import type { Route } from '../route.js';

/** `GET /openapi.json`: the description of every route, itself too. Rendered when it is first asked for, and once. */
export function openApiRoute(others: readonly Route[], version: string): Route {
  let body: Buffer | undefined;
  const handler: Handler = (ctx) => {
    body ??= Buffer.from(JSON.stringify(describeApi([...others, route], version)));
    sendRepresentation(ctx, { body, type: 'application/json', cacheControl: REVALIDATE });
    return Promise.resolve();
  };
  const route: Route = {
    method: 'get',
    path: '/openapi.json',
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
