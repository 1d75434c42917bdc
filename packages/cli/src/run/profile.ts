import { PROFILES, type Decision, type Profile } from '@sheaf/engine';
import type { Flag, Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';

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

/** The decision that a profile was chosen. */
export function chosenBy(profile: Profile, by: Decision['by']): Decision {
  return { subject: 'profile', result: 'allowed', value: profile, by };
}
