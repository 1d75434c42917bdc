import { parseVersion, parseWorkflowId, type Plan, type PlanStep, type Shell } from '@sheaf/workflow';

/** A step with what a test does not care about filled in. */
export function testStep(
  id: string,
  step: Partial<Omit<PlanStep, 'id'>> & { readonly run?: string; readonly shell?: Shell } = {},
): PlanStep {
  const { run = 'true', shell = 'bash', ...rest } = step;
  return { id, needs: [], env: {}, onFailure: 'fail', work: { kind: 'shell', run, shell }, ...rest };
}

/** A plan with what a test does not care about filled in. */
export function testPlan(
  steps: readonly PlanStep[],
  rest: Partial<Omit<Plan, 'schema' | 'workflow' | 'steps'>> = {},
): Plan {
  return {
    schema: 'sheaf.plan/1',
    workflow: { id: parseWorkflowId('acme/test'), version: parseVersion('1.0.0') },
    permissions: { network: [], exec: [], read: [], write: [], secrets: [] },
    requirements: { tools: [] },
    parameters: {},
    steps,
    outputs: {},
    artifacts: {},
    catch: [],
    workflows: {},
    ...rest,
  };
}
