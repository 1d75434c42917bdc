import type { TSchema } from '@sinclair/typebox';
import { describe, expect, it } from 'vitest';
import { DOCUMENTS } from './json-documents.js';

interface Field {
  /** Such as `run.steps[].id`. */
  readonly path: string;
  readonly name: string;
  readonly schema: TSchema;
}

/** Documents only ever grow, so what all of them keep to is kept from the first version on. */
describe('the documents', () => {
  const fields = [...DOCUMENTS.values()].flatMap(({ name, body }) => fieldsOf(body, name));

  it('call what is yes or no by the bare word', () => {
    expect(pathsOf(({ name }) => /^(?:is|has)[A-Z]/.test(name))).toEqual([]);
  });

  it('say "whether" of nothing but what is yes or no', () => {
    expect(
      pathsOf(({ schema }) => schema['type'] !== 'boolean' && /^whether\b/.test(schema.description ?? '')),
    ).toEqual([]);
  });

  it('give every time in RFC 3339, and call nothing else at', () => {
    expect(
      pathsOf(({ name, schema }) => /^at$|[a-z]At$/.test(name) && schema['format'] !== 'date-time'),
    ).toEqual([]);
  });

  it('have one shape for one name, where a document is one of several', () => {
    const mixed = [...DOCUMENTS.values()].flatMap(({ name, body }) => {
      const kinds = new Map<string, Set<string>>();
      for (const variant of variantsOf(body))
        for (const [field, schema] of propertiesOf(variant))
          kinds.set(field, (kinds.get(field) ?? new Set()).add(kindOf(schema)));
      return [...kinds].flatMap(([field, seen]) => (seen.size > 1 ? [`${name}: ${field}`] : []));
    });
    expect(mixed).toEqual([]);
  });

  it('have the same shape for what several of them call alike', () => {
    const top = [...DOCUMENTS.values()].flatMap(({ body }) => variantsOf(body).flatMap(propertiesOf));
    for (const shared of [
      'steps',
      'files',
      'channels',
      'lockWritten',
      'dryRun',
      'removedBytes',
      'help',
      'hint',
    ])
      expect([
        shared,
        new Set(top.filter(([name]) => name === shared).map(([, schema]) => kindOf(schema))).size,
      ]).toEqual([shared, 1]);
  });

  function pathsOf(isWrong: (field: Field) => boolean): readonly string[] {
    return fields.filter(isWrong).map(({ path }) => path);
  }
});

function fieldsOf(schema: TSchema, path: string): readonly Field[] {
  return [
    ...propertiesOf(schema).flatMap(([name, inner]) => [
      { path: `${path}.${name}`, name, schema: inner },
      ...fieldsOf(inner, `${path}.${name}`),
    ]),
    ...(schema['items'] === undefined || Array.isArray(schema['items'])
      ? []
      : fieldsOf(schema['items'] as TSchema, `${path}[]`)),
    ...variantsOf(schema).flatMap((variant) => (variant === schema ? [] : fieldsOf(variant, path))),
  ];
}

function variantsOf(schema: TSchema): readonly TSchema[] {
  return (schema['anyOf'] as readonly TSchema[] | undefined) ?? [schema];
}

function propertiesOf(schema: TSchema): readonly (readonly [string, TSchema])[] {
  return Object.entries((schema['properties'] as Readonly<Record<string, TSchema>> | undefined) ?? {});
}

/** A closed list of words is text, as each of them is. */
function kindOf(schema: TSchema): string {
  const [first] = variantsOf(schema);
  return String(first?.['type']);
}
