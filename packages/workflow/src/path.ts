/**
 * Resolves a path against a working directory, by text alone. Knows POSIX paths, and Windows ones by their drive letter or
 * `\\` in the working directory.
 */
export function resolvePath(cwd: string, path: string): string {
  const isWindows = /^(?:[A-Za-z]:[\\/]|\\\\)/.test(cwd);
  const separators = isWindows ? /[\\/]+/ : /\/+/;
  const isAbsolute = path.startsWith('/') || (isWindows && /^(?:[A-Za-z]:[\\/]|\\)/.test(path));
  const base = isAbsolute ? '' : cwd;
  const root = isWindows ? (/^[A-Za-z]:/.exec(isAbsolute ? path : cwd)?.[0] ?? '') : '';
  const segments: string[] = [];
  for (const segment of `${base}/${path}`.split(separators)) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.' && segment !== root) segments.push(segment);
  }
  const separator = isWindows ? '\\' : '/';
  const lead = cwd.startsWith('\\\\') && !isAbsolute ? '\\\\' : `${root}${separator}`;
  return lead + segments.join(separator);
}
