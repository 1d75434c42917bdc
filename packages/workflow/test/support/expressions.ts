import fc from 'fast-check';

import type { Call, Comprehension, Expression, Literal, Macro } from '../../src/expression/ast.js';
import { FUNCTIONS } from '../../src/expression/functions/table.js';

const AT = { start: 0, end: 0 };
const RESERVED =
  /^(?:true|false|null|in|as|if|for|let|var|has|cel|else|loop|void|break|const|while|return|import)$/;

const name = fc
  .oneof(
    fc.constantFrom('params', 'steps', 'x', 'y', 'math', 'int'),
    fc.stringMatching(/^[a-z_][a-zA-Z0-9_]{0,5}$/),
  )
  .filter((text) => !RESERVED.test(text));
const field = fc.oneof(
  name,
  fc.stringMatching(/^[a-z][a-z./ -]{0,5}[a-z]$/),
  fc.constantFrom('package', '__proto__'),
);
const variable = name.map((text) => ({ name: text, ...AT }));
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }).filter((candidate) => !/\p{Surrogate}/u.test(candidate)),
  fc.constantFrom('}}', '${{', '"', "'", '\\', '\n', 'a.*', '1s', '2026-01-31T12:00:00Z', 'e\u0301😀'),
);

const literal: fc.Arbitrary<Literal> = fc.oneof(
  fc.constantFrom<Literal>(null, true, false),
  fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  fc.constant(-(2n ** 63n)),
  fc.nat(9).map(BigInt),
  fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  text,
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => ({ kind: 'uint' as const, value })),
  fc.uint8Array({ maxLength: 4 }).map((value) => ({ kind: 'bytes' as const, value })),
);

const SHAPES: readonly (readonly [macro: Macro, variables: 1 | 2, filters: boolean])[] = [
  ['all', 1, false],
  ['exists', 1, false],
  ['exists_one', 1, false],
  ['map', 1, true],
  ['filter', 1, false],
  ['all', 2, false],
  ['exists', 2, false],
  ['exists_one', 2, false],
  ['transformList', 2, true],
  ['transformMap', 2, true],
  ['transformMapEntry', 2, true],
];

/** Functions by how they are called: with a namespace or alone, and as methods. */
const ALONE = [...FUNCTIONS].filter(([, overloads]) => overloads.some(({ target }) => target === undefined));
const METHODS = [...FUNCTIONS].filter(([, overloads]) =>
  overloads.some(({ target }) => target !== undefined),
);

/** Any syntax tree that can be written down. Ranges are all 0, and chains of names have no `path`. */
export const anyExpression: fc.Arbitrary<Expression> = fc.letrec<{ node: Expression; target: Expression }>(
  (tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      literal.map((value): Expression => ({ kind: 'literal', value, ...AT })),
      fc.oneof(
        name.map((found): Expression => ({ kind: 'name', name: found, ...AT })),
        name.map((found): Expression => ({ kind: 'name', name: found, isRoot: true, ...AT })),
      ),
      tie('target'),
      fc
        .record({ operator: fc.constantFrom('!' as const, '-' as const), operand: tie('node') })
        .map((node): Expression => ({ kind: 'unary', ...node, ...AT })),
      fc
        .record({
          operator: fc.constantFrom('+', '-', '*', '/', '%', '<', '<=', '>', '>=', '==', '!=', 'in' as const),
          left: tie('node'),
          right: tie('node'),
        })
        .map((node): Expression => ({ kind: 'binary', ...node, ...AT })),
      fc
        .record({
          operator: fc.constantFrom('&&' as const, '||' as const),
          left: tie('node'),
          right: tie('node'),
        })
        .map((node): Expression => ({ kind: 'logical', ...node, ...AT })),
      fc
        .record({ test: tie('node'), yes: tie('node'), no: tie('node') })
        .map((node): Expression => ({ kind: 'conditional', ...node, ...AT })),
    ),
    target: fc.oneof(
      { depthSize: 'small' },
      name.map((found): Expression => ({ kind: 'name', name: found, ...AT })),
      fc
        .record({ object: tie('target'), name: field })
        .map((node): Expression => ({ kind: 'member', ...node, nameRange: AT, ...AT })),
      fc
        .record({ object: tie('node'), index: tie('node') })
        .map((node): Expression => ({ kind: 'index', ...node, ...AT })),
      fc.record({ object: tie('node'), name: field }).map(({ object, name: found }): Expression => {
        const member = { kind: 'member' as const, object, name: found, nameRange: AT, ...AT };
        return { kind: 'has', field: member, ...AT };
      }),
      fc
        .record({ variable, value: tie('node'), body: tie('node') })
        .map((node): Expression => ({ kind: 'bind', ...node, ...AT })),
      fc.array(tie('node'), { maxLength: 3 }).map((items): Expression => ({ kind: 'list', items, ...AT })),
      fc
        .array(fc.record({ key: tie('node'), value: tie('node') }), { maxLength: 3 })
        .map((entries): Expression => ({ kind: 'map', entries, ...AT })),
      fc
        .record({ found: fc.constantFrom(...ALONE), args: fc.array(tie('node'), { maxLength: 3 }) })
        .map(({ found, args }): Call => ({ kind: 'call', name: found[0], nameRange: AT, args, ...AT })),
      fc
        .record({
          found: fc.constantFrom(...METHODS),
          target: tie('target').filter(({ kind }) => kind !== 'name'),
          args: fc.array(tie('node'), { maxLength: 2 }),
        })
        .map(({ found, target, args }): Call => ({
          kind: 'call',
          name: found[0],
          nameRange: AT,
          target,
          args,
          ...AT,
        })),
      fc
        .record({
          shape: fc.constantFrom(...SHAPES),
          target: tie('target'),
          names: fc.uniqueArray(name, { minLength: 2, maxLength: 2 }),
          filter: fc.option(tie('node'), { nil: undefined }),
          body: tie('node'),
        })
        .map(
          ({
            shape: [macro, count, filters],
            target,
            names: [a = 'a', b = 'b'],
            filter,
            body,
          }): Comprehension => {
            const first = { name: a, ...AT };
            return {
              kind: 'comprehension',
              macro,
              target,
              variables: count === 1 ? [first] : [first, { name: b, ...AT }],
              ...(filters && filter !== undefined ? { filter } : {}),
              body,
              ...AT,
            };
          },
        ),
    ),
  }),
).node;

/** An expression as {@link anyExpression} makes them: without what is told by the text alone. */
export function withoutPlaces(node: unknown): unknown {
  if (node instanceof Uint8Array) return [...node];
  if (Array.isArray(node)) return node.map(withoutPlaces);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).filter(
    ([key]) => !['start', 'end', 'nameRange', 'path'].includes(key),
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutPlaces(value)]));
}
