/** A continuous integration whose log has more than lines. */
export type CiKind = 'github' | 'gitlab' | 'azure' | 'teamcity';

type Env = Readonly<Record<string, string | undefined>>;

/** Whether the environment says that nobody is watching. */
export function isCi({ env }: { readonly env: Env }): boolean {
  const value = env['CI'];
  return value !== undefined && value !== '' && value !== '0' && value.toLowerCase() !== 'false';
}

/** The CI that this process runs in, where it is one that reads its log for commands. */
export function findCi(env: Env): CiKind | undefined {
  // https://docs.github.com/en/actions/reference/workflows-and-actions/variables
  if (env['GITHUB_ACTIONS'] === 'true') return 'github';
  // https://docs.gitlab.com/ci/variables/predefined_variables/
  if (env['GITLAB_CI'] === 'true') return 'gitlab';
  // https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables
  if (env['TF_BUILD']?.toLowerCase() === 'true') return 'azure';
  // https://www.jetbrains.com/help/teamcity/predefined-build-parameters.html
  return (env['TEAMCITY_VERSION'] ?? '') === '' ? undefined : 'teamcity';
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

/** The runner passes over white space at the beginning of a line, of which `\s` has all but U+0085. */
const COMMAND = /^((?:[^\S\n\r\u2028\u2029]|\u0085)*):(?=:)/m;

/**
 * Whether a CI would take something in a text for a command. The runner of GitHub looks for `::name…::` at the beginning of a
 * line and for `##[name]` anywhere in one (actions/runner, ActionCommand.cs); GitLab for marks of sections, which hold a
 * carriage return (https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections); Azure Pipelines for `##vso[name]`
 * anywhere in a line, and for `##[name]`
 * (https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands); TeamCity for `##teamcity[name …]`
 * (https://www.jetbrains.com/help/teamcity/service-messages.html).
 */
export function holdsCommand(text: string, ci: CiKind): boolean {
  if (ci === 'github') return text.includes('##[') || COMMAND.test(text);
  if (ci === 'azure' || ci === 'teamcity') return new RegExp(MARK, 'i').test(text);
  return text.includes('\r') && SECTION.test(text);
}

const MARK = /##(?=(?:vso|teamcity)?\[)/;

const SECTION = /section_(?=(?:start|end):\d)/;

/** The same text to a reader, with nothing in it that the CI takes for a command. */
export function withoutCommands(text: string, ci: CiKind): string {
  if (!holdsCommand(text, ci)) return text;
  if (ci === 'azure' || ci === 'teamcity') return text.replace(new RegExp(MARK, 'gi'), '## ');
  return ci === 'github'
    ? text.replaceAll('##[', '## [').replace(new RegExp(COMMAND, 'gm'), '$1: ')
    : text.replace(new RegExp(SECTION, 'g'), 'section _');
}

/** A document that is no command to any of them: `##[` and the like stand in it only in strings, where they may be written otherwise. */
export function jsonWithoutCommands(document: object, indent?: number): string {
  return JSON.stringify(document, undefined, indent).replace(new RegExp(MARK, 'gi'), '#\\u0023');
}

/** Foreign lines between marks that make the runner of GitHub pass over whatever looks like a command in them. */
export function stopCommands(token: string): { readonly begin: string; readonly end: string } {
  return { begin: `::stop-commands::${token}`, end: `::${token}::` };
}
