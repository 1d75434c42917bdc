/** One place in the file system that a process sees, by its absolute path outside and inside. */
export interface Mount {
  readonly path: string;
  /**
   * `protect` is `read` also within what may be written. `empty`: a folder with nothing in it that ends with the process; `closed`: one
   * that also cannot be written to, so that nothing is lost in silence. `nothing`: in place of a file, an empty one.
   */
  readonly as: 'read' | 'write' | 'protect' | 'empty' | 'closed' | 'nothing';
}

/**
 * Mounts in the order in which they are to be made: what lies deeper comes later, so that it is not covered. Of one path the last counts,
 * but a right to read takes nothing from a right to write.
 */
export function orderMounts(mounts: readonly Mount[]): readonly Mount[] {
  const byPath = new Map<string, Mount>();
  for (const mount of mounts) {
    if (mount.as === 'read' && byPath.get(mount.path)?.as === 'write') continue;
    byPath.set(mount.path, mount);
  }
  const all = [...byPath.values()];
  /** The nearest mount that a path lies in. */
  const around = ({ path }: Mount): Mount | undefined =>
    all
      .filter((other) => other.path !== path && isWithin(other.path, path))
      .sort(byDepth)
      .at(-1);
  return all.filter((mount) => mount.as !== 'read' || around(mount)?.as !== 'write').sort(byDepth);
}

/** Whether a path is a folder or lies in it. Both absolute and without dots. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

function byDepth(left: Mount, right: Mount): number {
  return depthOf(left.path) - depthOf(right.path);
}

function depthOf(path: string): number {
  return path.split('/').filter((part) => part !== '').length;
}
