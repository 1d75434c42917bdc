import { listDiagnosticRules, type Diagnostic } from '@sheaf/workflow';
import type { Input } from '../frame/args.js';
import { defineCommand, omit, type Rendered } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { findNear } from '../frame/suggest.js';
import type { ValidateJson } from '../json/validate.js';
import { annotateInJob, fromRoot, renderAnnotations } from '../output/annotations.js';
import { renderValidated, type Validated, type ValidatedFile } from '../output/validated.js';
import { isTestFile, listTestFiles } from '../testing/list-tests.js';
import type { TestFile } from '../testing/find-tests.js';
import { withLocked } from '../uses/with-locked.js';
import { isAddress } from '../workflow/address.js';
import { OVERLAY_FLAGS, readOverlayFlags, type Overlaying } from '../workflow/overlays.js';
import {
  readAddress,
  isValid,
  readPipedSource,
  readSource,
  readSources,
  textsOf,
  type WorkflowSource,
} from '../workflow/source.js';

/** Longest definition, in bytes, that is read from a pipe. */
const MAX_PIPED = 1_048_576;

type Format = 'human' | 'github' | 'sarif';

interface Checked extends Validated {
  readonly format: Format;
  /** Findings for another program. */
  readonly report: string;
}

export const command = defineCommand<Checked | Explained, ValidateJson>({
  name: 'validate',
  about: 'Check a definition, the files it names and the tests beside it; say what is wrong and where.',
  positionals: { names: ['PATH'], required: 0, more: true, completes: ['file'] },
  flags: [
    {
      name: 'format',
      value: 'FORMAT',
      values: ['human', 'github', 'sarif'],
      summary: 'how findings are told: for people, as annotations of GitHub, or as SARIF 2.1.0',
    },
    {
      name: 'stdin-name',
      value: 'NAME',
      summary: 'what the definition of the path `-` is called: workflow.toml, or a name in .yaml',
    },
    ...OVERLAY_FLAGS,
    { name: 'explain', value: 'CODE', summary: 'say what a code stands for, and what to do' },
  ],
  examples: ['sheaf validate', 'sheaf validate workflows --format sarif > sheaf.sarif'],
  exitCodes: [0, 4, 7],
  run: async (context, input) => {
    const explained = input.get('explain');
    if (explained !== undefined) return { data: explain(explained) };
    const format = formatOf(context, input);
    const read = await readAll(context, input);
    const sources = await Promise.all(read.map((source) => withLocked(context, source)));
    const tests = await readTestFiles(context, input, sources);
    const files = [...sources.map(describe), ...tests.map(describeTests)];
    const diagnostics = [...sources, ...tests].flatMap((each) => each.diagnostics);
    const isJob = format === 'human' && !input.has('format');
    const rooted = fromRoot(diagnostics, context);
    const [first] = files;
    const valid = files.every((each) => each.valid);
    const data: Checked = {
      ...(sources.length === 1 ? first : {}),
      valid,
      file: first?.file ?? '',
      errors: sum(files, 'errors'),
      warnings: sum(files, 'warnings'),
      files,
      diagnostics,
      sources: new Map([
        ...sources.flatMap((source) => [...textsOf(source)]),
        ...tests.map(({ shownFile, text }) => [shownFile, text] as const),
      ]),
      annotations: isJob ? annotateInJob(diagnostics, context) : '',
      format,
      report: await renderReport(format, rooted, context.version),
    };
    return { data, exitCode: valid ? 0 : 7 };
  },
  toJson: (data) => ('summary' in data ? data : omit(data, 'sources', 'annotations', 'format', 'report')),
  render: (data, look) => {
    if ('summary' in data) return renderExplained(data);
    return data.format === 'human' ? renderValidated(data, look) : { answer: data.report, isReport: true };
  },
});

