import { createPlan, readDefinition, type WorkflowDefinition } from '@sheaf/workflow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeRunner } from '../testing/fake-runner.js';
import { runInMemory } from '../testing/run-plan.js';

const CONDITIONS = [
  undefined,
  undefined,
  'true',
  '1 > 2',
  '1 / 0 == 1',
  'params.flag',
  '[1, 2].exists(x, x > 2)',
  'READ.status == "succeeded"',
];
const VALUES = [
  undefined,
  undefined,
  '1 + 1',
  '[1][3]',
  "int('x')",
  'params.flag ? 1 : 1 / 0',
  'READ.status',
];
const LISTS = [undefined, undefined, undefined, '[]', '[1, 2]', '[1 / 0]', 'params.list', "'a,b'.split(',')"];

/** How one step is written; what it reads or needs is one of the steps before it. */
const written = fc.record({
  needs: fc.array(fc.nat(), { maxLength: 2 }),
  read: fc.nat(),
  when: fc.constantFrom(...CONDITIONS),
  env: fc.constantFrom(...VALUES),
  foreach: fc.constantFrom(...LISTS),
  goesOn: fc.boolean(),
  inner: fc.nat({ max: 5 }),
});
type Written = typeof written extends fc.Arbitrary<infer W> ? W : never;

/** A definition of steps beside each other, some of which hold the ones that follow. */
function write(steps: readonly Written[]): string {
  const lines = ['id = "acme/flow"', 'version = "1.0.0"', '[permissions]', 'exec = ["true"]'];
  lines.push('[parameters]', 'flag = { type = "boolean" }', 'list = { type = "json" }', '[steps]');
  const put = (from: number, to: number, path: string): void => {
    const before: string[] = [];
    for (let at = from; at < to;) {
      const step = steps[at];
      if (step === undefined) return;
      const id = `s${at}`;
      const pick = (index: number): string | undefined => before[index % before.length];
      const read = pick(step.read);
      const give = (text: string): string | undefined =>
        text.includes('READ') && read === undefined
          ? undefined
          : text.replaceAll('READ', `steps.${read ?? ''}`);
      const held = step.inner < 3 ? Math.min(step.inner, to - at - 1) : 0;
      const when = step.when === undefined ? undefined : give(step.when);
      const env = step.env === undefined ? undefined : give(step.env);
      const needs = [...new Set(step.needs.flatMap((need) => pick(need) ?? []))];
      lines.push(`[${path}.${id}]`, `needs = ${JSON.stringify(needs)}`);
      if (when !== undefined) lines.push(`when = ${JSON.stringify(`\${{ ${when} }}`)}`);
      if (step.foreach !== undefined) lines.push(`foreach = ${JSON.stringify(`\${{ ${step.foreach} }}`)}`);
      if (step.goesOn) lines.push('on_failure = "continue"');
      if (held === 0) {
        lines.push('run = "true"');
        if (env !== undefined) lines.push(`env = { A = ${JSON.stringify(`\${{ ${env} }}`)} }`);
      } else {
        if (step.foreach === undefined) lines.push('parallel = true');
        put(at + 1, at + 1 + held, `${path}.${id}.${step.foreach === undefined ? 'steps' : 'do'}`);
      }
      before.push(id);
      at += 1 + held;
    }
  };
  put(0, steps.length, 'steps');
  return lines.join('\n');
}

/** The ids in a path, without the places in loops. */
function idsOf(path: string): readonly string[] {
  return path.split('.').map((part) => part.replace(/\[.*/, ''));
}

type Told = 'never runs' | 'always fails';

/** What is said of steps: that they never run, or always fail. */
function toldOf(text: string): {
  readonly definition: WorkflowDefinition | undefined;
  readonly told: ReadonlyMap<string, Told>;
} {
  const { definition, diagnostics } = readDefinition({ text, file: 'workflow.toml' });
  const told = diagnostics.flatMap(({ message }) => {
    const [, step = '', what] = /^step `(s\d+)` (never runs|always fails)/.exec(message) ?? [];
    return step === '' ? [] : [[step, what as Told] as const];
  });
  return { definition, told: new Map(told) };
}

describe('a step of which validation says', () => {
  it('that it never runs or always fails, does so whatever becomes of the others', async () => {
    const seen = { 'never runs': 0, 'always fails': 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(written, { minLength: 1, maxLength: 9 }),
        fc.boolean(),
        fc.array(fc.integer(), { maxLength: 2 }),
        fc.nat({ max: 1023 }),
        async (steps, flag, list, failing) => {
          const { definition, told } = toldOf(write(steps));
          fc.pre(definition !== undefined);
          const plan = createPlan(definition, { flag, list });
          const runner = fakeRunner(({ step }) => {
            const id = idsOf(step).at(-1) ?? '';
            return { exitCode: (failing >> Number(id.slice(1))) & 1 };
          });
          const { state } = await runInMemory(plan, runner);
          for (const [path, { status }] of state.steps) {
            const what = told.get(idsOf(path).at(-1) ?? '');
            if (what !== undefined) seen[what] += 1;
            if (what === 'always fails') expect([path, status]).not.toEqual([path, 'succeeded']);
          }
          for (const { step } of runner.started) {
            expect(idsOf(step).map((id) => told.get(id))).not.toContain('never runs');
            expect(told.get(idsOf(step).at(-1) ?? '')).not.toBe('always fails');
          }
        },
      ),
      { numRuns: 500 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
  });
});
