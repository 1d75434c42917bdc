import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ignoreAbsent, reporting } from './filesystem-errors.js';
import { isObjectKey, type ObjectEntry } from './port.js';

/** The objects below a folder, in the order of their keys. */
export async function* listObjects(
  root: string,
  objects: string,
  prefix: string,
): AsyncGenerator<ObjectEntry> {
  for await (const key of listKeys(root, objects, prefix)) {
    const file = await reporting(root, () => stat(join(objects, ...key.split('/'))).catch(ignoreAbsent));
    if (file !== undefined) yield { key, sizeBytes: file.size, modifiedMs: file.mtimeMs };
  }
}

/** The keys below a folder, in order: a folder sorts as its name and a slash. */
export function listKeys(root: string, objects: string, prefix: string): AsyncGenerator<string> {
  const cut = prefix.lastIndexOf('/') + 1;
  return walk(root, objects, prefix.slice(0, cut), prefix);
}

async function* walk(root: string, objects: string, folder: string, prefix: string): AsyncGenerator<string> {
  const path = join(objects, ...folder.split('/'));
  const entries = await reporting(root, () => readdir(path, { withFileTypes: true }).catch(ignoreAbsent));
  const keys = (entries ?? []).map((entry) => keyOf(folder, entry)).sort(byCodeUnit);
  for (const key of keys) {
    if (!key.startsWith(prefix)) continue;
    if (key.endsWith('/')) {
      yield* walk(root, objects, key, prefix);
      continue;
    }
    // What an operator or the file system put there is not ours to name.
    if (isObjectKey(key)) yield key;
  }
}

function keyOf(folder: string, entry: Dirent): string {
  return `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`;
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
