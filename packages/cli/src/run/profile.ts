import { PROFILES, type Profile, type RunResult } from '@sheaf/engine';
import type { Flag, Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError, codeOf } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';

export const PROFILE_FLAG: Flag = {
  name: 'profile',
  value: 'PROFILE',
  summary: 'how steps are held to what is declared: secure (of what was fetched), permissive, disabled',
};

/** What somebody asked for, by the flag or by `SHEAF_PROFILE`. @throws CliError `usage.profile` */
export function readProfile(input: Pick<Input, 'get'>, env: Context['env']): { readonly profile?: Profile } {
  const flag = input.get('profile');
  const variable = env['SHEAF_PROFILE'];
  const text = flag ?? (variable === '' ? undefined : variable);
  if (text === undefined) return {};
  const profile = PROFILES.find((each) => each === text);
  if (profile !== undefined) return { profile };
  const from = flag === undefined ? 'SHEAF_PROFILE' : '--profile';
  throw new CliError('usage.profile', `${from} ${JSON.stringify(text)} is not ${PROFILES.join(', ')}`, {
    hint: '--profile secure',
  });
}

/**
 * Runs what came from elsewhere in a sandbox. Where this machine has none, a terminal is asked; else the error says what to do. Who asked
 * for a profile by name is not asked.
 */
export async function startIsolated(
  { ui }: Pick<Context, 'ui'>,
  { profile }: { readonly profile?: Profile },
  start: (profile: Profile) => Promise<RunResult>,
): Promise<RunResult> {
  try {
    return await start(profile ?? 'secure');
  } catch (error) {
    // Thrown before anything ran.
    if (codeOf(error) !== 'isolation.unavailable' || profile !== undefined || !ui.canAsk) throw error;
    ui.warn(printable(error instanceof Error ? error.message : ''));
    if (!(await ui.confirm('Run it without a sandbox? Its steps can do whatever you can.'))) throw error;
    return start('permissive');
  }
}
