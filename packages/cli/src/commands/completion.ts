import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { INSTALL, SHELLS, type Shell } from '../completion/shells.js';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { CompletionJson } from '../json/completion.js';

interface Completion {
  readonly shell: Shell;
  readonly script: string;
  readonly install: string;
}

export const command = defineCommand<Completion, CompletionJson>({
  name: 'completion',
  about: 'Print the script that completes verbs, flags, files and known names in your shell.',
  positionals: { names: [SHELLS.join('|')], completes: [[]], required: 1 },
  flags: [],
  examples: [
    'sheaf completion fish > ~/.config/fish/completions/sheaf.fish',
    'sheaf completion bash > ~/.local/share/bash-completion/completions/sheaf',
  ],
  exitCodes: [0, 2],
  run: async (context, input) => {
    const [word = ''] = input.positionals;
    const shell = SHELLS.find((each) => each === word.toLowerCase());
    if (shell === undefined)
      throw new CliError('usage.shell', `there are no completions for ${JSON.stringify(word.slice(0, 60))}`, {
        hint: SHELLS.map((each) => `sheaf completion ${each}`),
      });
    const script = await readFile(join(context.packageDir, 'dist', 'completion', shell), 'utf8');
    return { data: { shell, script, install: INSTALL[shell] } };
  },
  // Whoever sees the script on a terminal wants to know where to put it.
  render: ({ script, install }, { columns }) => ({
    answer: script.trimEnd(),
    ...(columns !== undefined && { epilogue: `to install it: ${install}` }),
  }),
});
