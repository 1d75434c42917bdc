import { checkForm, checkInputs, findManifestProblems, type JsonValue } from '@sheaf/workflow';

import type { Action } from '../actions/action.js';
import { testAction, type TestWorld } from './test-action.js';

/** A run of the action that must succeed, to be looked at. */
export interface ConformanceExample {
  readonly inputs: Readonly<Record<string, JsonValue>>;
  readonly world?: TestWorld;
}

/**
 * Says in what an action breaks the promises of its port, as sentences; none is what an author wants. Looks at the manifest, runs
 * each example, checks what it gives back against the manifest, and that it ends soon when it is told to.
 */
export async function findConformanceProblems(
  action: Action,
  examples: readonly ConformanceExample[],
): Promise<readonly string[]> {
  const problems = [...findManifestProblems(action.manifest)];
  if (examples.length === 0) problems.push('there is no example to run');
  const under = testAction(action);
  for (const [index, { inputs, world }] of examples.entries()) {
    const name = `example ${index + 1}`;
    problems.push(
      ...checkInputs(action.manifest, inputs).problems.map((problem) => `${name}: ${problem.message}`),
    );
    const { outputs, error } = await under.run(inputs, world);
    if (error !== undefined) problems.push(`${name} failed: ${error.code} ${error.message}`);
    else problems.push(...findOutputProblems(action, outputs).map((problem) => `${name}: ${problem}`));
    if (!(await endsWhenTold(action, inputs, world)))
      problems.push(`${name} goes on after it was told to end`);
  }
  return problems;
}

function findOutputProblems(action: Action, outputs: Readonly<Record<string, JsonValue>>): readonly string[] {
  const { outputs: declared, otherOutputs } = action.manifest;
  const problems: string[] = [];
  for (const [name, form] of Object.entries(declared)) {
    const value = outputs[name];
    const problem = value === undefined ? { message: 'is not there' } : checkForm(form, value);
    if (problem !== undefined) problems.push(`the output ${name} ${problem.message}`);
  }
  for (const name of Object.keys(outputs)) {
    if (!Object.hasOwn(declared, name) && otherOutputs === undefined)
      problems.push(`the output ${name} is not declared`);
  }
  return problems;
}

const PATIENCE_MS = 2_000;

/** Runs it with a signal that says end from the start: it may fail or succeed, and must not wait. */
async function endsWhenTold(
  action: Action,
  inputs: Readonly<Record<string, JsonValue>>,
  world: TestWorld = {},
): Promise<boolean> {
  const run = testAction(action).run(inputs, { ...world, signal: AbortSignal.abort() });
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, false);
  });
  const ended = await Promise.race([run.then(() => true), patience]);
  clearTimeout(timer);
  return ended;
}
