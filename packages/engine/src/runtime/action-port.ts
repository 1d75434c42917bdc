import { quote } from '@sheaf/workflow';
import { ActionError } from '../actions/action-error.js';
import type { Action, ActionContext, ActionOutputs } from '../actions/action.js';
import type { EngineTools } from '../actions/plugins/project-tools.js';
import type { Sandbox, ScriptRequest } from '../sandbox/sandbox.js';

/** What steps are done by that are no shells. Throws ActionError, whatever is done. */
export interface ActionPort {
  perform(name: string, inputs: ActionOutputs, context: ActionContext): Promise<ActionOutputs>;
  runScript(request: ScriptRequest): Promise<ActionOutputs>;
  close(): Promise<void>;
}

/** The actions that every engine has, those of a project, and scripts in at most so many threads. Nothing is loaded before a step needs it. */
export function createActionPort(threads: number, tools: EngineTools = NO_TOOLS): ActionPort {
  let sandbox: Promise<Sandbox> | undefined;
  return {
    perform: async (name, inputs, context) => {
      const [action, { performAction }] = await Promise.all([
        loadAction(name, tools),
        import('../actions/perform.js'),
      ]);
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

const NO_TOOLS: EngineTools = { tools: [], isTrusted: () => false };

async function loadAction(name: string, { tools, isTrusted }: EngineTools): Promise<Action> {
  const own = tools.find(({ tool }) => tool.manifest.name === name);
  if (own !== undefined) {
    const { loadProjectTool } = await import('../actions/plugins/load-tool.js');
    return loadProjectTool(own, isTrusted);
  }
  const { loadBuiltIn } = await import('../actions/built-in.js');
  const action = await loadBuiltIn(name);
  if (action !== undefined) return action;
  throw new ActionError('action.unknown', `there is no action ${quote(name)} here`, {
    hint: 'see what there is: sheaf tools',
  });
}
