import type { Redone } from '@sheaf/engine';
import type { Context } from '../frame/context.js';
import { shownLine } from './describe-event.js';

/** Says so many reasons, and so many steps for each. */
const MAX_REASONS = 8;
const MAX_STEPS = 5;

/** Says which steps a rerun does again, a line for each reason; those that only follow from others come last. */
export function sayRedone({ ui }: Pick<Context, 'ui'>, redone: readonly Redone[]): void {
  const sign = ui.stderr.style.dim('○');
  const lines = groupByReason(redone);
  for (const [why, steps] of lines.slice(0, MAX_REASONS))
    ui.say(`${sign} ${listSteps(steps)} again: ${shownLine(why)}`);
  const rest = lines.slice(MAX_REASONS).flatMap(([, steps]) => steps);
  if (rest.length > 0) ui.say(`${sign} ${listSteps(rest)} again, for other reasons`);
}

function groupByReason(redone: readonly Redone[]): readonly (readonly [string, readonly string[]])[] {
  const own = new Map<string, string[]>();
  const follow: string[] = [];
  for (const { step, because, message } of redone) {
    // That one was typed.
    if (because === 'asked') continue;
    if (because === 'needs' || because === 'inside') follow.push(step);
    else own.set(message, [...(own.get(message) ?? []), step]);
  }
  return [...own, ...(follow.length === 0 ? [] : [['rests on what is done again', follow] as const])];
}

function listSteps(steps: readonly string[]): string {
  const more = steps.length > MAX_STEPS ? [`${steps.length - MAX_STEPS} more`] : [];
  return [...steps.slice(0, MAX_STEPS), ...more].join(', ');
}
