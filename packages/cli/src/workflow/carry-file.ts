import { resolve } from 'node:path';
import { MAX_CARRY_BYTES, readCarryFile, type CarryFile } from '@sheaf/bundle';
import { replaceFile } from '../config/replace-file.js';
import type { Context } from '../frame/context.js';
import { readWithin } from './source.js';

/** Whether a word names a carry file rather than a folder or a reference. */
export function isCarryName(word: string): boolean {
  return word.endsWith('.sheaf');
}

/** @throws CliError `file.…`, `carry.too_large`; BundleError `carry.invalid` */
export async function readCarry(context: Pick<Context, 'cwd'>, name: string): Promise<CarryFile> {
  return readCarryFile(await readWithin(resolve(context.cwd, name), MAX_CARRY_BYTES, 'carry.too_large'));
}

/** Writes a carry file, whole or not at all, over an earlier one. */
export async function writeCarry(
  context: Pick<Context, 'cwd'>,
  name: string,
  bytes: Uint8Array,
): Promise<{ readonly path: string; readonly sizeBytes: number }> {
  const path = resolve(context.cwd, name);
  await replaceFile(path, bytes);
  return { path, sizeBytes: bytes.length };
}
