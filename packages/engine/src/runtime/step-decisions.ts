import { printable, type Permissions } from '@sheaf/workflow';
import type { RunRules } from '../core/rules.js';
import type { Decision } from '../core/decision.js';
import type { StartCommand } from '../core/command.js';
import type { Redactor } from '../redaction/redactor.js';
import type { AttemptHooks } from './attempt-port.js';

/** Says in the journal what was decided about an attempt. */
export type Decide = (decision: Decision) => void;

/** Of one attempt; who asks for ever more is told of no more. */
const MAX_DECISIONS = 64;
const MAX_VALUE = 500;

/** Each decision once, printable, and without secrets. */
export function decisionsOf(
  redactor: Redactor,
  { step, attempt }: Pick<StartCommand, 'step' | 'attempt'>,
  note: AttemptHooks['note'],
): Decide {
  const told = new Set<string>();
  const shown = (text: string): string => printable(redactor.text(text), MAX_VALUE);
  return ({ value, why, ...rest }) => {
    const decision: Decision = {
      ...rest,
      value: shown(value),
      ...(why === undefined ? {} : { why: shown(why) }),
    };
    const key = `${decision.subject} ${decision.result} ${decision.value}`;
    if (told.has(key) || told.size >= MAX_DECISIONS) return;
    told.add(key);
    note({ type: 'policy.decided', step, attempt, ...decision });
  };
}

/** What the sandbox of a process lets through. What it stops, only the process itself sees. */
export function confinedBy({ network, read, write }: Permissions, maxTasks: number): Decision {
  const list = (entries: readonly string[]): string =>
    entries.length === 0 ? 'nothing' : entries.join(', ');
  const reach = network.length === 0 ? 'no network' : 'the network';
  return {
    subject: 'sandbox',
    result: 'allowed',
    value: `${reach}, reads ${list(read)}, writes ${list(write)}, ${maxTasks} processes`,
    by: 'workflow',
  };
}

/** A sandbox that began more processes than it may was ended. */
export function tooManyProcesses(maxTasks: number, rules: RunRules | undefined): Decision {
  const isRule = rules?.processes === maxTasks;
  return {
    subject: 'ceiling',
    result: 'refused',
    value: `more than ${maxTasks} processes`,
    by: isRule ? 'policy' : 'default',
    ...(isRule ? { why: rules.from } : {}),
  };
}
