import type { Plan, PlanStep } from '@sheaf/workflow';
import { parseVersion, parseWorkflowId } from '@sheaf/workflow';

/** A plan of steps that all do the same, one after the other or free of each other. */
export function planOf(count: number, work: PlanStep['work'], isChain: boolean): Plan {
  return {
    schema: 'sheaf.plan/1',
    workflow: { id: parseWorkflowId('bench/steps'), version: parseVersion('1.0.0') },
    permissions: { network: [], exec: [], read: [], write: [], secrets: [] },
    requirements: { tools: [] },
    parameters: {},
    steps: Array.from({ length: count }, (_, index) => ({
      id: `s${index}`,
      needs: isChain && index > 0 ? [`s${index - 1}`] : [],
      env: {},
      onFailure: 'fail' as const,
      work,
    })),
    outputs: {},
    artifacts: {},
    catch: [],
    workflows: {},
  };
}

export const TRUE = { kind: 'shell', run: 'true', shell: 'sh' } as const;
export const ECHO = {
  kind: 'action',
  action: 'core.echo',
  version: '1.0.0',
  with: { value: 'x' },
} as const;
export const SCRIPT = { kind: 'script', script: 'return { n: input.n + 1 }', with: { n: 1 } } as const;

/** The same as a definition, to be parsed and planned. */
export function definitionOf(count: number): string {
  const steps = Array.from({ length: count }, (_, index) => {
    const needs = index === 0 ? '' : `needs = ["s${index - 1}"]\n`;
    return `[steps.s${index}]\n${needs}run = "true"\n`;
  });
  return `id = "bench/steps"\nversion = "1.0.0"\ndescription = "steps"\n\n${steps.join('\n')}`;
}
