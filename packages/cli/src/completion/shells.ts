/** The shells that there is a script for. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

export type Shell = (typeof SHELLS)[number];

/** The line that puts the script where the shell finds it. */
export const INSTALL: Readonly<Record<Shell, string>> = {
  bash: 'sheaf completion bash > "${XDG_DATA_HOME:-$HOME/.local/share}/bash-completion/completions/sheaf"',
  zsh: 'sheaf completion zsh > "${fpath[1]}/_sheaf"',
  fish: 'sheaf completion fish > ~/.config/fish/completions/sheaf.fish',
  powershell: 'sheaf completion powershell >> $PROFILE',
};
