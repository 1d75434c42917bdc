import { Type } from '@sinclair/typebox';
import { describe, expect, it } from 'vitest';

/** The calls that make schemas, with whatever builders. */
type Builders = typeof Type;

const BUILDERS = new URL('../build-typebox-builders.mjs', import.meta.url).href;

const cases: readonly ((build: Builders) => object)[] = [
  (b) =>
    b.Object({ a: b.String(), b: b.Optional(b.Integer({ minimum: 0 })) }, { additionalProperties: false }),
  (b) => b.Object({}, { description: 'nothing', additionalProperties: true }),
  (b) => b.Object({ only: b.Optional(b.Null()) }),
  (b) => b.Array(b.Union([b.Literal('x'), b.Literal(1), b.Null()]), { minItems: 1, maxItems: 4 }),
  (b) => b.Tuple([b.String({ pattern: '^a$' }), b.Boolean()]),
  (b) => b.Record(b.String(), b.Unknown()),
  (b) => b.Record(b.String({ pattern: '^[a-z]$' }), b.Number(), { additionalProperties: false }),
  (b) => b.Composite([b.Object({ a: b.Optional(b.String()) }), b.Object({ b: b.Boolean() })]),
  (b) => b.Unsafe<object>(b.Object({}, { description: 'anything' })),
  (b) => b.Optional(b.Object({ a: b.Array(b.String({ maxLength: 3 })) })),
];

describe('the builders of schemas in the bundles', () => {
  it('make what those of TypeBox make, members and symbols in the same order', async () => {
    const ofBundles = (await import(BUILDERS)) as Builders;
    for (const make of cases) {
      const [ours, theirs] = [make(ofBundles), make(Type)];
      expect(ours).toStrictEqual(theirs);
      expect(JSON.stringify(ours)).toBe(JSON.stringify(theirs));
    }
  });
});
