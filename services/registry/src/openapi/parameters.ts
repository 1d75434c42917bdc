import type { TObject, TSchema } from '@sinclair/typebox';
import { referTo, type Json } from './components.js';

const NAME = '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$';

/** What stands in paths. A route with a parameter that is not here is described as any text. */
const PATH_PARAMETERS: Readonly<Record<string, { description: string; schema: Json }>> = {
  namespace: { description: 'name of a namespace', schema: { type: 'string', pattern: NAME } },
  name: { description: 'name of a workflow in it', schema: { type: 'string', pattern: NAME } },
  version: {
    description: 'SemVer 2 without build metadata',
    schema: { type: 'string', maxLength: 64, examples: ['1.2.0'] },
  },
  channel: { description: 'name of a channel', schema: { type: 'string', examples: ['beta'] } },
  hex: {
    description: 'SHA-256 of the uncompressed tar',
    schema: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  },
  realm: {
    description: 'public, or the name of a private namespace',
    schema: { type: 'string', pattern: NAME },
  },
  tile: {
    description: 'a path of C2SP tlog-tiles, with its slashes',
    schema: { type: 'string', examples: ['0/x001/067.p/8'] },
  },
  path: { description: 'a path in the bundle, with its slashes', schema: { type: 'string' } },
  id: { description: 'id of what is meant', schema: { type: 'string' } },
};

/** A path of the router as OpenAPI writes it. */
export function toTemplate(path: string): string {
  return path.replace(/[:*]([A-Za-z]+)/g, '{$1}');
}

/** The parameters in a path of the router, in its order. */
export function pathParameters(path: string): readonly Json[] {
  return [...path.matchAll(/[:*]([A-Za-z]+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    ...(PATH_PARAMETERS[name] ?? { schema: { type: 'string' } }),
  }));
}

/** One parameter for each property of a query. Arrays are repeated: `tag=a&tag=b`. */
export function queryParameters(query: TObject | undefined): readonly Json[] {
  if (!query) return [];
  const required = new Set(query.required ?? []);
  return Object.entries(query.properties).map(([name, schema]: [string, TSchema]) => ({
    name,
    in: 'query',
    ...(required.has(name) && { required: true }),
    ...(schema.description !== undefined && { description: schema.description }),
    schema: referTo(schema),
  }));
}
