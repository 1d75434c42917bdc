import { HINTS } from './hints.js';
import { buildDefinition } from './build.js';
import type { Diagnostic } from './diagnostics.js';
import type { JsonValue, WorkflowDefinition } from './model.js';
import { checkSchema, findMeant, isTable } from './schema/check.js';
import { definitionSchema } from './schema/definition-schema.js';
import { createLines } from './source/lines.js';
import { readToml } from './source/toml.js';
import {
  toPointer,
  type Finding,
  type Path,
  type ReadSource,
  type SourceProblem,
  type SourceRange,
  type SourceTree,
} from './source/tree.js';
import { readYaml } from './source/yaml.js';
import { validateDefinition, type ValidationContext } from './validate/validate.js';

/** Largest definition file, in UTF-16 units; a bundle also bounds its bytes. */
const MAX_SOURCE_LENGTH = 1_048_576;
const MAX_DIAGNOSTICS = 200;
const MAX_PLACED = 1000;
const MAX_POINTER_LENGTH = 4096;
const MAX_RELATED = 12;
/** A definition has fewer keys than this; each is compared with those that there are. */
const MAX_REPAIRED = 100;

/**
 * Reads and validates a definition: TOML 1.0, or YAML 1.2 (core, no anchors or tags) for a file named .yaml or .yml. `context.files` are
 * paths relative to the definition, with `/`; when they are given, globs and the files that steps name are checked against them. With
 * `context.workflows` what the workflows of [dependencies] take, give and ask for is checked too.
 * Never throws for bad input: `definition` is there exactly when no diagnostic is an error. Diagnostics come in the order of the file, at most 200.
 */
export function readDefinition(
  source: { readonly text: string; readonly file: string },
  context: ValidationContext = {},
): { readonly definition?: WorkflowDefinition; readonly diagnostics: readonly Diagnostic[] } {
  const { text, file } = source;
  if (text.length > MAX_SOURCE_LENGTH) {
    const message = 'the definition is larger than 1 MiB';
    const code = 'syntax.too_large';
    return {
      diagnostics: [{ severity: 'error', code, message, hint: HINTS[code], file, line: 1, column: 1 }],
    };
  }
  const read = /\.ya?ml$/i.test(file) ? readYaml(text) : readToml(text);
  const { definition, findings } = validate(read, context);
  const diagnostics = placeAll(source, read, findings);
  const isValid = definition !== undefined && diagnostics.every(({ severity }) => severity === 'warning');
  return { ...(isValid ? { definition } : {}), diagnostics };
}

/** What is found to be unused only where all could be read. */
const UNUSED: ReadonlySet<string> = new Set([
  'parameter.unused',
  'input.unused',
  'action.unused',
  'dependency.unused',
]);

function validate(
  read: ReadSource,
  context: ValidationContext,
): { readonly definition?: WorkflowDefinition; readonly findings: readonly Finding[] } {
  if (read.tree === undefined || read.problems.length > 0) return { findings: read.findings };
  const data = read.tree.value;
  const shape = [...read.findings, ...checkSchema(definitionSchema, data)];
  if (!isTable(data)) return { findings: shape };
  const { meant, repaired } = repairKeys(data);
  const definition = buildDefinition(repaired);
  const told = new Set(
    shape.map((finding) => findPointer(finding.path)).filter((each) => each !== undefined),
  );
  const rest = keepMost(validateDefinition(definition, repaired, context)).filter(({ path }) => {
    const pointer = findPointer(path);
    return !meant.has(String(path[0])) && (pointer === undefined || !told.has(pointer));
  });
  const all = [...shape, ...rest];
  // What is not read yet may be what an error is about.
  const isBroken = all.some((finding) => finding.severity === undefined);
  return { definition, findings: isBroken ? all.filter(({ code }) => !UNUSED.has(code)) : all };
}

/**
 * The data as it was most likely meant: a table under a mistyped key, `step`, is there under the right one, so that what names its
 * entries is not told as well. What is wrong within such a table is told once its key is right.
 */
function repairKeys(data: Readonly<Record<string, JsonValue>>): {
  readonly meant: ReadonlySet<string>;
  readonly repaired: Readonly<Record<string, JsonValue>>;
} {
  const meant = new Set<string>();
  const repaired = Object.assign(Object.create(null), data) as Record<string, JsonValue>;
  for (const key of Object.keys(data).slice(0, MAX_REPAIRED)) {
    const right = findMeant(definitionSchema, key);
    if (right === undefined || Object.hasOwn(repaired, right)) continue;
    meant.add(right);
    repaired[right] = data[key] ?? null;
  }
  return meant.size === 0 ? { meant, repaired: data } : { meant, repaired };
}

