import type { Diagnostic } from '@sheaf/workflow';
import type { Look, Rendered } from '../frame/command.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import type { Style } from '../terminal/style.js';
import { plural } from '../terminal/text.js';
import type { PlacedFailure, Tested, TestedFile } from '../testing/run-tests.js';
import { renderDiagnostics, type ShownFinding } from './diagnostics.js';
import { renderError } from './error.js';
import { diffValues } from './value-diff.js';

/** What came of the tests. */
export interface TestReport extends Tested {
  readonly passed: number;
  readonly failed: number;
  readonly diagnostics: readonly Diagnostic[];
  /** For a job of GitHub Actions, which reads this; otherwise empty. */
  readonly annotations: string;
  /** The texts of the test files. */
  readonly sources: ReadonlyMap<string, string>;
}

/** A line for each test; what failed, with its place; the verdict last. */
export function renderTested(data: TestReport, { style, talkStyle, talkColumns }: Look): Rendered {
  const lines = data.files.flatMap(({ file, tests }) => [
    style.bold(printable(file)),
    ...tests.map(
      ({ name, passed }) =>
        `  ${passed ? style.green('ok') : style.red('FAIL')}${passed ? '  ' : ''}  ${printable(name)}`,
    ),
  ]);
  const uncovered = data.uncovered.map(
    ({ workflow, steps }) => `no test runs ${listNames(steps)} of ${workflow}`,
  );
  const found = renderDiagnostics(data.diagnostics, talkStyle, data.sources, talkColumns);
  if (data.failed === 0) {
    return {
      talk: found,
      answer: [...lines, ...uncovered, `${plural(data.passed, 'test')} passed`].join('\n'),
    };
  }
  const blocks = data.files.flatMap(({ tests }) =>
    tests.flatMap(({ name, failures }) =>
      failures.map((failure) => renderFailure(name, failure, talkStyle, data.sources, talkColumns)),
    ),
  );
  const count = data.passed + data.failed;
  const verdict = renderError(
    {
      code: 'test.failed',
      message: `${data.failed} of ${plural(count, 'test')} failed`,
      evidence: [],
      help: rerunOf(data),
    },
    talkStyle,
  );
  return {
    talk: found,
    marks: data.annotations,
    answer: [...lines, ...uncovered].join('\n'),
    epilogue: [...blocks, verdict].join('\n'),
  };
}

/** What failed, as findings. */
export function findingsOf({ tests }: TestedFile): readonly ShownFinding[] {
  return tests.flatMap(({ name, failures }) =>
    failures.map((failure) => ({
      ...failure,
      severity: 'error' as const,
      code: 'test.expected',
      message: `${name}: ${failure.message}`,
    })),
  );
}

function rerunOf({ files }: TestReport): readonly string[] {
  const file = files.find(({ tests }) => tests.some(({ passed }) => !passed));
  const test = file?.tests.find(({ passed }) => !passed);
  if (file === undefined || test === undefined) return [];
  return [`run one alone: sheaf test ${shellWord(file.file)} --filter ${shellWord(test.name)}`];
}

function renderFailure(
  name: string,
  failure: PlacedFailure,
  style: Style,
  sources: TestReport['sources'],
  columns: number | undefined,
): string {
  const { expected, got, message, note, hint, file, line, column, endLine, endColumn } = failure;
  const place = { file, line, column, endLine, endColumn };
  const shown = renderDiagnostics(
    [
      {
        severity: 'error',
        code: 'test.expected',
        message,
        ...place,
        ...(isNamed(failure, name, sources) ? {} : { label: name }),
        ...(hint === undefined ? {} : { hint }),
        ...(note === undefined ? {} : { note }),
      },
    ],
    style,
    sources,
    columns,
  );
  if (expected === undefined || got === undefined) return shown;
  const difference = diffValues(expected, got);
  if (difference.length === 0) return shown;
  const painted = difference.map(({ sign, text }) => {
    const whole = `    ${sign} ${printable(text)}`;
    return sign === '-' ? style.red(whole) : sign === '+' ? style.green(whole) : whole;
  });
  return [shown, '    - expected', '    + got', ...painted].join('\n');
}

/** The marked text has the name of the test, which need not stand beside it again. */
function isNamed({ file, line }: PlacedFailure, name: string, sources: TestReport['sources']): boolean {
  return sources.get(file)?.split('\n')[line - 1]?.includes(name) === true;
}

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => `\`${printable(name)}\``);
  const rest = names.length - shown.length;
  return rest === 0 ? shown.join(', ') : `${shown.join(', ')} and ${rest} more`;
}
