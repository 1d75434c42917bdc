import { PROBLEMS, type ProblemCode } from '@sheaf/client/contract';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRoutes } from '../../src/routes/index.js';
import { toTemplate } from '../../src/openapi/parameters.js';
import { problemsOf } from '../../src/openapi/problems.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { call } from '../support/upload.js';
import { compareApiPage } from './api-page.js';

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>;
}

interface Pattern {
  readonly pattern: string;
  readonly description?: string;
  readonly examples?: readonly string[];
}

function patternsIn(value: unknown): readonly Pattern[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = typeof (value as Partial<Pattern>).pattern === 'string' ? [value as Pattern] : [];
  return [...own, ...Object.values(value).flatMap(patternsIn)];
}

let registry: TestRegistry;
let document: Document;
beforeAll(async () => {
  registry = await startTestRegistry();
  document = (await call(registry, '/openapi.json')).json as unknown as Document;
});
afterAll(() => registry.close());

describe('the description of the API', () => {
  test('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate({ ...document });
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    expect(document.openapi).toBe('3.1.0');
  });

  test('is refused by the validator when an operation lacks its answers', async () => {
    const broken = structuredClone(document) as { paths: Record<string, Record<string, unknown>> };
    broken.paths['/healthz'] = { get: { operationId: 7 } };
    expect((await new Validator().validate(broken)).valid).toBe(false);
  });

  test('holds every route, each under an id of its own', () => {
    const routes = createRoutes(registry.deps);
    const ids = routes.map(({ method, path }) => document.paths[toTemplate(path)]?.[method]?.operationId);
    expect(ids).toEqual(routes.map(({ operation }) => operation.id));
    expect(new Set(ids).size).toBe(routes.length);
  });

  test('names every problem that there is in some operation, but for requests that none is for', () => {
    const routes = createRoutes(registry.deps);
    const named = new Set(routes.flatMap(({ method, operation }) => problemsOf(method, operation)));
    const nowhere = (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => !named.has(code));
    expect(nowhere.sort()).toEqual(['route.method_not_allowed', 'route.not_found']);
  });

  test('says of every pattern that a caller must keep to what it means', () => {
    const schemas = createRoutes(registry.deps).flatMap(({ operation: { id, query, request } }) =>
      [query, request?.schema].map((schema) => [id, schema] as const),
    );
    const patterns = schemas.flatMap(([id, schema]) => patternsIn(schema).map((found) => ({ id, ...found })));
    expect(patterns.length).toBeGreaterThan(8);
    for (const { id, pattern, description, examples = [] } of patterns) {
      expect(description ?? examples[0], `${id}: ${pattern}`).toBeDefined();
      for (const example of examples) expect(example, id).toMatch(new RegExp(pattern, 'u'));
    }
  });

  test('refers only to what it holds', () => {
    const text = JSON.stringify(document);
    for (const [, pointer = ''] of text.matchAll(/"\$ref":"#([^"]+)"/g)) {
      const target = pointer
        .split('/')
        .slice(1)
        .reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], document);
      expect(target, pointer).toBeDefined();
    }
  });

  test('is rendered once and revalidated', async () => {
    const first = await call(registry, '/openapi.json');
    const again = await call(registry, '/openapi.json', {
      headers: { 'If-None-Match': first.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
  });
});

test('every operation stands on the page for people', async () => {
  const { expected, actual } = await compareApiPage(createRoutes(registry.deps));
  expect(actual, 'run UPDATE_DOCS=1 npx vitest run --project registry openapi').toBe(expected);
});
