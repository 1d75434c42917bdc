import { parseVersion, parseWorkflowId, type Plan, type PlanStep } from '@sheaf/workflow';

/** A step with what a test does not care about filled in. */
export function testStep(id: string, step: Partial<Omit<PlanStep, 'id'>> = {}): PlanStep {
  return { id, needs: [], run: 'true', shell: 'bash', env: {}, onFailure: 'fail', ...step };
}

/** A plan with what a test does not care about filled in. */
export function testPlan(
  steps: readonly PlanStep[],
  rest: Partial<Pick<Plan, 'outputs' | 'parameters' | 'requirements'>> = {},
): Plan {
  return {
    schema: 'sheaf.plan/1',
    workflow: { id: parseWorkflowId('acme/test'), version: parseVersion('1.0.0') },
    permissions: { network: [], exec: [], read: [], write: [], secrets: [] },
    requirements: { tools: [] },
    parameters: {},
    steps,
    outputs: {},
    ...rest,
  };
}
