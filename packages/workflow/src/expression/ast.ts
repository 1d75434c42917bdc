import type { SourceRange } from '../source/tree.js';

/** Binary operators, without `&&` and `||`, whose operands are not always both evaluated. */
export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '<' | '<=' | '>' | '>=' | '==' | '!=' | 'in';

/** Syntax tree of an expression. Every node knows the range it was read from. */
export type Expression = SourceRange &
  (
    | { readonly kind: 'literal'; readonly value: null | boolean | bigint | number | string }
    | { readonly kind: 'name'; readonly name: string }
    | {
        readonly kind: 'member';
        readonly object: Expression;
        readonly name: string;
        readonly nameRange: SourceRange;
      }
    | { readonly kind: 'index'; readonly object: Expression; readonly index: Expression }
    | {
        readonly kind: 'call';
        readonly name: string;
        readonly nameRange: SourceRange;
        /** The value before the dot, for a method. */
        readonly target?: Expression;
        readonly args: readonly Expression[];
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
  );
