import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { ActionError } from '../action-error.js';
import type { ActionContext } from '../action.js';

export type ContainerEngine = 'podman' | 'docker';

const ENGINES: readonly ContainerEngine[] = ['podman', 'docker'];

/**
 * The engine to use: the first that the run may start and that is on the PATH, Podman before Docker. Throws ActionError
 * `policy.denied`, `container.missing`.
 */
export function findContainerEngine({ env, permissions }: ActionContext): ContainerEngine {
  const allowed = ENGINES.filter((name) => permissions.exec.includes(name) || permissions.exec.includes('*'));
  if (allowed.length === 0) {
    throw new ActionError('policy.denied', 'the run may start neither podman nor docker', {
      hint: 'add "podman" or "docker" to exec under [permissions] of the workflow',
      denied: { subject: 'exec', value: 'podman', by: 'workflow' },
    });
  }
  const found = allowed.find((name) => isOnPath(name, env['PATH'] ?? ''));
  if (found !== undefined) return found;
  throw new ActionError('container.missing', `${allowed.join(' and ')} cannot be found on the PATH`, {
    hint: allowed.includes('podman') ? 'apt-get install podman' : 'install Docker',
  });
}

function isOnPath(name: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    if (!isAbsolute(folder)) return false;
    try {
      const candidate = join(folder, name);
      accessSync(candidate, constants.X_OK);
      return statSync(candidate).isFile();
    } catch {
      return false;
    }
  });
}
