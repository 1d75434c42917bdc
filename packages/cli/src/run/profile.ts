import { PROFILES, type Decision, type Profile, type RunResult } from '@sheaf/engine';
import type { Flag, Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError, codeOf } from '../frame/errors.js';
import type { HeldRun } from '../policy/hold-run.js';
import { printable } from '../terminal/escape.js';

export const PROFILE_FLAG: Flag = {
  name: 'profile',
  value: 'PROFILE',
  summary: 'how steps are held to what is declared: secure (of what was fetched), permissive, disabled',
};

/** A profile that was chosen, and how: the engine is given both. */
export interface ChosenProfile {
  readonly profile?: Profile;
  readonly decisions?: readonly Decision[];
}

/** What somebody asked for, by the flag or by `SHEAF_PROFILE`. @throws CliError `usage.profile` */
export function readProfile(input: Pick<Input, 'get'>, env: Context['env']): ChosenProfile {
  const flag = input.get('profile');
  const variable = env['SHEAF_PROFILE'];
  const text = flag ?? (variable === '' ? undefined : variable);
  if (text === undefined) return {};
  const profile = PROFILES.find((each) => each === text);
  if (profile !== undefined)
    return { profile, decisions: [chosenBy(profile, flag === undefined ? 'variable' : 'flag')] };
  const from = flag === undefined ? 'SHEAF_PROFILE' : '--profile';
  throw new CliError('usage.profile', `${from} ${JSON.stringify(text)} is not ${PROFILES.join(', ')}`, {
    hint: '--profile secure',
  });
}

function chosenBy(profile: Profile, by: Decision['by']): Decision {
  return { subject: 'profile', result: 'allowed', value: profile, by };
}

/**
 * Starts what came from elsewhere. Where this machine has no sandbox, a terminal is asked; else the error says what to do. Who asked for a
 * profile by name is not asked, and nobody is where a policy allows no other.
 */
export async function startIsolated(
  { ui }: Pick<Context, 'ui'>,
  { profile, mayFallBack, decisions }: Pick<HeldRun, 'profile' | 'mayFallBack' | 'decisions'>,
  start: (chosen: Required<ChosenProfile>) => Promise<RunResult>,
): Promise<RunResult> {
  try {
    return await start({ profile, decisions });
  } catch (error) {
    // Thrown before anything ran.
    if (codeOf(error) !== 'isolation.unavailable' || !mayFallBack || !ui.canAsk) throw error;
    const why = printable(error instanceof Error ? error.message : '');
    ui.warn(why);
    if (!(await ui.confirm('Run it without a sandbox? Its steps can do whatever you can.'))) throw error;
    const missing: Decision = { subject: 'sandbox', result: 'refused', value: 'bwrap', by: 'machine', why };
    const others = decisions.filter(({ subject }) => subject !== 'profile');
    return start({ profile: 'permissive', decisions: [chosenBy('permissive', 'asked'), missing, ...others] });
  }
}
