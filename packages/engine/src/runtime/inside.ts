import { isAbsolute, relative, sep } from 'node:path';

/** Whether a path is that of a folder or of what is in it; both real, both absolute. */
export function isInside(folder: string, path: string): boolean {
  const inner = relative(folder, path);
  return inner !== '..' && !inner.startsWith(`..${sep}`) && !isAbsolute(inner);
}
