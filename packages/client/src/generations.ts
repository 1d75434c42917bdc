import { randomBytes } from 'node:crypto';
import { link, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDurableFolder, findFile, isFileError, removeFile, syncFolder, writeDurably } from './files.js';

/*
 * A value is a folder of numbered files; the highest number counts. To change it is to create the next number with
 * link(2), which only one process can, so no lock is held and none can be left behind by a process that dies.
 * The highest file is never removed; that is what makes the check after the link sound.
 */

const MAX_ATTEMPTS = 100;

/** The bytes that count, and the number under which they lie. */
export interface Generation {
  readonly generation: number;
  readonly bytes: Uint8Array;
  readonly path: string;
}

/** The newest bytes of a folder; undefined when there never were any, `unreadable` for what is no file of at most `maxBytes`. */
export async function readNewest(
  folder: string,
  maxBytes: number,
): Promise<Generation | 'unreadable' | undefined> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const generation = (await listGenerations(folder)).at(-1);
    if (generation === undefined) return undefined;
    const path = join(folder, fileName(generation));
    const bytes = await findFile(path, maxBytes);
    if (bytes !== undefined) return { generation, bytes, path };
    // A newer one came and took it away, or it is no file at all: then the next look shows the same again.
  }
  return 'unreadable';
}

/**
 * Puts bytes in the place of the generation before; false when another process has put others there meanwhile, or others in the
 * place of these already: then what counts is to be looked at again.
 */
export async function writeNext(folder: string, bytes: Uint8Array, generation: number): Promise<boolean> {
  await ensureDurableFolder(folder);
  const temporary = join(folder, `.tmp-${randomBytes(12).toString('hex')}`);
  const target = join(folder, fileName(generation));
  try {
    await writeDurably(temporary, bytes);
    await link(temporary, target);
  } catch (error) {
    if (isFileError(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await removeFile(temporary);
  }
  const generations = await listGenerations(folder);
  if ((generations.at(-1) ?? 0) > generation) {
    // The number was free only because it had been taken and cleared away already.
    await removeFile(target);
    return false;
  }
  await syncFolder(folder);
  for (const old of generations) if (old < generation) await removeFile(join(folder, fileName(old)));
  return true;
}

async function listGenerations(folder: string): Promise<readonly number[]> {
  try {
    const names = (await readdir(folder)).filter((name) => /^\d{12}\.json$/.test(name));
    return names.map((name) => Number(name.slice(0, 12))).sort((a, b) => a - b);
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return [];
    throw error;
  }
}

function fileName(generation: number): string {
  return `${String(generation).padStart(12, '0')}.json`;
}
