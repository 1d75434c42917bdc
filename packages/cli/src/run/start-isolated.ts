import type { Decision, RunResult } from '@sheaf/engine';
import type { Context } from '../frame/context.js';
import { codeOf } from '../frame/errors.js';
import type { HeldRun } from '../policy/hold-run.js';
import { printable } from '../terminal/escape.js';
import { chosenBy, type ChosenProfile } from './profile.js';

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
