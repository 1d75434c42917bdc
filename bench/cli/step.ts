import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Permissions } from '@sheaf/workflow';
import { bwrapCommand } from '../../packages/engine/src/isolation/bwrap-arguments.js';
import { findMounts } from '../../packages/engine/src/isolation/find-mounts.js';

/** A step as a bare `spawn` starts it. */
export interface StepCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** For descriptor 3. */
  readonly input?: string;
}

const SHELL = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', 'true'];
const BASH = '/bin/bash';
const ASKS_NOTHING: Permissions = { network: [], exec: ['true'], read: [], write: [], secrets: [] };

/** The shell with `true` that the small workflow runs. */
export const bareStep: StepCommand = { file: BASH, args: SHELL };

/** The same in the sandbox that `run` makes for it, in the same words. @throws Error where there is no bubblewrap */
export function sandboxedStep(folder: string): StepCommand {
  const bwrap = '/usr/bin/bwrap';
  if (!existsSync(bwrap)) throw new Error('what was fetched runs in a sandbox: apt-get install bubblewrap');
  const mounts = findMounts({
    cwd: folder,
    permissions: ASKS_NOTHING,
    bundleDir: join(folder, 'small'),
    home: folder,
    path: (process.env['PATH'] ?? '').split(delimiter),
    stateDir: join(folder, '.local', 'state', 'sheaf'),
    own: [],
  });
  const { file, args, input } = bwrapCommand(
    { bwrap, sh: '/bin/sh', env: '/usr/bin/env' },
    { file: BASH, args: SHELL, cwd: folder, env: {}, network: false, mounts },
  );
  return { file, args, input: input.toString('latin1') };
}
