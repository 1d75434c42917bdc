import { checkInputs, printable, type JsonValue } from '@sheaf/workflow';
import { LIMITS } from '../limits.js';
import { ActionError } from './action-error.js';
import type { Action, ActionContext, ActionOutputs } from './action.js';
import { copyJson } from './json-value.js';

const KEY = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/**
 * Has an action do its work: checks what it is given, adds defaults, and takes from what it gives back only what a journal can
 * hold. Throws ActionError, whatever the action throws.
 */
export async function performAction(
  action: Action,
  values: Readonly<Record<string, JsonValue>>,
  context: ActionContext,
): Promise<ActionOutputs> {
  const { inputs, problems } = checkInputs(action.manifest, values);
  const [problem] = problems;
  if (problem !== undefined) {
    const { message, hint } = problem;
    throw new ActionError('action.input', message, hint === undefined ? {} : { hint });
  }
  let outputs: unknown;
  try {
    outputs = await action.run(inputs, context);
  } catch (cause) {
    if (cause instanceof ActionError) throw cause;
    if (context.signal.aborted) throw new ActionError('action.cancelled', 'it was stopped', { cause });
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new ActionError('action.failed', `${action.manifest.name} failed: ${printable(said, 500)}`, {
      cause,
    });
  }
  return takeOutputs(action, outputs);
}

function takeOutputs(action: Action, given: unknown): ActionOutputs {
  const { name } = action.manifest;
  const unfit = (why: string): ActionError =>
    new ActionError('action.output', `what ${name} gave back ${why}`);
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw unfit('is no map of outputs');
  const entries = Object.entries(given as Readonly<Record<string, unknown>>);
  if (entries.length > LIMITS.outputs) throw unfit(`has more than ${LIMITS.outputs} outputs`);
  const outputs = Object.create(null) as Record<string, JsonValue>;
  for (const [key, value] of entries) {
    if (!KEY.test(key)) throw unfit(`has an output with the name "${printable(key)}"`);
    const copy = copyJson(value);
    if (copy === undefined)
      throw unfit(`has in ${key} what is no JSON, or nested deeper than ${LIMITS.outputDepth} levels`);
    outputs[key] = copy;
  }
  if (JSON.stringify(outputs).length > MAX_OUTPUTS_LENGTH) {
    throw unfit(`is larger than ${MAX_OUTPUTS_LENGTH} characters of JSON`);
  }
  return outputs;
}

/** Of all outputs of a step as JSON: bodies of 1 MiB that are given as text and as a value must fit. */
const MAX_OUTPUTS_LENGTH = 4 * 1_048_576;
