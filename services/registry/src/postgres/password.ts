import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory, writeNewFile } from '../objects/durable-files.js';
import { PostgresError } from './errors.js';

const PASSWORD_PATTERN = /^[A-Za-z0-9_-]{20,128}$/;

/** The password kept in the file, or undefined when there is no such file. Error: `postgres.password_missing` for another content. */
export async function findPassword(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new PostgresError('datadir.unusable', `cannot read ${path}: ${code ?? 'unknown error'}`, {
      hint: 'run as the user who owns the data directory',
      cause: error,
    });
  }
  const password = text.trim();
  if (PASSWORD_PATTERN.test(password)) return password;
  throw new PostgresError('postgres.password_missing', `${path} does not hold a password`, {
    hint: 'restore the file from a backup of the data directory',
  });
}

/** Makes a random password (192 bits, safe in a URL) and keeps it in a file of mode 0600. */
export async function createPassword(path: string): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  await writeNewFile(path, `${password}\n`);
  await syncDirectory(dirname(path));
  return password;
}
