import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command, CommandGroup } from '../src/frame/command.js';
import { VERBS } from '../src/verbs.js';
import { PACKAGE_DIR } from './harness.js';

/** Every verb's module, in the order of the help page. */
export async function loadVerbs(): Promise<readonly (Command | CommandGroup)[]> {
  return Promise.all(
    VERBS.map(async ({ name }) => {
      const path = join(PACKAGE_DIR, 'src', 'commands', `${name}.ts`);
      const { command } = (await import(pathToFileURL(path).href)) as { command: Command | CommandGroup };
      return command;
    }),
  );
}

/** Every command: a verb, or a verb and its sub-verb. */
export async function loadCommands(): Promise<readonly Command[]> {
  return (await loadVerbs()).flatMap((verb) => ('commands' in verb ? verb.commands : [verb]));
}
