import type { SourceRange } from '../source/tree.js';
import type { CelBytes, CelUint } from './value.js';

/** Binary operators, without `&&` and `||`, whose operands are not always both evaluated. */
export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '<' | '<=' | '>' | '>=' | '==' | '!=' | 'in';

/** What can be written down as it is. */
export type Literal = null | boolean | bigint | number | string | CelUint | CelBytes;

/** The macros that go through a list or the keys of a map; the last three are those of CEL's two-variable comprehensions. */
export type Macro =
  'all' | 'exists' | 'exists_one' | 'map' | 'filter' | 'transformList' | 'transformMap' | 'transformMapEntry';

/** A name that a macro gives to what it goes through. */
export type Variable = SourceRange & { readonly name: string };

/** `a.b`; in a chain of names alone, `path` is all of it, for names that hold dots. */
export type Member = SourceRange & {
  readonly kind: 'member';
  readonly object: Expression;
  readonly name: string;
  readonly nameRange: SourceRange;
  readonly path?: string;
};

export type Index = SourceRange & {
  readonly kind: 'index';
  readonly object: Expression;
  readonly index: Expression;
};

/** A call. What stands before the dot is the target of a method; names like `math.abs` are one name. */
export type Call = SourceRange & {
  readonly kind: 'call';
  readonly name: string;
  readonly nameRange: SourceRange;
  readonly target?: Expression;
  readonly args: readonly Expression[];
};

/** `target.map(x, filter, body)` and the like. With two variables the first is the place or the key, the second the value. */
export type Comprehension = SourceRange & {
  readonly kind: 'comprehension';
  readonly macro: Macro;
  readonly target: Expression;
  readonly variables: readonly [Variable] | readonly [Variable, Variable];
  readonly filter?: Expression;
  readonly body: Expression;
};

/** Syntax tree of an expression. Every node knows the range it was read from. */
export type Expression =
  | Member
  | Index
  | Call
  | Comprehension
  | (SourceRange &
      (
        | { readonly kind: 'literal'; readonly value: Literal }
        /** With `isRoot`, written `.name`: not a variable of a macro. */
        | { readonly kind: 'name'; readonly name: string; readonly isRoot?: true }
        /** `has(a.b)`: is there a field b? */
        | { readonly kind: 'has'; readonly field: Member | Index }
        /** `cel.bind(variable, value, body)` */
        | {
            readonly kind: 'bind';
            readonly variable: Variable;
            readonly value: Expression;
            readonly body: Expression;
          }
        | { readonly kind: 'unary'; readonly operator: '!' | '-'; readonly operand: Expression }
        | {
            readonly kind: 'binary';
            readonly operator: BinaryOperator;
            readonly left: Expression;
            readonly right: Expression;
          }
        | {
            readonly kind: 'logical';
            readonly operator: '&&' | '||';
            readonly left: Expression;
            readonly right: Expression;
          }
        | {
            readonly kind: 'conditional';
            readonly test: Expression;
            readonly yes: Expression;
            readonly no: Expression;
          }
        | { readonly kind: 'list'; readonly items: readonly Expression[] }
        | {
            readonly kind: 'map';
            readonly entries: readonly { readonly key: Expression; readonly value: Expression }[];
          }
      ));

/** The nodes right under one. */
export function childrenOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'literal':
    case 'name':
      return [];
    case 'member':
      return [node.object];
    case 'index':
      return [node.object, node.index];
    case 'has':
      return [node.field];
    case 'call':
      return node.target === undefined ? node.args : [node.target, ...node.args];
    case 'comprehension':
      return [node.target, ...(node.filter === undefined ? [] : [node.filter]), node.body];
    case 'bind':
      return [node.value, node.body];
    case 'unary':
      return [node.operand];
    case 'binary':
    case 'logical':
      return [node.left, node.right];
    case 'conditional':
      return [node.test, node.yes, node.no];
    case 'list':
      return node.items;
    case 'map':
      return node.entries.flatMap(({ key, value }) => [key, value]);
  }
}
