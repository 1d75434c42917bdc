import type { VerifiedWorkflow } from '@sheaf/client';
import type { RunControl, RunDetails } from '@sheaf/engine';
import type { Plan } from '@sheaf/workflow';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { readProfile } from '../run/profile.js';
import { holdRun, subjectsOf } from './hold-run.js';

/**
 * Holds a run that is gone on with, or done again, to the policies as they are now; without a flag it keeps its profile.
 *
 * @throws as `holdRun`; CliError `usage.profile`
 */
export async function holdAgain(
  context: Context,
  input: Pick<Input, 'get'>,
  {
    run,
    plan,
    workflows,
  }: {
    readonly run: Pick<RunDetails, 'source' | 'isolation'>;
    readonly plan: Pick<Plan, 'workflow' | 'permissions'>;
    /** All that was verified for it. */
    readonly workflows: readonly VerifiedWorkflow[];
  },
): Promise<Pick<RunControl, 'profile' | 'decisions' | 'rules'>> {
  const { kind } = run.source;
  const own = kind === 'local' ? [{ id: plan.workflow.id, permissions: plan.permissions }] : [];
  const { profile, decisions, rules } = await holdRun(context, {
    kind,
    subjects: [...own, ...subjectsOf(workflows)],
    chosen: readProfile(input, {}),
    usual: { profile: run.isolation.profile, by: 'before' },
  });
  return { profile, decisions, ...(rules === undefined ? {} : { rules }) };
}
