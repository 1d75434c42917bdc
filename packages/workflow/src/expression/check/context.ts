import type { Path, SourceRange } from '../../source/tree.js';
import type { Expression } from '../ast.js';
import { kindOf, nameOf, DYN, type CelType, type RecordType } from '../types.js';

/** Something that is wrong with an expression whatever its values are. The range is one in the template. */
export interface ExpressionProblem {
  readonly code:
    | 'reference.unknown'
    | 'step.unknown'
    | 'expression.unknown'
    | 'expression.type'
    | 'expression.pattern'
    | 'expression.secret'
    | 'expression.optional';
  /** Set where the expression may be right all the same. */
  readonly severity?: 'warning';
  readonly message: string;
  readonly hint?: string;
  /** What the marked text is, in a few words. */
  readonly label?: string;
  readonly range: SourceRange;
  /** The mistyped name, where several uses of it are one mistake. */
  readonly about?: string;
  /** What was most likely meant: the path of its declaration. */
  readonly near?: Path;
}

/** What an expression reads. */
export interface References {
  readonly parameters: Set<string>;
  /** By step id, the place of the first that reads it, in the template. */
  readonly steps: Map<string, SourceRange>;
  /** Does it read parameters by names that are not in its text? */
  readsAnyParameter: boolean;
}

/** A variable of a macro, and those around it. */
export interface LocalType {
  readonly name: string;
  readonly type: CelType;
  readonly outer: LocalType | undefined;
}

/** One expression that is being checked. */
export interface Check {
  readonly names: RecordType;
  readonly references: References;
  readonly patterns: { remaining: number };
  readonly problems: ExpressionProblem[];
  /** Type of a part. */
  readonly infer: (node: Expression) => CelType;
  local: LocalType | undefined;
  /** Fields, as text, that are there where the part is evaluated. */
  proven: ReadonlySet<string>;
}

/** Type of a part that something is made of, which a secret may not be. */
export function inferOperand(node: Expression, check: Check): CelType {
  const type = check.infer(node);
  if (type.secret !== true) return type;
  report(check, 'expression.secret', 'a secret can only be handed on as it is', node, {
    label: 'a secret',
    hint: 'hand it to a step in env, or to an input that is declared secret',
  });
  return DYN;
}

/** Reports a part that is no condition. */
export function expectBool(node: Expression, operator: string, check: Check): void {
  const type = inferOperand(node, check);
  if (isOneOf(type, ['bool', 'dyn'])) return;
  report(check, 'expression.type', `${operator} needs true or false, not ${nameOf(type)}`, node);
}

export function isOneOf(type: CelType, kinds: readonly CelType['kind'][]): boolean {
  return kinds.includes(kindOf(type));
}

/** Runs something with a variable, and takes it away again. */
export function withLocal<T>(check: Check, local: LocalType, run: () => T): T {
  const before = check.local;
  check.local = local;
  const result = run();
  check.local = before;
  return result;
}

export function report(
  check: Check,
  code: ExpressionProblem['code'],
  message: string,
  range: SourceRange,
  extra: {
    readonly severity?: 'warning';
    readonly hint?: string | undefined;
    readonly label?: string | undefined;
    readonly near?: Path;
    readonly about?: string;
  } = {},
): void {
  check.problems.push({
    code,
    ...(extra.severity === undefined ? {} : { severity: extra.severity }),
    message,
    range: { start: range.start, end: range.end },
    ...(extra.hint === undefined ? {} : { hint: extra.hint }),
    ...(extra.label === undefined ? {} : { label: extra.label }),
    ...(extra.near === undefined ? {} : { near: extra.near }),
    ...(extra.about === undefined ? {} : { about: extra.about }),
  });
}
