import { printable, quote } from '@sheaf/workflow';
import { EngineError } from '../errors.js';
import { askProgram, firstComplaint, type ProgramEnd, type ProgramPlace } from './program.js';

/**
 * A repository can name programs in its settings. Making a workspace runs none of them: neither hooks nor monitors nor pagers; only
 * filters that the user has configured for every repository, as that of large files.
 */
const SETTINGS = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.pager=cat',
  'core.quotePath=false',
  'safe.bareRepository=explicit',
].flatMap((setting) => ['-c', setting]);

/** A repository that workspaces are made from. */
export interface Repository {
  /** What git prints. Throws EngineError `workspace.failed` for any other exit code than 0. */
  read(args: readonly string[]): Promise<string>;
  /** The same where the exit code is an answer. */
  ask(args: readonly string[]): Promise<ProgramEnd>;
  /** The full hash of a commit; undefined where there is none. */
  findCommit(revision: string): Promise<string | undefined>;
}

/** Opens the repository at a folder. Throws EngineError `workspace.failed`. */
export async function openRepository(place: ProgramPlace): Promise<Repository> {
  const env = { ...place.env, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C.UTF-8' };
  const start = async (args: readonly string[]): Promise<ProgramEnd> => {
    const end = await askProgram('git', ['--no-pager', ...SETTINGS, ...args], { ...place, env });
    if (end.exitCode === undefined && end.stderr === '')
      throw new EngineError('workspace.failed', 'git could not be run, or did not end', {
        hint: 'install git, or work where you are: --workspace inherit',
      });
    return end;
  };
  const filters = await findFilters(start);
  const ask = (args: readonly string[]): Promise<ProgramEnd> => start([...filters, ...args]);
  return {
    ask,
    read: async (args) => {
      const end = await ask(args);
      if (end.exitCode === 0) return end.stdout;
      const why = firstComplaint(end.stderr) ?? `git ended with exit code ${end.exitCode ?? 'none'}`;
      throw new EngineError(
        'workspace.failed',
        `git could not do it in ${quote(place.cwd, 200)}: ${printable(why, 300)}`,
        {
          hint: 'mend the repository, or work where you are: --workspace inherit',
        },
      );
    },
    findCommit: async (revision) => {
      const end = await ask(['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]);
      return end.exitCode === 0 ? end.stdout.trim() : undefined;
    },
  };
}

/** Filters that the repository itself defines are switched off: their programs are not the user's choice. */
async function findFilters(
  start: (args: readonly string[]) => Promise<ProgramEnd>,
): Promise<readonly string[]> {
  const { stdout } = await start([
    ...['config', '--local', '--includes', '-z', '--name-only', '--get-regexp', '^filter\\.'],
  ]);
  const names = stdout.split('\0').filter((name) => /\.(?:clean|smudge|process|required)$/.test(name));
  return names.flatMap((name) => {
    if (name.includes('='))
      throw new EngineError(
        'workspace.failed',
        `the setting ${quote(name)} of the repository cannot be switched off`,
        {
          hint: 'work where you are: --workspace inherit',
        },
      );
    return ['-c', name.endsWith('.required') ? `${name}=false` : `${name}=`];
  });
}
