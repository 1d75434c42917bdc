import type { Diagnostic } from '@sheaf/workflow';
import type { Look, Rendered } from '../frame/command.js';
import { printable } from '../terminal/escape.js';
import { plural } from '../terminal/text.js';
import { renderDiagnostics } from './diagnostics.js';
import { renderError } from './error.js';

/** What was found out about one definition. */
export interface ValidatedFile {
  readonly valid: boolean;
  readonly file: string;
  readonly id?: string;
  readonly version?: string;
  readonly stepCount?: number;
  /** Of a file with tests. */
  readonly testCount?: number;
  readonly errors: number;
  readonly warnings: number;
}

/** What was found out about all definitions; of a single one, also what it is. */
export interface Validated extends ValidatedFile {
  readonly files: readonly ValidatedFile[];
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, string>;
  /** For a job of GitHub Actions, which reads this; otherwise empty. */
  readonly annotations: string;
}

/** The findings, and a line for each definition without errors. The verdict on all comes last where there is an error. */
export function renderValidated(data: Validated, { style, talkStyle, talkColumns }: Look): Rendered {
  const found = renderDiagnostics(data.diagnostics, talkStyle, data.sources, talkColumns);
  const { annotations } = data;
  const failed = data.files.filter(({ valid }) => !valid);
  const answer = data.files
    .filter(({ valid }) => valid)
    .map(({ file, id = '', version = '', stepCount = 0, testCount, warnings }) =>
      testCount === undefined
        ? `${style.green('valid')} ${id} ${version} · ${plural(stepCount, 'step')}${countWarnings(warnings)}`
        : `${style.green('valid')} ${printable(file)} · ${plural(testCount, 'test')}${countWarnings(warnings)}`,
    )
    .join('\n');
  if (failed.length === 0) return { talk: found, marks: annotations, answer };
  const [first] = failed;
  const report = {
    code: failed.every(({ testCount }) => testCount !== undefined) ? 'test.invalid' : 'definition.invalid',
    message:
      data.files.length === 1 && first !== undefined
        ? `${first.file} has ${plural(first.errors, 'error')}${countWarnings(first.warnings)}`
        : `${failed.length} of ${plural(data.files.length, data.files.some(({ testCount }) => testCount !== undefined) ? 'file' : 'definition')} ${failed.length === 1 ? 'has' : 'have'} errors`,
    evidence:
      data.files.length === 1 ? [] : failed.map(({ file, errors }) => `${file}  ${plural(errors, 'error')}`),
    help: [],
  };
  const verdict = renderError(report, talkStyle);
  // Where some are valid, their lines stand before the verdict, which is read last.
  return answer === ''
    ? { talk: [found, verdict].filter((part) => part !== '').join('\n'), marks: annotations }
    : { talk: found, marks: annotations, answer, epilogue: verdict };
}

function countWarnings(warnings: number): string {
  return warnings === 0 ? '' : ` · ${plural(warnings, 'warning')}`;
}
