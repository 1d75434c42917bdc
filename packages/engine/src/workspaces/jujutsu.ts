import { printable, quote } from '@sheaf/workflow';
import { EngineError } from '../errors.js';
import { askProgram, firstComplaint, type ProgramPlace } from './program.js';

/** The change that somebody works on, as the hash of its commit: Jujutsu records the files whenever it is asked. */
export async function findChange(place: ProgramPlace): Promise<string> {
  const text = await readJujutsu(['log', '--no-graph', '-r', '@', '-T', 'commit_id'], place);
  const commit = text.trim();
  if (/^[0-9a-f]{40,64}$/.test(commit)) return commit;
  throw failed(place, `it named ${quote(commit, 100)} as the commit of its change`);
}

/** Makes a workspace with the files of a commit. Its name is kept by the repository until it is forgotten. */
export async function addJujutsuWorkspace(
  place: ProgramPlace,
  { path, id, commit }: { readonly path: string; readonly id: string; readonly commit: string },
): Promise<void> {
  await readJujutsu(['workspace', 'add', '--name', nameOf(id), '-r', commit, path], place);
}

/** Whether it was there does not matter. */
export async function forgetJujutsuWorkspace(place: ProgramPlace, id: string): Promise<void> {
  await askProgram('jj', [...SETTINGS, 'workspace', 'forget', nameOf(id)], place);
}

/** What the repository calls the workspace. */
function nameOf(id: string): string {
  return `sheaf-${id}`;
}

const SETTINGS = ['--no-pager', '--color', 'never', '--quiet'];

/** Whether the program is there. */
export async function hasJujutsu(place: ProgramPlace): Promise<boolean> {
  return (await askProgram('jj', ['--version'], place)).exitCode === 0;
}

async function readJujutsu(args: readonly string[], place: ProgramPlace): Promise<string> {
  const end = await askProgram('jj', [...SETTINGS, ...args], place);
  if (end.exitCode === 0) return end.stdout;
  throw failed(place, firstComplaint(end.stderr) ?? 'it did not say why');
}

function failed(place: ProgramPlace, why: string): EngineError {
  return new EngineError(
    'workspace.failed',
    `jj could not do it in ${quote(place.cwd, 200)}: ${printable(why, 300)}`,
    {
      hint: 'mend the repository, or work where you are: --workspace inherit',
    },
  );
}
