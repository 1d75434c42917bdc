import type { Diagnostic } from '@sheaf/workflow';
import { resolve } from 'node:path';
import { assertReplaceable, replaceFile } from '../config/replace-file.js';
import { defineCommand, omit } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { TestJson } from '../json/test.js';
import { annotateInJob } from '../output/annotations.js';
import { findingsOf, renderTested, type TestReport } from '../output/tested.js';
import { plural } from '../terminal/text.js';
import { holdRun } from '../policy/hold-run.js';
import { findTests, type TestFile } from '../testing/find-tests.js';
import { runTests } from '../testing/run-tests.js';

export const command = defineCommand<TestReport, TestJson>({
  name: 'test',
  about:
    'Run the tests beside a workflow, *.test.toml: steps do what their mocks say, and time passes at once.',
  positionals: { names: ['PATH'], required: 0, more: true, completes: ['file'] },
  flags: [
    { name: 'filter', value: 'TEXT', summary: 'only tests with this in their names' },
    {
      name: 'junit',
      value: 'FILE',
      completes: 'file',
      summary: 'write the tests as test cases to an XML file',
    },
  ],
  examples: ['sheaf test', 'sheaf test workflows --filter retry --junit tests.xml'],
  exitCodes: [0, 2, 3, 4, 7, 8],
  run: async (context, input) => {
    const junit = await readJunitPath(context, input.get('junit'));
    const files = await findTests(input.positionals, context.cwd);
    const diagnostics = files.flatMap((file) => file.diagnostics);
    assertRight(files, diagnostics);
    const filter = input.get('filter')?.toLowerCase();
    const isChosen = ({ name }: { readonly name: string }): boolean =>
      filter === undefined || name.toLowerCase().includes(filter);
    if (!files.some(({ tests }) => tests.some(isChosen))) throw notFound(files, input.get('filter'));
    // Steps that are not mocked do their work as those of a folder of one's own do.
    await holdRun(context, {
      kind: 'local',
      subjects: [],
      chosen: { profile: 'permissive' },
      usual: { profile: 'permissive', by: 'default' },
    });
    const { files: tested, uncovered } = await runTests(context, files, isChosen);
    const cases = tested.flatMap(({ tests }) => tests);
    const failed = cases.filter(({ passed }) => !passed).length;
    const sources = new Map(files.map(({ shownFile, text }) => [shownFile, text]));
    const data: TestReport = {
      passed: cases.length - failed,
      failed,
      files: tested,
      uncovered,
      diagnostics,
      annotations: annotateInJob(tested.flatMap(findingsOf), context),
      sources,
    };
    if (junit !== undefined) {
      const { renderTestedJunit } = await import('../output/tested-junit.js');
      await replaceFile(junit, renderTestedJunit(data));
    }
    return { data, exitCode: failed === 0 ? 0 : 8 };
  },
  toJson: (data) => omit(data, 'sources', 'annotations'),
  render: renderTested,
});

function assertRight(files: readonly TestFile[], diagnostics: readonly Diagnostic[]): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return;
  const names = new Set(errors.map(({ file }) => file));
  const where = names.size === 1 ? `${first.file} has` : `${plural(names.size, 'test file')} have`;
  throw new CliError('test.invalid', `${where} ${plural(errors.length, 'error')}; no test was run`, {
    hint: 'correct them, and run sheaf test again',
    diagnostics,
    sources: new Map(files.map(({ shownFile, text }) => [shownFile, text])),
  });
}

function notFound(files: readonly TestFile[], filter: string | undefined): CliError {
  const count = files.reduce((sum, { tests }) => sum + tests.length, 0);
  if (filter !== undefined && count > 0) {
    return new CliError(
      'test.not_found',
      `none of ${plural(count, 'test')} has ${JSON.stringify(filter)} in its name`,
      {
        hint: 'sheaf test  runs them all',
      },
    );
  }
  return new CliError('test.not_found', 'there are no tests beside the workflow', {
    hint: ['write some, in workflow.test.toml beside workflow.toml', 'how: docs/guides/test-workflows.md'],
  });
}

/** Found out before anything runs: afterwards it would be too late to choose another place. */
async function readJunitPath(context: Context, given: string | undefined): Promise<string | undefined> {
  if (given === undefined) return undefined;
  const path = resolve(context.cwd, given);
  try {
    await assertReplaceable(path);
    return path;
  } catch (error) {
    throw new CliError('report.unwritable', `--junit ${given} cannot be written`, {
      hint: 'name a file in a folder that is there',
      cause: error,
    });
  }
}
