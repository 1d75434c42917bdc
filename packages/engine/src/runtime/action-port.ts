import { quote, type ActionManifest } from '@sheaf/workflow';
import { ActionError } from '../actions/action-error.js';
import type { Action, ActionContext, ActionOutputs } from '../actions/action.js';
import type { EngineTools } from '../actions/plugins/project-tools.js';
import type { Sandbox, ScriptRequest } from '../sandbox/sandbox.js';

/** What an action is given, which its manifest has a say in. */
export type InputsFor = (manifest: ActionManifest) => ActionOutputs;

/** What steps are done by that are no shells. Throws ActionError, whatever is done. */
export interface ActionPort {
  perform(name: string, inputs: InputsFor, context: ActionContext): Promise<ActionOutputs>;
  runScript(request: ScriptRequest): Promise<ActionOutputs>;
  /** A script will come: makes ready for it what takes time, beside what else is done. */
  expectScript?(): void;
  close(): Promise<void>;
}

/** The actions that every engine has, and scripts in at most so many threads. Nothing is loaded before a step needs it. */
export function createActionPort(threads: number): ActionPort {
  let sandbox: Promise<Sandbox> | undefined;
  return {
    perform: async (name, inputs, context) => {
      const { loadBuiltIn } = await loadActions();
      const action = await loadBuiltIn(name);
      if (action !== undefined) return performWith(action, inputs, context);
      throw new ActionError('action.unknown', `there is no action ${quote(name)} here`, {
        hint: 'see what there is: sheaf tools',
      });
    },
    runScript: async (request) => {
      sandbox ??= loadSandbox(threads);
      return (await (await sandbox).run(request)).outputs;
    },
    expectScript: () => {
      sandbox ??= loadSandbox(threads);
      // What fails here fails again, and is told, when the script comes.
      sandbox.then((made) => {
        made.expect();
      }, ignore);
    },
    close: async () => {
      await (await sandbox)?.close();
    },
  };
}

/** The same, and what a project declares; none of that has the name of what every engine has. */
export function offerTools(port: ActionPort, { tools, isTrusted }: EngineTools): ActionPort {
  return {
    ...port,
    perform: async (name, inputs, context) => {
      const own = tools.find(({ tool }) => tool.manifest.name === name);
      if (own === undefined) return port.perform(name, inputs, context);
      const { loadProjectTool } = await loadActions();
      return performWith(await loadProjectTool(own, isTrusted), inputs, context);
    },
  };
}

async function performWith(
  action: Action,
  inputs: InputsFor,
  context: ActionContext,
): Promise<ActionOutputs> {
  const { performAction } = await loadActions();
  return performAction(action, inputs(action.manifest), context);
}

/** The loader of modules is asked once: it takes a while to say that it has one. */
const loadActions = once(() => import('../actions/load.js'));

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

function ignore(): void {
  return undefined;
}

async function loadSandbox(threads: number): Promise<Sandbox> {
  const { createSandbox } = await import('../sandbox/sandbox.js');
  return createSandbox({ threads });
}
