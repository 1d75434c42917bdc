import type { Command, CommandGroup } from '../frame/command.js';
import { listCodes } from '../explain/explain.js';
import { TOPICS } from '../frame/topics.js';
import { VERBS } from '../verbs.js';
import { renderBash } from './bash.js';
import { renderFish } from './fish.js';
import { createGrammar } from './grammar.js';
import { renderPowerShell } from './powershell.js';
import { SHELLS, type Shell } from './shells.js';
import { renderZsh } from './zsh.js';

const RENDERERS: Readonly<Record<Shell, typeof renderBash>> = {
  bash: renderBash,
  zsh: renderZsh,
  fish: renderFish,
  powershell: renderPowerShell,
};

/** The script of each shell; made when the command line is built. */
export function renderScripts(verbs: readonly (Command | CommandGroup)[]): ReadonlyMap<Shell, string> {
  const grammar = createGrammar(verbs, new Map(VERBS.map(({ name, summary }) => [name, summary])));
  const topics = [...TOPICS.map(({ name }) => name), ...listCodes()];
  return new Map(SHELLS.map((shell) => [shell, RENDERERS[shell](grammar, topics)]));
}
