import { testWorkflow, type EngineTools, type TestFailure } from '@sheaf/engine';
import { nameSteps, type TestPlace, type WorkflowTest } from '@sheaf/workflow';
import type { Context } from '../frame/context.js';
import { engineTools } from '../tools/project-tools.js';
import { surroundingsOf, type TestFile } from './find-tests.js';

/** What is not as a test expects it, and where the test says so. */
export interface PlacedFailure extends Omit<TestFailure, 'path' | 'at'>, TestPlace {
  readonly file: string;
}

export interface TestedCase {
  readonly name: string;
  readonly passed: boolean;
  /** How the run ended that the test is about. */
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  /** In the time of the test. */
  readonly durationMs: number;
  readonly failures: readonly PlacedFailure[];
}

export interface TestedFile {
  readonly file: string;
  readonly workflow: string;
  readonly tests: readonly TestedCase[];
}

/** The tests of all files, and the steps that none of them ran. */
export interface Tested {
  readonly files: readonly TestedFile[];
  /** By workflow; where all tests of it ran. */
  readonly uncovered: readonly { readonly workflow: string; readonly steps: readonly string[] }[];
}

/** Runs the tests that are chosen, one after the other. */
export async function runTests(
  context: Context,
  files: readonly TestFile[],
  isChosen: (test: WorkflowTest) => boolean,
): Promise<Tested> {
  const ran = new Map<string, Set<string>>();
  const tested: TestedFile[] = [];
  const tools = new Map<string, EngineTools>();
  for (const file of files) {
    const { source, shownFile } = file;
    const chosen = file.tests.filter(isChosen);
    if (chosen.length === 0) continue;
    const offered = tools.get(source.dir) ?? (await engineTools(context, source.dir));
    tools.set(source.dir, offered);
    const steps = ran.get(source.dir) ?? new Set<string>();
    ran.set(source.dir, steps);
    const tests: TestedCase[] = [];
    for (const test of chosen) {
      context.signal.throwIfAborted();
      const { passed, status, durationMs, failures, ran } = await testWorkflow(source.definition, test, {
        ...surroundingsOf(source),
        bundleDir: source.dir,
        environment: context.env,
        tools: offered,
        signal: context.signal,
      });
      // What was cut short has not failed.
      context.signal.throwIfAborted();
      for (const name of ran) steps.add(name);
      tests.push({
        name: test.name,
        passed,
        status,
        durationMs,
        failures: failures.map(({ path, at, ...failure }) => ({
          ...failure,
          file: shownFile,
          ...file.placeOf(path, at),
        })),
      });
    }
    tested.push({ file: shownFile, workflow: source.definition.id, tests });
  }
  return { files: tested, uncovered: findUncovered(files, ran, isChosen) };
}

function findUncovered(
  files: readonly TestFile[],
  ran: ReadonlyMap<string, ReadonlySet<string>>,
  isChosen: (test: WorkflowTest) => boolean,
): Tested['uncovered'] {
  const sources = new Map(files.map(({ source }) => [source.dir, source] as const));
  return [...sources.values()].flatMap(({ dir, definition }) => {
    const isWhole = files.every((file) => file.source.dir !== dir || file.tests.every(isChosen));
    const steps = [...nameSteps(definition).keys()].filter((name) => ran.get(dir)?.has(name) !== true);
    return isWhole && steps.length > 0 ? [{ workflow: definition.id, steps }] : [];
  });
}
