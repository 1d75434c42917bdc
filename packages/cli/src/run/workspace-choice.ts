import { isAbsolute, resolve } from 'node:path';
import type { WorkspaceChoice } from '@sheaf/engine';
import type { Flag, Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { findNear } from '../frame/suggest.js';

const KINDS = ['inherit', 'run', 'ephemeral'] as const;

export const KEEP_WORKSPACE_FLAG: Flag = {
  name: 'keep-workspace',
  summary: 'leave the workspace there also when the run succeeds',
};

export const WORKSPACE_FLAGS: readonly Flag[] = [
  {
    name: 'workspace',
    value: 'KIND|PATH',
    completes: 'folder',
    summary:
      'where steps work: inherit (here, the default), run (a worktree or copy), ephemeral (one a step), a folder',
  },
  { name: 'include-uncommitted', rare: true, summary: 'a workspace has what is in no commit as well' },
  { ...KEEP_WORKSPACE_FLAG, rare: true },
];

/** What the flags say of where a run works. */
export interface WorkspaceWish {
  /** Unset: nothing was said. */
  readonly workspace?: WorkspaceChoice;
  readonly keepWorkspace?: boolean;
}

/** @throws CliError `usage.workspace` */
export function readWorkspace(
  input: Pick<Input, 'get' | 'has'>,
  { cwd }: Pick<Context, 'cwd'>,
): WorkspaceWish {
  const text = input.get('workspace');
  const choice = text === undefined ? undefined : readChoice(text, cwd);
  const keep = readKeepWorkspace(input);
  if (!input.has('include-uncommitted')) return choice === undefined ? keep : { workspace: choice, ...keep };
  if (choice?.kind === 'run' || choice?.kind === 'ephemeral')
    return { workspace: { ...choice, includeUncommitted: true }, ...keep };
  throw new CliError(
    'usage.workspace',
    '--include-uncommitted is about a workspace that is made for the run',
    {
      hint: '--workspace run --include-uncommitted',
    },
  );
}

/** Whether steps work elsewhere than where the run is started. */
export function hasWorkspace({ workspace }: WorkspaceWish): boolean {
  return workspace !== undefined && workspace.kind !== 'inherit';
}

export function readKeepWorkspace(input: Pick<Input, 'has'>): { readonly keepWorkspace?: true } {
  return input.has('keep-workspace') ? { keepWorkspace: true } : {};
}

/** What has neither a slash nor a dot in front is meant as a kind: a typing error is no folder. */
function readChoice(text: string, cwd: string): WorkspaceChoice {
  const kind = KINDS.find((each) => each === text);
  if (kind !== undefined) return { kind };
  if (text.includes('/') || text.startsWith('.') || isAbsolute(text))
    return { kind: 'folder', path: resolve(cwd, text) };
  const near = findNear(text, KINDS);
  throw new CliError(
    'usage.workspace',
    `--workspace ${JSON.stringify(text)} is not ${KINDS.join(', ')} or a path`,
    {
      hint: near === undefined ? `a folder of that name: --workspace ./${text}` : `--workspace ${near}`,
    },
  );
}
