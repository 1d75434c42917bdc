import { printable } from './text.js';

/** One finding about a definition. `line` and `column` are 1-based; columns count UTF-16 units. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Stable dotted code, as listed in {@link DiagnosticCode}. */
  readonly code: DiagnosticCode;
  /** One line, lower case, no final full stop; safe to print. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine?: number;
  readonly endColumn?: number;
  /** What the marked text is, in a few words. */
  readonly label?: string;
  /** Why it is so, where the message is not enough. */
  readonly note?: string;
  /** Other places of the same file that the finding is about, in the order in which they are worth reading; at most 12. */
  readonly related?: readonly RelatedPlace[];
  /** JSON pointer (RFC 6901) into the definition. */
  readonly pointer?: string;
}

/** A place that belongs to a finding; all numbers are 1-based. */
export interface RelatedPlace {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** What is to be seen there, in a few words. */
  readonly label: string;
}

/** Codes of {@link Diagnostic}; stable, never reused for another meaning. */
export type DiagnosticCode =
  | 'syntax.toml'
  | 'syntax.yaml'
  | 'syntax.too_large'
  | 'syntax.too_deep'
  | 'key.duplicate'
  | 'key.missing'
  | 'key.unknown'
  | 'feature.unsupported'
  | 'value.type'
  | 'value.invalid'
  | 'value.range'
  | 'value.date'
  | 'name.invalid'
  | 'version.invalid'
  | 'license.invalid'
  | 'homepage.invalid'
  | 'timeout.invalid'
  | 'glob.invalid'
  | 'bundle.glob_unmatched'
  | 'bundle.too_complex'
  | 'bundle.version_control'
  | 'bundle.file_missing'
  | 'requirement.invalid'
  | 'dependency.range'
  | 'dependency.self'
  | 'text.character'
  | 'env.invalid'
  | 'env.reserved'
  | 'parameter.conflict'
  | 'parameter.default'
  | 'parameter.option'
  | 'parameter.pattern'
  | 'parameter.unused'
  | 'permission.exec_missing'
  | 'permission.network_missing'
  | 'step.bodies'
  | 'step.cycle'
  | 'step.need_duplicate'
  | 'step.need_unknown'
  | 'step.unknown'
  | 'run.templated'
  | 'reference.unknown'
  | 'reference.self'
  | 'expression.syntax'
  | 'expression.type'
  | 'expression.unknown'
  | 'expression.pattern'
  | 'expression.secret'
  | 'expression.optional'
  | 'expression.too_long'
  | 'step.option'
  | 'step.depth'
  | 'step.shadowed'
  | 'step.fails'
  | 'step.unreachable'
  | 'loop.name'
  | 'retry.invalid'
  | 'wait.invalid'
  | 'action.unknown'
  | 'action.ambiguous'
  | 'action.nested'
  | 'action.unused'
  | 'action.deprecated'
  | 'input.unknown'
  | 'input.missing'
  | 'input.type'
  | 'input.unused'
  | 'dependency.unused'
  | 'permission.read_missing'
  | 'permission.write_missing'
  | 'permission.workflow'
  | 'artifact.path'
  | 'artifact.duplicate'
  | 'trigger.cron'
  | 'trigger.duplicate'
  | 'trigger.none'
  | 'trigger.parameter'
  | 'expression.constant'
  | 'overlay.remove'
  | 'diagnostics.limit';

/** `file:line:col code message`, the related places, the note, and the hint on a last line. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, code, message, hint } = diagnostic;
  const mark = diagnostic.severity === 'warning' ? 'warning ' : '';
  const first = `${printable(file, 1000)}:${line}:${column} ${mark}${code} ${message}`;
  const { related = [], note, label } = diagnostic;
  return [
    first,
    ...(label === undefined ? [] : [`  label: ${label}`]),
    ...related.map((place) => `  ${place.line}:${place.column} ${place.label}`),
    ...(note === undefined ? [] : [`  note: ${note}`]),
    `  hint: ${hint}`,
  ].join('\n');
}
