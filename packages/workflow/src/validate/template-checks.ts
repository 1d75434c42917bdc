import { WorkflowError } from '../errors.js';
import type { Expression } from '../expression/ast.js';
import { checkExpression } from '../expression/check/check.js';
import type { References } from '../expression/check/context.js';
import { findSoleExpression, parseTemplate, type Segment } from '../expression/segments.js';
import { DYN, nameOf, STRING, type CelType, type RecordType } from '../expression/types.js';
import { MAX_FINDINGS, type Finding, type Path } from '../source/tree.js';
import { definitionOf } from './related.js';
import { holdsSecret, secretLeaves } from './secrets.js';

/** What all checks of a definition's templates share. */
export interface TemplateCheck {
  /** Is the place only evaluated under a condition, which may ask for what may not be there? */
  isConditional: boolean;
  /** Bounds what literal patterns may take. */
  readonly patterns: { remaining: number };
  readonly findings: Finding[];
}

/** Checks each expression of a text, and says what the text evaluates to. A secret in it is a finding unless it may be there. */
export function checkText(
  template: string,
  path: Path,
  names: RecordType,
  references: References,
  check: TemplateCheck,
  mayHoldSecret = false,
): CelType {
  const segments = readSegments(template, path, check);
  if (segments === undefined) return DYN;
  const before = check.findings.length;
  let type: CelType = STRING;
  for (const segment of segments) {
    if (segment.kind === 'text' || check.findings.length >= MAX_FINDINGS) continue;
    const { expression } = segment;
    const found = inferType(expression, path, names, references, check);
    if (!mayHoldSecret && holdsSecret(found)) {
      check.findings.push(secretLeaves(path, { start: expression.start, end: expression.end }));
    }
    if (segments.length === 1) type = found;
  }
  return check.findings.length > before ? DYN : type;
}

/** Checks a text that must be one expression which is true or false. */
export function checkCondition(
  template: string,
  path: Path,
  names: RecordType,
  references: References,
  check: TemplateCheck,
): void {
  const found = checkSole(template, path, names, references, check);
  if (found === undefined || isOneOf(found.type, ['bool', 'dyn'])) return;
  tellType(found, path, `${keyOf(path)} must be true or false`, check, {
    hint: found.type.kind === 'string' ? "compare it, as in … != ''" : 'compare it, as in … > 0',
  });
}

/** Checks a text that must be one expression which gives a list, and says what its items are. */
export function checkList(
  template: string,
  path: Path,
  names: RecordType,
  references: References,
  check: TemplateCheck,
): CelType {
  const found = checkSole(template, path, names, references, check);
  if (found === undefined) return DYN;
  if (found.type.kind === 'list') return found.type.item;
  if (found.type.kind !== 'dyn') {
    const hint = found.type.kind === 'string' ? "make one of it, as in ….split('\\n')" : 'give a list';
    tellType(found, path, `${keyOf(path)} must be a list`, check, { hint });
  }
  return DYN;
}

/** Checks a text that must be one expression which is a number. */
export function checkSeconds(
  template: string,
  path: Path,
  names: RecordType,
  references: References,
  check: TemplateCheck,
): void {
  const found = checkSole(template, path, names, references, check);
  if (found === undefined || isOneOf(found.type, ['int', 'double', 'dyn'])) return;
  tellType(found, path, `${keyOf(path)} must be a number`, check, {
    hint: 'convert it with int() or double()',
  });
}

interface Sole {
  readonly type: CelType;
  readonly expression: Expression;
}

/** The type of the one expression that a text is; undefined, with a finding, when it is not one or is wrong in itself. */
function checkSole(
  template: string,
  path: Path,
  names: RecordType,
  references: References,
  check: TemplateCheck,
): Sole | undefined {
  const segments = readSegments(template, path, check);
  if (segments === undefined) return undefined;
  const expression = findSoleExpression(segments);
  if (expression === undefined) {
    const isSeveral = template.includes('${{');
    check.findings.push({
      code: 'expression.syntax',
      message: `${keyOf(path)} must be one expression in \${{ }} and nothing else`,
      label: isSeveral ? 'more than one expression' : 'no expression',
      hint: isSeveral ? 'put it all into one ${{ … }}' : 'write it as ${{ … }}',
      path,
    });
    // What it reads is known all the same.
    for (const segment of segments) {
      if (segment.kind === 'expression') inferType(segment.expression, path, names, references, check);
    }
    return undefined;
  }
  const before = check.findings.length;
  const type = inferType(expression, path, names, references, check);
  if (holdsSecret(type)) {
    check.findings.push(secretLeaves(path, { start: expression.start, end: expression.end }));
  }
  return check.findings.length > before ? undefined : { type, expression };
}

function inferType(
  expression: Expression,
  path: Path,
  names: RecordType,
  references: References,
  check: TemplateCheck,
): CelType {
  const { type, problems } = checkExpression(expression, names, references, check.patterns);
  for (const { range, near, ...problem } of problems) {
    if (check.isConditional && problem.code === 'expression.optional') continue;
    const related = near === undefined ? {} : { related: [definitionOf(near)] };
    check.findings.push({ ...problem, path, within: range, ...related });
  }
  return type;
}

function readSegments(template: string, path: Path, check: TemplateCheck): readonly Segment[] | undefined {
  if (!template.includes('${{')) return template === '' ? [] : [{ kind: 'text', text: template }];
  try {
    return parseTemplate(template);
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    check.findings.push({
      code: error.code === 'expression.too_long' ? 'expression.too_long' : 'expression.syntax',
      message: error.message,
      path,
      within: error.range ?? { start: 0, end: template.length },
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
    return undefined;
  }
}

function tellType(
  { type, expression }: Sole,
  path: Path,
  message: string,
  check: TemplateCheck,
  { hint }: { readonly hint: string },
): void {
  check.findings.push({
    code: 'expression.type',
    message: `${message}, not ${nameOf(type)}`,
    label: `this is ${nameOf(type)}`,
    hint,
    path,
    within: { start: expression.start, end: expression.end },
  });
}

function isOneOf(type: CelType, kinds: readonly CelType['kind'][]): boolean {
  return kinds.includes(type.kind);
}

function keyOf(path: Path): string {
  return String(path.at(-1));
}
