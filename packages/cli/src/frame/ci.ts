/** A continuous integration whose log has more than lines. */
export type CiKind = 'github' | 'gitlab';

type Env = Readonly<Record<string, string | undefined>>;

/** Whether the environment says that nobody is watching. */
export function isCi({ env }: { readonly env: Env }): boolean {
  const value = env['CI'];
  return value !== undefined && value !== '' && value !== '0' && value.toLowerCase() !== 'false';
}

/** The CI that this process runs in, where it is one whose log can fold and mark. */
export function findCi(env: Env): CiKind | undefined {
  // https://docs.github.com/en/actions/reference/workflows-and-actions/variables
  if (env['GITHUB_ACTIONS'] === 'true') return 'github';
  // https://docs.gitlab.com/ci/variables/predefined_variables/
  return env['GITLAB_CI'] === 'true' ? 'gitlab' : undefined;
}

/** The file that a step of GitHub Actions may add Markdown to. */
export function findStepSummary(env: Env): string | undefined {
  const path = env['GITHUB_STEP_SUMMARY'];
  return findCi(env) === 'github' && path !== undefined && path !== '' ? path : undefined;
}

/** The folder of the repository, which annotations and reports of a job name files from. */
export function findWorkspace(env: Env): string | undefined {
  return [env['GITHUB_WORKSPACE'], env['CI_PROJECT_DIR']].find((path) => path !== undefined && path !== '');
}

/**
 * Whether the runner of GitHub would take a line of a text for a command of ours. It looks for `::name…::` at the beginning
 * of a line and for `##[name]` anywhere in one (actions/runner, ActionCommand.cs).
 */
export function holdsCommand(text: string): boolean {
  return /^\s*::|##\[/m.test(text);
}

/** Text of others, in a line of ours, so that the runner of GitHub takes nothing in it for a command. */
export function withoutCommands(line: string): string {
  return line.replaceAll('##[', '## [').replace(/^(\s*):(?=:)/, '$1: ');
}

/** The same for a document: `##[` stands in it only in strings, where it may be written otherwise. */
export function jsonWithoutCommands(document: object): string {
  return JSON.stringify(document).replaceAll('##[', '#\\u0023[');
}

/** Foreign lines between marks that make the runner of GitHub pass over whatever looks like a command in them. */
export function stopCommands(token: string): { readonly begin: string; readonly end: string } {
  return { begin: `::stop-commands::${token}`, end: `::${token}::` };
}