/** Undefined for a path that no valid definition has: one long key would be written out for each finding below it. */
function findPointer(path: Path): string | undefined {
  const length = path.reduce((sum: number, part) => sum + String(part).length, 0);
  return length > MAX_POINTER_LENGTH ? undefined : toPointer(path);
}

function pointerOf(path: Path): { readonly pointer?: string } {
  const pointer = findPointer(path);
  return pointer === undefined ? {} : { pointer };
}

/** More are not worth placing. Errors are kept before warnings, because they make the definition invalid. */
function keepMost(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= MAX_PLACED) return findings;
  const isError = (finding: Finding) => finding.severity === undefined;
  return [...findings.filter(isError), ...findings.filter((finding) => !isError(finding))].slice(
    0,
    MAX_PLACED,
  );
}

function placeAll(
  source: { readonly text: string; readonly file: string },
  read: ReadSource,
  findings: readonly Finding[],
): readonly Diagnostic[] {
  if (read.problems.length + findings.length === 0) return [];
  const lines = createLines(source.text);
  const place = (range: SourceRange) => {
    const start = lines.positionAt(range.start);
    const end = lines.positionAt(range.end);
    return { file: source.file, ...start, endLine: end.line, endColumn: end.column };
  };
  const relate = (places: readonly { readonly range: SourceRange; readonly label: string }[]) =>
    places.length === 0
      ? {}
      : {
          related: places.slice(0, MAX_RELATED).map(({ range, label }) => {
            const { line, column, endLine, endColumn } = place(range);
            return { line, column, endLine, endColumn, label };
          }),
        };
  const problems = read.problems.map(({ range, related = [], ...problem }: SourceProblem): Diagnostic => ({
    severity: 'error',
    ...problem,
    hint: problem.hint ?? HINTS[problem.code],
    ...place(range),
    ...relate(related),
  }));
  const placed = findings.map((finding): Diagnostic => ({
    severity: finding.severity ?? 'error',
    code: finding.code,
    message: finding.message,
    hint: finding.hint ?? HINTS[finding.code],
    ...(finding.label === undefined ? {} : { label: finding.label }),
    ...(finding.note === undefined ? {} : { note: finding.note }),
    ...place(rangeOf(read.tree, finding)),
    ...relate(
      (finding.related ?? []).map((each) => ({ range: rangeOf(read.tree, each), label: each.label })),
    ),
    ...pointerOf(finding.path),
  }));
  const all = [...problems, ...placed].sort((a, b) => a.line - b.line || a.column - b.column);
  return all.length <= MAX_DIAGNOSTICS ? all : cut(all);
}

/** The place of a finding, or the nearest place around it that is known. */
function rangeOf(
  tree: SourceTree | undefined,
  finding: Pick<Finding, 'path' | 'at' | 'within'>,
): SourceRange {
  if (tree === undefined) return { start: 0, end: 0 };
  const exact = tree.locate(finding.path);
  if (exact === undefined) {
    for (let length = finding.path.length - 1; length > 0; length--) {
      const around = tree.locate(finding.path.slice(0, length));
      if (around !== undefined) return around.key ?? around.value;
    }
    return { start: 0, end: 0 };
  }
  if (finding.at === 'key') return exact.key ?? exact.value;
  if (finding.within === undefined) return exact.value;
  const start = exact.offsetOf(finding.within.start);
  const end = exact.offsetOf(finding.within.end);
  return start === undefined ? exact.value : { start, end: Math.max(start, end ?? start) };
}

function cut(all: readonly Diagnostic[]): readonly Diagnostic[] {
  // What makes the definition invalid must survive the cut.
  const ordered = [
    ...all.filter((d) => d.severity === 'error'),
    ...all.filter((d) => d.severity === 'warning'),
  ];
  const kept = ordered.slice(0, MAX_DIAGNOSTICS - 1);
  const last = kept.at(-1);
  if (last === undefined) return kept;
  const { file, line, column } = last;
  const message = 'there are more problems than are shown';
  const code = 'diagnostics.limit';
  return [...kept, { severity: last.severity, code, message, hint: HINTS[code], file, line, column }];
}
