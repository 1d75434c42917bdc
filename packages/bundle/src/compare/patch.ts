import type { ArchiveFile } from '../archive/tar.js';
import { diffLines, type LineRun } from './line-diff.js';

/** Lines of a text that changed, with some around them, as `diff -u` cuts them. */
export interface PatchHunk {
  /** First line and number of lines on each side; lines count from 1. */
  readonly before: { readonly start: number; readonly count: number };
  readonly after: { readonly start: number; readonly count: number };
  /** Each begins with a space, `-` or `+`; the text is foreign and not escaped. */
  readonly lines: readonly string[];
}

/** What changed in one file. */
export interface FilePatch {
  readonly path: string;
  /** Why there are no hunks: bytes that are no text, or too many of them. */
  readonly omitted?: 'binary' | 'too_large';
  readonly hunks: readonly PatchHunk[];
}

const CONTEXT_LINES = 3;
/** The largest text that is compared by its lines, in bytes. */
const MAX_TEXT_BYTES = 512 * 1024;
const MAX_LINES = 20_000;

/** The changes between two states of a file as a unified diff; a side that lacks the file is empty. */
export function patchFile(
  path: string,
  before: ArchiveFile | undefined,
  after: ArchiveFile | undefined,
): FilePatch {
  const sides = [before?.bytes ?? new Uint8Array(), after?.bytes ?? new Uint8Array()] as const;
  if (sides.some((bytes) => bytes.length > MAX_TEXT_BYTES)) return { path, omitted: 'too_large', hunks: [] };
  const [old, now] = [findLines(sides[0]), findLines(sides[1])];
  if (old === undefined || now === undefined) return { path, omitted: 'binary', hunks: [] };
  if (old.length > MAX_LINES || now.length > MAX_LINES) return { path, omitted: 'too_large', hunks: [] };
  return { path, hunks: cutHunks(diffLines(old, now), old, now) };
}

/** Lines with their ends, so that a missing last newline is a difference; undefined for what is no text. */
function findLines(bytes: Uint8Array): readonly string[] | undefined {
  if (bytes.includes(0)) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
  const lines = text.split('\n').map((line) => `${line}\n`);
  const last = lines.pop();
  return last === undefined || last === '\n' ? lines : [...lines, last.slice(0, -1)];
}

function cutHunks(
  runs: readonly LineRun[],
  old: readonly string[],
  now: readonly string[],
): readonly PatchHunk[] {
  const hunks: PatchHunk[] = [];
  let open: OpenHunk | undefined;
  for (const [at, run] of runs.entries()) {
    if (run.kind !== 'same') {
      open ??= openHunk(run.before, run.after);
      addLines(open, run, old, now);
      continue;
    }
    const isLast = at === runs.length - 1;
    const wanted = isLast ? CONTEXT_LINES : 2 * CONTEXT_LINES;
    if (open !== undefined && run.count <= wanted && !isLast) {
      addLines(open, run, old, now);
      continue;
    }
    if (open !== undefined) {
      addLines(open, { ...run, count: Math.min(run.count, CONTEXT_LINES) }, old, now);
      hunks.push(closeHunk(open));
      open = undefined;
    }
    if (isLast) continue;
    const kept = Math.min(run.count, CONTEXT_LINES);
    const skipped = run.count - kept;
    open = openHunk(run.before + skipped, run.after + skipped);
    addLines(
      open,
      { ...run, before: run.before + skipped, after: run.after + skipped, count: kept },
      old,
      now,
    );
  }
  if (open !== undefined) hunks.push(closeHunk(open));
  return hunks;
}

interface OpenHunk {
  readonly before: number;
  readonly after: number;
  readonly lines: string[];
}

function openHunk(before: number, after: number): OpenHunk {
  return { before, after, lines: [] };
}

function addLines(hunk: OpenHunk, run: LineRun, old: readonly string[], now: readonly string[]): void {
  const [from, start] = run.kind === 'added' ? [now, run.after] : [old, run.before];
  const sign = { same: ' ', removed: '-', added: '+' }[run.kind];
  for (const line of from.slice(start, start + run.count)) {
    if (line.endsWith('\n')) hunk.lines.push(`${sign}${line.slice(0, -1)}`);
    else hunk.lines.push(`${sign}${line}`, '\\ no newline at the end');
  }
}

function closeHunk({ before, after, lines }: OpenHunk): PatchHunk {
  const count = (sign: string) =>
    lines.filter((line) => line.startsWith(sign) || line.startsWith(' ')).length;
  const [old, now] = [count('-'), count('+')];
  // As POSIX has it: an empty side stands on the line before.
  return {
    before: { start: old === 0 ? before : before + 1, count: old },
    after: { start: now === 0 ? after : after + 1, count: now },
    lines,
  };
}
