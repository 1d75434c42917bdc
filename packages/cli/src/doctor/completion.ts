import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Check } from './check.js';

const CHECK = 'completion';
const MAX_RC_BYTES = 1024 * 1024;

/** Where each shell finds a script by its name, below the home folder and for all, and what it reads at its start. */
const PLACES = {
  bash: {
    scripts: ['.local/share/bash-completion/completions/sheaf', '.bash_completion.d/sheaf'],
    shared: ['/usr/share/bash-completion/completions/sheaf', '/etc/bash_completion.d/sheaf'],
    starts: ['.bashrc', '.bash_profile', '.bash_completion'],
    remedy:
      'mkdir -p ~/.local/share/bash-completion/completions && sheaf completion bash > ~/.local/share/bash-completion/completions/sheaf',
  },
  zsh: {
    scripts: ['.zfunc/_sheaf', '.zsh/completions/_sheaf', '.local/share/zsh/site-functions/_sheaf'],
    shared: ['/usr/local/share/zsh/site-functions/_sheaf', '/usr/share/zsh/vendor-completions/_sheaf'],
    starts: ['.zshrc', '.zprofile'],
    remedy: 'mkdir -p ~/.zfunc && sheaf completion zsh > ~/.zfunc/_sheaf',
  },
  fish: {
    scripts: ['.config/fish/completions/sheaf.fish'],
    shared: ['/usr/share/fish/vendor_completions.d/sheaf.fish'],
    starts: ['.config/fish/config.fish'],
    remedy:
      'mkdir -p ~/.config/fish/completions && sheaf completion fish > ~/.config/fish/completions/sheaf.fish',
  },
} as const;

/** Whether the shell of this user completes sheaf, as far as files tell. */
export function completionCheck(env: Readonly<Record<string, string | undefined>>): Check {
  return {
    name: CHECK,
    run: async () => {
      const shell = basename(env['SHELL'] ?? '');
      const home = env['HOME'];
      if (home === undefined || !Object.hasOwn(PLACES, shell))
        return { check: CHECK, status: 'skip', detail: 'the shell is none of bash, zsh, fish' };
      const { scripts, shared, starts, remedy } = PLACES[shell as keyof typeof PLACES];
      const inHome = (path: string): string => join(home, path);
      const found = [
        ...(await Promise.all([...scripts.map(inHome), ...shared].map((path) => contains(path, 'sheaf')))),
        ...(await Promise.all(starts.map((path) => contains(inHome(path), 'sheaf completion')))),
      ];
      return found.includes(true)
        ? { check: CHECK, status: 'ok', detail: `set up for ${shell}` }
        : { check: CHECK, status: 'skip', detail: `not set up for ${shell}`, remedy };
    },
  };
}

async function contains(path: string, words: string): Promise<boolean> {
  try {
    const text = await readFile(path, 'utf8');
    return text.slice(0, MAX_RC_BYTES).includes(words);
  } catch {
    // Not there, or not to be read: then it is not set up there.
    return false;
  }
}
