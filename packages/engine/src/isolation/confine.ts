import { realpathSync } from 'node:fs';
import type { Permissions } from '@sheaf/workflow';
import { bwrapCommand, type BwrapCommand, type BwrapTools, type Confined } from './bwrap-arguments.js';
import { findMounts } from './find-mounts.js';

/** How a process is started in a sandbox, with what else it may write. */
export type Confine = (
  spec: Pick<Confined, 'file' | 'args' | 'cwd' | 'env' | 'maxTasks' | 'terminal'>,
  own: readonly string[],
) => BwrapCommand;

/** What a run is confined by. Paths are absolute. */
export interface Confinement {
  readonly tools: BwrapTools;
  readonly stateDir: string;
  readonly home: string | undefined;
  /** Of who runs it: that of a step is what its workflow wants. */
  readonly path: readonly string[];
}

/** Confines processes of a workflow to what it declares, in its workspace. */
export function confineTo(
  { tools, stateDir, home, path }: Confinement,
  given: {
    readonly workspace: string;
    readonly permissions: Permissions;
    readonly bundleDir: string | undefined;
  },
): Confine {
  return ({ file, args, cwd, env, maxTasks, terminal }, own) => {
    const { permissions, bundleDir } = given;
    const workspace = realpathSync.native(given.workspace);
    const mounts = findMounts({ cwd: workspace, permissions, bundleDir, home, path, stateDir, own });
    return bwrapCommand(tools, {
      file,
      args,
      cwd: cwd === given.workspace ? workspace : cwd,
      // Folders for temporary files are not those of the machine.
      env: { ...env, TMPDIR: '/tmp' },
      mounts,
      network: permissions.network.length > 0,
      maxTasks,
      // Who has the terminal reads nothing else of it.
      ...(terminal === undefined ? { isTold: true } : { terminal }),
    });
  };
}
