import { printable, type JsonValue } from '@sheaf/workflow';
import { ActionError } from '../action-error.js';
import type { ActionOutputs } from '../action.js';
import { isMap } from '../inputs.js';
import { copyJson } from '../json-value.js';

const MAX_LINE_BYTES = 4 * 1_048_576;

/** What a plugin says, line by line: `{"log": text}` any number of times, and once `{"outputs": {…}}` or `{"error": {…}}`. */
export interface Conversation {
  /** False when it breaks the rules and should be stopped. */
  take(chunk: Uint8Array): boolean;
  /** What it gave, or undefined when it has said nothing of it. Throws ActionError: the plugin's own, or `plugin.failed`. */
  result(): ActionOutputs | undefined;
}

export function conversation(log: (text: string) => void): Conversation {
  let rest: Uint8Array[] = [];
  let restBytes = 0;
  let outputs: ActionOutputs | undefined;
  let failure: ActionError | undefined;

  const takeLine = (line: string): void => {
    if (line.trim() === '' || failure !== undefined) return;
    const said = parse(line);
    if (said === undefined) failure = broken(`a line that is no JSON object: ${printable(line, 200)}`);
    else if (typeof said['log'] === 'string')
      log(said['log'].endsWith('\n') ? said['log'] : `${said['log']}\n`);
    else if (outputs !== undefined) failure = broken('something after its outputs');
    else if (isMap(said['outputs'])) outputs = said['outputs'];
    else
      failure = isMap(said['error'])
        ? errorOf(said['error'])
        : broken('a line without log, outputs or error');
  };

  return {
    take: (chunk) => {
      let from = 0;
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
        takeLine(Buffer.concat([...rest, chunk.subarray(from, at)]).toString('utf8'));
        rest = [];
        restBytes = 0;
        from = at + 1;
      }
      if (from < chunk.length) {
        rest.push(chunk.slice(from));
        restBytes += chunk.length - from;
      }
      if (restBytes > MAX_LINE_BYTES) {
        rest = [];
        failure ??= broken(`a line of more than ${MAX_LINE_BYTES} bytes`);
      }
      return failure === undefined;
    },
    result: () => {
      takeLine(Buffer.concat(rest).toString('utf8'));
      rest = [];
      if (failure !== undefined) throw failure;
      return outputs;
    },
  };
}

function parse(line: string): Readonly<Record<string, JsonValue>> | undefined {
  try {
    const value = copyJson(JSON.parse(line));
    return isMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function errorOf(error: Readonly<Record<string, JsonValue>>): ActionError {
  const { message, hint, retryable } = error;
  return new ActionError(
    'plugin.failed',
    printable(typeof message === 'string' ? message : 'it failed', 500),
    {
      ...(typeof hint === 'string' ? { hint: printable(hint, 500) } : {}),
      retryable: retryable === true,
    },
  );
}

function broken(what: string): ActionError {
  return new ActionError('plugin.failed', `the plugin says ${what}`, {
    hint: 'it must write lines of JSON only: {"log": …}, then {"outputs": {…}} or {"error": {"message": …}}',
  });
}
