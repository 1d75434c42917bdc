import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CheckpointNote,
  closeExpiredNote,
  findCheckpointNote,
  findNewestNote,
  listCosignatures,
} from '../../db/cosignature-queries.js';
import type { Db } from '../../db/connection.js';

export interface NotesDeps {
  readonly db: Db;
  readonly realm: string;
}

const POLL_MS = 20;
/** Longest that a reader waits for the copy of a checkpoint; it takes milliseconds, unless the log is frozen. */
const COPY_WAIT_MS = 1_000;

/** One poller for each note that is waited for, however many wait: by database handle, then by realm and size. */
const waiting = new WeakMap<Db, Map<string, Promise<string | undefined>>>();

/**
 * The note of a checkpoint as it will be for ever. One that witnesses may still cosign is waited for: until its
 * cosignatures are there or its time is over. Undefined for one that is not there, or not copied in time.
 */
export async function findSealedNote(deps: NotesDeps, size: number): Promise<string | undefined> {
  const found = await findCheckpointNote(deps.db, deps.realm, size);
  return found === undefined || isFinal(found) ? found?.note : awaitSeal(deps, size);
}

function awaitSeal(deps: NotesDeps, size: number): Promise<string | undefined> {
  const pollers = waiting.get(deps.db) ?? new Map<string, Promise<string | undefined>>();
  waiting.set(deps.db, pollers);
  const key = `${deps.realm} ${size}`;
  const poller =
    pollers.get(key) ??
    pollSeal(deps, size).finally(() => {
      pollers.delete(key);
    });
  pollers.set(key, poller);
  return poller;
}

async function pollSeal({ db, realm }: NotesDeps, size: number): Promise<string | undefined> {
  let waitedMs = 0;
  for (;;) {
    const found = await findCheckpointNote(db, realm, size);
    if (found === undefined || isFinal(found)) return found?.note;
    if (found.openForMs !== null && found.openForMs <= 0) await closeExpiredNote(db, realm, size);
    if (found.openForMs === null && waitedMs >= COPY_WAIT_MS) return undefined;
    await sleep(POLL_MS);
    waitedMs += POLL_MS;
  }
}

function isFinal({ openForMs, isCopied }: CheckpointNote): boolean {
  return openForMs === null && isCopied;
}

/**
 * The newest checkpoint that is copied, with the newest cosignature of each witness that has seen it. It covers everything
 * that was answered before the call.
 */
export async function findNewestCosignedNote(deps: NotesDeps): Promise<string | undefined> {
  const newest = await findNewestNote(deps.db, deps.realm);
  if (!newest) return undefined;
  const sealed = newest.openForMs === null ? newest.note : await awaitSeal(deps, newest.size);
  return withNewest(deps, newest.size, sealed ?? newest.note);
}

/** As {@link findNewestCosignedNote}, for the checkpoint of a size that need not be the newest any more. */
export async function findCosignedNote(deps: NotesDeps, size: number): Promise<string | undefined> {
  const sealed = await findSealedNote(deps, size);
  return sealed === undefined ? undefined : withNewest(deps, size, sealed);
}

async function withNewest({ db, realm }: NotesDeps, size: number, note: string): Promise<string> {
  const cosignatures = await listCosignatures(db, realm);
  return withCosignatures(
    note,
    cosignatures.filter((c) => c.size === size).map(({ line }) => line),
  );
}

/** A note with these signature lines, each in the place of the line that the same key had in it. */
export function withCosignatures(note: string, lines: readonly string[]): string {
  const split = note.lastIndexOf('\n\n') + 2;
  const merged = new Map<string, string>();
  for (const line of [...note.slice(split).split('\n'), ...lines.join('').split('\n')]) {
    if (line !== '') merged.set(signerOf(line), line);
  }
  return `${note.slice(0, split)}${[...merged.values()].map((line) => `${line}\n`).join('')}`;
}

/** The note with the first signature alone, which is the log's. */
export function withoutCosignatures(note: string): string {
  const split = note.lastIndexOf('\n\n') + 2;
  return note.slice(0, note.indexOf('\n', split) + 1);
}

/** Name and key id, which say whose line it is. */
function signerOf(line: string): string {
  const [, name = '', payload = ''] = line.split(' ');
  return `${name} ${Buffer.from(payload, 'base64').toString('hex', 0, 4)}`;
}
