import { relative, resolve } from 'node:path';
import { findCi, findWorkspace } from '../frame/ci.js';
import type { ErrorReport } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';
import type { ShownDiagnostic, ShownFinding } from './diagnostics.js';

/** What an annotation needs of a finding; one without a line is about a whole file or run. */
export type Annotated = Pick<ShownDiagnostic, 'severity' | 'code' | 'message'> &
  Partial<Pick<ShownDiagnostic, 'file' | 'line' | 'column' | 'endLine' | 'endColumn' | 'hint'>>;

/** GitHub shows ten of each level for a step; more are kept for those who read the log. */
const MAX_ANNOTATIONS = 100;

/**
 * Workflow commands of GitHub Actions, a line each: `::error file=…,line=…,col=…,title=code::message`. The runner decodes what
 * its rules escape, so that no text can end its command or begin another one.
 */
export function renderAnnotations(diagnostics: readonly Annotated[]): string {
  return diagnostics.slice(0, MAX_ANNOTATIONS).map(renderAnnotation).join('\n');
}

/** What of the outside world says where findings are. */
export interface JobPlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** In a job, findings are about files of the repository, wherever in it the command runs. */
export function fromRoot<D extends { readonly file: string }>(
  diagnostics: readonly D[],
  { env, cwd }: JobPlace,
): readonly D[] {
  const root = findWorkspace(env);
  if (root === undefined) return diagnostics;
  const below = relative(root, cwd);
  if (below === '' || below.startsWith('..')) return diagnostics;
  const prefix = below.replaceAll('\\', '/');
  return diagnostics.map((each) =>
    each.file.startsWith('/') ? each : { ...each, file: `${prefix}/${each.file}` },
  );
}

/** The annotations of what failed, in a job of GitHub Actions; empty anywhere else. */
export function annotateInJob(diagnostics: readonly ShownFinding[], place: JobPlace): string {
  return findCi(place.env) === 'github' ? renderAnnotations(fromRoot(diagnostics, place)) : '';
}

/** Lines of its evidence that the annotation of an error has. */
const MAX_EVIDENCE = 10;

/** The same for an error, at the file of the project that its message names. What it says of findings stands at those. */
export function annotateError(
  { code, message, evidence, help, diagnostics }: ErrorReport,
  place: JobPlace,
): string {
  if (diagnostics.length > 0) return annotateInJob(diagnostics, place);
  if (findCi(place.env) !== 'github') return '';
  const lines = [message, ...evidence.slice(0, MAX_EVIDENCE), ...help.map((line) => `help: ${line}`)];
  return renderAnnotation({
    severity: 'error',
    code,
    message: lines.map(printable).join('\n'),
    ...(findPlace(message, place) ?? findPolicy(code, place)),
  });
}

type Place = Pick<Annotated, 'file' | 'line' | 'column'>;

/** A file of the project, or one with the line that speaks: a rule of a policy stands in a file of any name. */
const PLACE =
  /(?:^|[ (])([^\s:(]*(?:sheaf\.(?:toml|lock)(?=[\s:),]|$)|\.toml(?=:\d|\))))(?::(\d+)(?::(\d+))?)?/;

function findPlace(message: string, place: JobPlace): Place | undefined {
  const [, named, line, column] = PLACE.exec(message) ?? [];
  const file = named === undefined ? undefined : findInRepository(named, place);
  if (file === undefined) return undefined;
  return {
    file,
    ...(line === undefined ? {} : { line: Number(line) }),
    ...(column === undefined ? {} : { column: Number(column) }),
  };
}

/** Where a rule that is missing would stand, when the job brings its policy along. */
function findPolicy(code: string, place: JobPlace): Place | undefined {
  const policy = place.env['SHEAF_TRUST_POLICY'] ?? '';
  if (code !== 'publisher.not_allowed' || policy === '') return undefined;
  const file = findInRepository(policy, place);
  return file === undefined ? undefined : { file };
}

function findInRepository(path: string, { env, cwd }: JobPlace): string | undefined {
  const file = relative(findWorkspace(env) ?? cwd, resolve(cwd, path)).replaceAll('\\', '/');
  return file.startsWith('..') ? undefined : file;
}

function renderAnnotation(diagnostic: Annotated): string {
  const { severity, code, message, file, line, column, endLine, endColumn, hint } = diagnostic;
  // An end column is only taken for one line.
  const isOneLine = endLine === undefined || endLine === line;
  const properties = Object.entries({
    file,
    line,
    endLine,
    col: column,
    endColumn: isOneLine ? endColumn : undefined,
    title: code,
  })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  const text = hint === undefined ? message : `${message}\nhelp: ${hint}`;
  return `::${severity} ${properties.join(',')}::${escapeData(text)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
