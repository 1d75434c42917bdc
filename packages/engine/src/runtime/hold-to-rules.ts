import type { JsonValue, PlanStep, Resources } from '@sheaf/workflow';
import type { RunRules } from '../core/rules.js';
import { ActionError } from '../actions/action-error.js';
import type { ActionOutputs } from '../actions/action.js';
import { MAX_TASKS } from '../isolation/bwrap-arguments.js';
import type { Decide } from './step-decisions.js';

const MIB = 1024 * 1024;

/** A step with the time that it may take. What it asks for itself and does not get is told. */
export function holdTimeout<S extends Pick<PlanStep, 'timeoutMs'>>(
  step: S,
  rules: RunRules | undefined,
  decide: Decide,
): S {
  const most = rules?.timeoutMs;
  if (rules === undefined || most === undefined || (step.timeoutMs !== undefined && step.timeoutMs <= most))
    return step;
  if (step.timeoutMs !== undefined)
    decide(limited(rules, `timeout ${most / 1000} s, not ${step.timeoutMs / 1000} s`));
  return { ...step, timeoutMs: most };
}

/** Processes of one sandbox. */
export function maxTasksOf(rules: RunRules | undefined): number {
  return Math.min(rules?.processes ?? MAX_TASKS, MAX_TASKS);
}

/** Throws ActionError `policy.denied` for a step that asks for more of the machine than it may have. */
export function assertResources(resources: Resources | undefined, rules: RunRules | undefined): void {
  if (resources === undefined || rules === undefined) return;
  const { cpus = 0, memoryBytes = 0 } = resources;
  if (rules.cpus !== undefined && cpus > rules.cpus)
    throw refused(rules, 'ceiling', `${cpus} cpus`, `asks for ${cpus} cpus and may have ${rules.cpus}`);
  if (rules.memoryBytes !== undefined && memoryBytes > rules.memoryBytes)
    throw refused(
      rules,
      'ceiling',
      `${memoryBytes} bytes of memory`,
      `asks for ${memoryBytes} bytes of memory and may have ${rules.memoryBytes}`,
    );
}

/**
 * What a container is given: an image that may be used, and no more memory, processors and processes than it may have, also where the
 * step asks for none. Throws ActionError `policy.denied`.
 */
export function holdContainer(
  inputs: ActionOutputs,
  rules: RunRules | undefined,
  decide: Decide,
): ActionOutputs {
  const image = typeof inputs['image'] === 'string' ? inputs['image'] : '';
  if (rules?.images?.every((list) => list.some((entry) => isOfImage(entry, image))) === false)
    throw refused(rules, 'image', image, `may not run the image ${JSON.stringify(image)}`);
  const by = rules?.images === undefined ? 'default' : 'policy';
  decide({ subject: 'image', result: 'allowed', value: image, by });
  if (rules === undefined) return inputs;
  const { memoryBytes, cpus, processes } = rules;
  const held: Record<string, JsonValue> = { ...inputs };
  const hold = (key: string, most: number | undefined, standard: number): void => {
    const asked = held[key];
    const wanted = typeof asked === 'number' ? asked : standard;
    if (most === undefined || wanted <= most) return;
    held[key] = most;
    if (typeof asked === 'number') decide(limited(rules, `${key} ${most}, not ${asked}`));
  };
  hold('memory_mb', memoryBytes === undefined ? undefined : Math.max(1, Math.floor(memoryBytes / MIB)), 2048);
  hold('cpus', cpus, Number.POSITIVE_INFINITY);
  hold('processes', processes, 512);
  return held;
}

/**
 * Whether a rule names an image: a digest, all of it, or what it begins with, up to a `/`, `:` or `@`. By text alone: `node` and
 * `docker.io/library/node` are two.
 */
export function isOfImage(rule: string, image: string): boolean {
  if (rule.startsWith('sha256:')) return image.endsWith(`@${rule}`);
  if (!image.startsWith(rule)) return false;
  const rest = image.slice(rule.length);
  if (rest === '' || /[/:@]$/.test(rule) || /^[/@]/.test(rest)) return true;
  // With a slash behind it, what follows the colon is a port: that is another registry.
  return rest.startsWith(':') && !rest.includes('/');
}

function limited({ from }: RunRules, value: string): Parameters<Decide>[0] {
  return { subject: 'ceiling', result: 'limited', value, by: 'policy', why: from };
}

function refused(
  { from }: RunRules,
  subject: 'ceiling' | 'image',
  value: string,
  message: string,
): ActionError {
  return new ActionError('policy.denied', `it ${message}`, {
    hint: `${from} says so`,
    denied: { subject, value, by: 'policy', why: from },
  });
}
