import type { Operation } from '../http/operation.js';
import { allSchemas, referTo, type Json } from './components.js';
import { pathParameters, queryParameters, toTemplate } from './parameters.js';
import { describeResponses, HEADERS } from './responses.js';

/** What of a route stands in the description. */
export interface DescribedRoute {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

const DESCRIPTION = `A registry for signed workflows. Errors are problem details (RFC 9457) with a stable \`code\`.
Every GET answers HEAD too. Lists are read on with the cursor that a page ends with.`;

const SECURITY = {
  public: [],
  readable: [{}, { bearer: [] }],
  'signed-in': [{ bearer: [] }],
  admin: [{ bearer: [] }],
} as const;

/** The description of the API (OpenAPI 3.1), from what each route says of itself. */
export function describeApi(routes: readonly DescribedRoute[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const { method, path, operation } of routes)
    paths[toTemplate(path)] = {
      ...paths[toTemplate(path)],
      [method]: describeOperation({ method, path, operation }),
    };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sheaf registry',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(({ operation }) => operation.tag))].sort().map((name) => ({ name })),
    paths,
    components: {
      schemas: allSchemas(),
      headers: HEADERS,
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: "A personal access token, or an access token of the registry's identity provider",
        },
      },
    },
  };
}

function describeOperation({ method, path, operation }: DescribedRoute): Json {
  const { id, summary, tag, access, query, request } = operation;
  const parameters = [...pathParameters(path), ...queryParameters(query)];
  return {
    operationId: id,
    summary,
    tags: [tag],
    security: SECURITY[access],
    ...(parameters.length > 0 && { parameters }),
    ...(request && { requestBody: describeRequest(request) }),
    responses: describeResponses(method, operation),
  };
}

function describeRequest({ mediaType, schema }: NonNullable<Operation['request']>): Json {
  return { required: true, content: { [mediaType]: schema ? { schema: referTo(schema) } : {} } };
}
