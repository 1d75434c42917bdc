import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Paths } from '../config/paths.js';
import { codeOf } from '../frame/errors.js';
import { shellWord } from '../terminal/shell.js';
import type { Check, Finding } from './check.js';

const KINDS = [
  ['config', 'XDG_CONFIG_HOME'],
  ['state', 'XDG_STATE_HOME'],
  ['cache', 'XDG_CACHE_HOME'],
] as const;

/** Whether the folders of the user can be written, without making any. */
export function folderChecks(paths: Paths): readonly Check[] {
  return KINDS.map(([kind, variable]) => ({
    name: `${kind} folder`,
    run: () => checkFolder(`${kind} folder`, paths[kind], variable),
  }));
}

async function checkFolder(check: string, find: () => string, variable: string): Promise<Finding> {
  let dir: string;
  try {
    dir = find();
  } catch (error) {
    if (codeOf(error) !== 'config.home_missing') throw error;
    return {
      check,
      status: 'fail',
      detail: `neither ${variable} nor HOME says where it is`,
      remedy: `export ${variable}=/a/folder/of/yours`,
    };
  }
  const [nearest, problem] = await findNearest(dir);
  if (problem === undefined)
    return { check, status: 'ok', detail: nearest === dir ? dir : `${dir}, to be made when it is needed` };
  return {
    check,
    status: 'fail',
    detail: `${nearest} ${problem}`,
    remedy: `check who owns it, or export ${variable}=/a/folder/of/yours`,
  };
}

/** The folder itself or the nearest above it that exists, and what is wrong with it. */
async function findNearest(dir: string): Promise<readonly [path: string, problem?: string | undefined]> {
  for (let path = dir; ; path = dirname(path)) {
    try {
      if (!(await stat(path)).isDirectory()) return [path, 'is no folder'];
      await access(path, constants.W_OK | constants.X_OK);
      return [path];
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if ((code === 'ENOENT' || code === 'ENOTDIR') && path !== dirname(path)) continue;
      return [path, code === 'EROFS' ? 'is on a read-only file system' : 'cannot be written'];
    }
  }
}

/** Bits that let anybody but the owner in. */
const OTHERS = 0o077;
const MAX_SHOWN = 5;

/** Whether keys and tokens can be read by others. Nothing is changed: the verbs that use such a file close it. */
export function privateFilesCheck(paths: Pick<Paths, 'config'>, platform: string): Check {
  const check = 'private files';
  return {
    name: check,
    run: async () => {
      if (platform === 'win32') return { check, status: 'skip', detail: 'files here have no mode' };
      const files = await listSecrets(paths);
      const open = files.filter(({ mode }) => (mode & OTHERS) !== 0);
      if (files.length === 0) return { check, status: 'skip', detail: 'no keys and no tokens here' };
      if (open.length === 0) return { check, status: 'ok', detail: `${files.length} that only you can read` };
      return open.slice(0, MAX_SHOWN).map(({ path, mode }): Finding => ({
        check,
        status: 'fail',
        detail: `${path} can be read by others (${(mode & 0o777).toString(8).padStart(4, '0')})`,
        remedy: `chmod 600 ${shellWord(path)}`,
      }));
    },
  };
}

/** Whether the file of the tokens can be read by others: then it is not opened here, which would close it. */
export async function areTokensOpen(paths: Pick<Paths, 'config'>, platform: string): Promise<boolean> {
  if (platform === 'win32') return false;
  return (await listSecrets(paths)).some(
    ({ path, mode }) => path.endsWith(CREDENTIALS) && (mode & OTHERS) !== 0,
  );
}

const CREDENTIALS = 'credentials.json';

async function listSecrets(
  paths: Pick<Paths, 'config'>,
): Promise<readonly { readonly path: string; readonly mode: number }[]> {
  let dir: string;
  try {
    dir = paths.config();
  } catch (error) {
    if (codeOf(error) === 'config.home_missing') return [];
    throw error;
  }
  const keys = await readdir(join(dir, 'keys')).catch(() => []);
  const candidates = [
    join(dir, CREDENTIALS),
    ...keys.filter((name) => name.endsWith('.json')).map((name) => join(dir, 'keys', name)),
  ];
  const found = await Promise.all(
    candidates.map(async (path) => {
      try {
        const info = await stat(path);
        return info.isFile() ? [{ path, mode: info.mode }] : [];
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw error;
      }
    }),
  );
  return found.flat();
}
