import { renderScripts } from '../completion/scripts.js';
import type { Command, CommandGroup } from '../frame/command.js';
import { renderManual } from './man.js';
import { renderReference } from './markdown.js';

/** Everything that is made from the table of commands when the command line is built, by file name. */
export interface Pages {
  readonly completion: ReadonlyMap<string, string>;
  readonly man: ReadonlyMap<string, string>;
  /** docs/CLI.md. */
  readonly reference: string;
}

export function renderPages(verbs: readonly (Command | CommandGroup)[], version: string): Pages {
  return {
    completion: renderScripts(verbs),
    man: renderManual(verbs, version),
    reference: renderReference(verbs),
  };
}
