import type { ArchiveFile } from '../archive/tar.js';
import type { FileChange } from './compared.js';
import { compareText } from './compare-entries.js';

/** Compares files by their bytes and their executable bit; nothing when a side does not have its files. */
export function compareFiles(
  before: readonly ArchiveFile[] | undefined,
  after: readonly ArchiveFile[] | undefined,
): { readonly changes: readonly FileChange[]; readonly kept: number } {
  if (before === undefined || after === undefined) return { changes: [], kept: 0 };
  const [old, now] = [mapOf(before), mapOf(after)];
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort(compareText);
  const changes = paths.flatMap((path) => compareFile(path, old.get(path), now.get(path)) ?? []);
  return { changes, kept: paths.length - changes.length };
}

function mapOf(files: readonly ArchiveFile[]): ReadonlyMap<string, ArchiveFile> {
  return new Map(files.map((file) => [file.path, file]));
}

function compareFile(
  path: string,
  was: ArchiveFile | undefined,
  is: ArchiveFile | undefined,
): FileChange | undefined {
  const sizes = {
    ...(was === undefined ? {} : { beforeBytes: was.bytes.length }),
    ...(is === undefined ? {} : { afterBytes: is.bytes.length }),
  };
  if (was === undefined || is === undefined)
    return { change: was === undefined ? 'added' : 'removed', path, ...sizes };
  const isSameMode = was.executable === is.executable;
  if (isSameMode && sameBytes(was.bytes, is.bytes)) return undefined;
  const executable = { before: was.executable, after: is.executable };
  return { change: 'changed', path, ...sizes, ...(isSameMode ? {} : { executable }) };
}

/** By content, whatever kind of byte array holds it. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
