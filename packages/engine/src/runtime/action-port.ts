import { ActionError } from '../actions/action-error.js';
import type { ActionContext, ActionOutputs } from '../actions/action.js';
import type { Sandbox, ScriptRequest } from '../sandbox/sandbox.js';

/** What steps are done by that are no shells. Throws ActionError, whatever is done. */
export interface ActionPort {
  perform(name: string, inputs: ActionOutputs, context: ActionContext): Promise<ActionOutputs>;
  runScript(request: ScriptRequest): Promise<ActionOutputs>;
  close(): Promise<void>;
}

/** The actions that every engine has, and scripts in at most so many threads. Nothing is loaded before a step needs it. */
export function createActionPort(threads: number): ActionPort {
  let sandbox: Promise<Sandbox> | undefined;
  return {
    perform: (name) => Promise.reject(new ActionError('action.unknown', `there is no action ${name}`)),
    runScript: async (request) => {
      sandbox ??= import('../sandbox/sandbox.js').then(({ createSandbox }) => createSandbox({ threads }));
      return (await (await sandbox).run(request)).outputs;
    },
    close: async () => {
      await (await sandbox)?.close();
    },
  };
}
