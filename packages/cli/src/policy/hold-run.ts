import {
  checkRun,
  chooseProfile,
  combineRules,
  placeText,
  type RunSubject,
  type StepRules,
  type VerifiedWorkflow,
} from '@sheaf/client';
import type { Decision, Profile } from '@sheaf/engine';
import type { Context } from '../frame/context.js';
import type { ChosenProfile } from '../run/profile.js';
import { loadRunPolicy, type RunPolicyContext } from './load-run-policy.js';

/** What a run is started with. */
export interface HeldRun {
  readonly profile: Profile;
  /** Where it cannot be had, somebody may be asked to go on as `permissive`. */
  readonly mayFallBack: boolean;
  readonly decisions: readonly Decision[];
  readonly rules?: StepRules;
}

/** Who asks for a run. */
export interface RunToHold {
  readonly kind: 'registry' | 'local';
  /** The workflow and all that it uses. */
  readonly subjects: readonly RunSubject[];
  readonly chosen: ChosenProfile;
  /** Without a choice: what it had before, or the default. */
  readonly usual: { readonly profile: Profile; readonly by: 'default' | 'before' };
}

/**
 * Holds a run to the policies of machine, user and project: refuses what they do not allow, and chooses the profile.
 *
 * @throws ClientError `policy.refused`; as `loadRunPolicy`
 */
export async function holdRun(
  context: RunPolicyContext & Pick<Context, 'ui'>,
  { kind, subjects, chosen, usual }: RunToHold,
): Promise<HeldRun> {
  const { limits, signed } = await loadRunPolicy(context);
  checkRun(limits, subjects);
  const allowed = chooseProfile(limits, kind, { asked: chosen.profile, usual: usual.profile });
  const { profile, place } = allowed;
  const decisions: Decision[] = [...(chosen.decisions ?? [])];
  if (place !== undefined)
    decisions.push({
      subject: 'profile',
      result: 'limited',
      value: `${profile}, not ${usual.profile}`,
      by: 'policy',
      why: placeText(place),
    });
  else if (chosen.profile === undefined)
    decisions.push({ subject: 'profile', result: 'allowed', value: profile, by: usual.by });
  if (kind === 'registry' && limits.some(({ publishers }) => publishers !== undefined))
    for (const { id } of subjects)
      decisions.push({
        subject: 'publisher',
        result: 'allowed',
        value: id,
        by: 'policy',
        why: filesOf(signed),
      });
  const rules = combineRules(limits);
  const mayFallBack =
    chosen.profile === undefined &&
    place === undefined &&
    chooseProfile(limits, kind, { usual: 'permissive' }).place === undefined;
  return {
    profile,
    mayFallBack,
    decisions,
    ...(rules === undefined ? {} : { rules }),
  };
}

/** Verified workflows, as policies look at them. */
export function subjectsOf(workflows: readonly VerifiedWorkflow[]): readonly RunSubject[] {
  return workflows.map(({ id, statement, bundle }) => ({
    id,
    origin: statement.registry,
    permissions: bundle.definition.permissions,
  }));
}

function filesOf(policies: readonly { readonly file: string; readonly version: number }[]): string {
  return policies.map(({ file, version }) => `${file} version ${version}`).join(', ');
}
