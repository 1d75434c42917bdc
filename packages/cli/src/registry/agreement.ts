import type { Flag } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { YES_FLAG } from './session.js';

/** The flag of every verb that changes what others get: all of them ask, and all of them ask alike. */
export const AGREE_FLAG: Flag = {
  ...YES_FLAG,
  summary: 'agree to the change; needed where there is no terminal to ask on',
};

/** A change that others will notice. */
export interface Change {
  /** What is changed: `acme/deploy 1.2.0`. */
  readonly what: string;
  /** What it means for others, a line each. */
  readonly effect: readonly string[];
  /** `yank it`: what the question and the refusal call it. */
  readonly act: string;
  /** Agreed to by `--yes`. */
  readonly yes: boolean;
}

/**
 * Tells what a change means for others, and asks. Without a terminal only `--yes` agrees.
 *
 * @throws CliError `approval.required` when nobody can be asked, `approval.refused` when the answer is no
 */
export async function agreeToChange(
  { ui }: { readonly ui: Pick<Context['ui'], 'say' | 'canAsk' | 'confirm'> },
  { what, effect, act, yes }: Change,
): Promise<void> {
  ui.say(`${what}:`);
  for (const line of effect) ui.say(`  ${line}`);
  if (yes) return;
  if (!ui.canAsk)
    throw new CliError('approval.required', `there is no terminal to ask on whether to ${act}`, {
      hint: 'to agree to the above, the same command with --yes',
    });
  if (await ui.confirm(`${act.replace(/^./, (first) => first.toUpperCase())}?`)) return;
  throw new CliError('approval.refused', 'not agreed; nothing was changed', {
    hint: 'run the command again when you want to',
  });
}
