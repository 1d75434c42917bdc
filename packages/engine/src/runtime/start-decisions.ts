import { printable } from '@sheaf/workflow';
import type { RunControl } from '../api.js';
import type { Decision } from '../core/decision.js';
import type { JournalEvent } from '../core/events.js';
import type { Place, Prepared } from './drive.js';

/** Room for all that a workflow asks for. */
const MAX_VALUE = 4_000;

/** What the journal says of what was decided before the first step: by whoever started the run, and here. */
export function startDecisions(
  { protection }: Pick<Prepared, 'protection'>,
  earlier: Place['profile'],
  { profile, decisions = [], rules, maxParallel }: RunControl,
): readonly JournalEvent[] {
  const made: Decision[] = [...decisions];
  if (!made.some(({ subject }) => subject === 'profile')) {
    const by = profile !== undefined ? 'flag' : earlier === undefined ? 'default' : 'before';
    made.push({ subject: 'profile', result: 'allowed', value: protection.profile, by });
  }
  const { confinement } = protection;
  if (confinement !== undefined)
    made.push({
      subject: 'sandbox',
      result: 'allowed',
      value: 'bwrap',
      by: 'machine',
      why: confinement.tools.bwrap,
    });
  const most = rules?.maxParallel;
  if (rules !== undefined && most !== undefined && maxParallel !== undefined && maxParallel > most)
    made.push({
      subject: 'ceiling',
      result: 'limited',
      value: `${most} steps at the same time, not ${maxParallel}`,
      by: 'policy',
      why: rules.from,
    });
  return made.map(({ value, ...decision }) => ({
    type: 'policy.decided',
    ...decision,
    value: printable(value, MAX_VALUE),
  }));
}
