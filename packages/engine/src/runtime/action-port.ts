import { quote } from '@sheaf/workflow';
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
    perform: async (name, inputs, context) => {
      const [{ loadBuiltIn }, { performAction }] = await Promise.all([
        import('../actions/built-in.js'),
        import('../actions/perform.js'),
      ]);
      const action = await loadBuiltIn(name);
      if (action === undefined) {
        throw new ActionError('action.unknown', `there is no action ${quote(name)}`, {
          hint: 'see what there is: sheaf tools',
        });
      }
      return performAction(action, inputs, context);
    },
    runScript: async (request) => {
      sandbox ??= import('../sandbox/sandbox.js').then(({ createSandbox }) => createSandbox({ threads }));
      return (await (await sandbox).run(request)).outputs;
    },
    close: async () => {
      await (await sandbox)?.close();
    },
  };
}
