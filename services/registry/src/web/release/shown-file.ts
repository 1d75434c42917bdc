import type { ArchiveFile } from '@sheaf/bundle';
import { sha256Hex } from '@sheaf/bundle';
import { isText } from '../../domain/reads/bundle-views.js';

/** Larger files are downloaded. */
const MOST_BYTES = 512 * 1024;
const MOST_LINES = 2000;
/** Longest line that is shown, in characters. */
const MOST_CHARACTERS = 2000;
/** Controls but the tab, what turns the direction of text around, and what is not seen: each becomes a sign that is. */
const UNSEEN = /[^\P{Cc}\t]|[\p{Cf}\u2028\u2029\p{Cs}]/gu;

/** A file as a page shows it. */
export type ShownFile = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly executable: boolean;
  readonly sha256: string;
} & (
  | { readonly lines: readonly string[]; readonly lineCount: number; readonly why?: undefined }
  | { readonly lines?: undefined; readonly why: 'binary' | 'too_large' }
);

/** The text of a file, line by line and cut where nobody would read on, so that no character of it hides or moves another. */
export function showFile({ path, bytes, executable }: ArchiveFile): ShownFile {
  const facts = { path, sizeBytes: bytes.length, executable, sha256: sha256Hex(bytes) };
  if (bytes.length > MOST_BYTES) return { ...facts, why: 'too_large' };
  if (!isText(bytes)) return { ...facts, why: 'binary' };
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\n/);
  if (lines.at(-1) === '') lines.pop();
  return { ...facts, lines: lines.slice(0, MOST_LINES).map(showLine), lineCount: lines.length };
}

function showLine(line: string): string {
  const rest = line.length - MOST_CHARACTERS;
  const short =
    rest <= 0 ? line : `${line.slice(0, MOST_CHARACTERS).toWellFormed()} … ${rest} characters more`;
  return short.replace(UNSEEN, '\uFFFD');
}