async function readAll(context: Context, input: Input): Promise<readonly WorkflowSource[]> {
  const given = input.positionals.length === 0 ? ['.'] : input.positionals;
  const paths = given.filter((path) => !isTestFile(path));
  const piped = paths.filter((path) => path === '-').length;
  if (piped === 0 && input.has('stdin-name')) {
    throw new CliError('usage.conflicting_flags', '--stdin-name goes with the path `-`', {
      hint: 'sheaf validate - --stdin-name workflow.yaml < FILE',
    });
  }
  if (piped > 1) {
    throw new CliError('usage.repeated_argument', 'stdin can be read once', { hint: 'name `-` once' });
  }
  const overlaying = readOverlayFlags(input);
  if (piped > 0) assertFiles(overlaying);
  const found = new Map<string, WorkflowSource>();
  for (const path of paths) {
    const sources =
      path === '-'
        ? [readPipedSource(await context.readStdin(MAX_PIPED), input.get('stdin-name') ?? 'workflow.toml')]
        : isAddress(path)
          ? [await readAddress(path, context.cwd, overlaying)]
          : input.positionals.length === 0
            ? [await readSource(path, context.cwd, overlaying)]
            : await readSources(path, context.cwd, overlaying);
    for (const source of sources) found.set(source.shownFile, source);
  }
  return [...found.values()];
}

/** The test files that are named, and those beside definitions that are right. */
async function readTestFiles(
  context: Context,
  input: Input,
  sources: readonly WorkflowSource[],
): Promise<readonly TestFile[]> {
  const named = input.positionals.filter(isTestFile);
  const own = sources.filter(({ dir, overlays }) => dir !== '' && overlays.length === 0);
  const names = await Promise.all(own.map(({ dir }) => listTestFiles(dir)));
  if (named.length === 0 && names.every((each) => each.length === 0)) return [];
  const { findTests, readTestsBeside } = await import('../testing/find-tests.js');
  const found = new Map<string, TestFile>();
  const beside = await Promise.all(
    own.flatMap((source) => (isValid(source) ? [readTestsBeside(source, context.cwd)] : [])),
  );
  for (const file of beside.flat()) found.set(file.shownFile, file);
  if (named.length > 0) {
    for (const file of await findTests(named, context.cwd)) found.set(file.shownFile, file);
  }
  return [...found.values()];
}

function describeTests({ shownFile, tests, diagnostics }: TestFile): ValidatedFile {
  const errors = diagnostics.filter((each) => each.severity === 'error').length;
  const warnings = diagnostics.length - errors;
  return { valid: errors === 0, file: shownFile, testCount: tests.length, errors, warnings };
}

function assertFiles(overlaying: Overlaying | undefined): void {
  if (overlaying === undefined) return;
  throw new CliError('usage.conflicting_flags', '--overlay and --set go with a file or a folder', {
    hint: 'name the file of the definition',
  });
}

function describe({ shownFile, definition, diagnostics }: WorkflowSource): ValidatedFile {
  const errors = diagnostics.filter((each) => each.severity === 'error').length;
  return {
    valid: definition !== undefined,
    file: shownFile,
    ...(definition === undefined
      ? {}
      : { id: definition.id, version: definition.version, stepCount: Object.keys(definition.steps).length }),
    errors,
    warnings: diagnostics.length - errors,
  };
}

function sum(files: readonly ValidatedFile[], what: 'errors' | 'warnings'): number {
  return files.reduce((total, each) => total + each[what], 0);
}

function formatOf(context: Context, input: Input): Format {
  const format = input.get('format');
  if (format === undefined || format === 'human') return 'human';
  if (context.json) {
    throw new CliError(
      'usage.conflicting_flags',
      `--json and --format ${format} are two forms of one answer`,
      {
        hint: `sheaf validate --format ${format}`,
      },
    );
  }
  return format === 'sarif' ? 'sarif' : 'github';
}

async function renderReport(
  format: Format,
  diagnostics: readonly Diagnostic[],
  version: string,
): Promise<string> {
  if (format === 'github') return renderAnnotations(diagnostics);
  if (format === 'human') return '';
  const { renderSarif } = await import('../output/sarif.js');
  return renderSarif(diagnostics, version);
}

/** A code, explained. */
interface Explained {
  readonly code: string;
  readonly summary: string;
  readonly hint: string;
}

function explain(code: string): Explained {
  const rules = listDiagnosticRules();
  const rule = rules.find((each) => each.code === code);
  if (rule !== undefined) return rule;
  const near = findNear(
    code,
    rules.map((each) => each.code),
  );
  throw new CliError('usage.unknown_code', `no finding has the code ${code}`, {
    hint:
      near === undefined
        ? `errors of other kinds: sheaf help ${/^[a-z_.]{1,60}$/.test(code) ? code : 'CODE'}`
        : `did you mean sheaf validate --explain ${near}`,
  });
}

function renderExplained({ code, summary, hint }: Explained): Rendered {
  return { answer: `${code}\n  ${summary}.\n  help: ${hint}` };
}
