import { createHash, randomBytes } from 'node:crypto';
import { link, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ClientError } from '../errors.js';
import {
  ensureDurableFolder,
  findFile,
  isFileError,
  removeFile,
  syncFolder,
  writeDurably,
} from '../files.js';
import { registryIdOf, type Pin } from '../pin.js';
import { decodeAuditNote, decodeAuditState, encodeAuditState } from './audit-format.js';
import type { AuditState } from './audit-state.js';

/** Where a monitor remembers how far it came. Methods throw ClientError `trust.unusable`. */
export interface AuditStore {
  /** The state of the largest size. */
  readonly find: () => Promise<AuditState | undefined>;
  /** The newest checkpoint of that state, signed. */
  readonly findNote: () => Promise<string | null>;
  /** Keeps a state; one that is not further than what is kept already is dropped. */
  readonly save: (state: AuditState) => Promise<void>;
}

const MAX_STATE_BYTES = 256 << 20;
/** Room for the partial tiles of seven levels, in base64, and a note. */
const MAX_HEADER_BYTES = 1 << 20;
const MAX_ATTEMPTS = 100;
const STATE_FILE = /^\d{16}-\d{16}\.state$/;

/**
 * Opens the memory of one log's monitor in a folder of all of them. States are files named by what they know: entries
 * audited, and the newest checkpoint that was seen. They are created with link(2) and never overwritten, and a file is
 * removed only when one that knows more is there, so that monitors that run at once never take anything back.
 */
export function openAuditStore(dir: string, pin: Pick<Pin, 'url' | 'logKey'>, realm: string): AuditStore {
  const id = createHash('sha256')
    .update(`${registryIdOf(pin)}\n${realm}`)
    .digest('hex')
    .slice(0, 32);
  const folder = join(dir, id);
  return {
    find: () => guarded(folder, () => readNewest(folder)),
    findNote: () => guarded(folder, () => readNewestNote(folder)),
    save: (state) => guarded(folder, () => write(folder, state)),
  };
}

async function readNewest(folder: string): Promise<AuditState | undefined> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const name = (await listStates(folder)).at(-1);
    if (name === undefined) return undefined;
    const path = join(folder, name);
    const bytes = await findFile(path, MAX_STATE_BYTES);
    // It may be gone because a larger one has come.
    if (bytes === undefined) continue;
    const state = decodeAuditState(bytes);
    if (state === undefined) throw unusable(path, 'it is damaged');
    return state;
  }
  throw unusable(folder, 'its newest entry cannot be read');
}

/** Only the first line of the newest file: a state may be large. */
async function readNewestNote(folder: string): Promise<string | null> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const name = (await listStates(folder)).at(-1);
    if (name === undefined) return null;
    const path = join(folder, name);
    const head = await findHead(path, MAX_HEADER_BYTES);
    if (head === undefined) continue;
    const note = decodeAuditNote(head);
    if (note === undefined) throw unusable(path, 'it is damaged');
    return note;
  }
  throw unusable(folder, 'its newest entry cannot be read');
}

async function findHead(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(maxBytes), 0, maxBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function write(folder: string, state: AuditState): Promise<void> {
  const name = fileName(state);
  if ((await listStates(folder)).some((other) => other >= name)) return;
  await ensureDurableFolder(folder);
  const temporary = join(folder, `.tmp-${randomBytes(12).toString('hex')}`);
  try {
    await writeDurably(temporary, encodeAuditState(state));
    await link(temporary, join(folder, name));
  } catch (error) {
    // Another monitor came as far at the same moment.
    if (!isFileError(error, 'EEXIST')) throw error;
  } finally {
    await removeFile(temporary);
  }
  await syncFolder(folder);
  const all = await listStates(folder);
  for (const old of all.slice(0, -1)) await removeFile(join(folder, old));
}

/** By what they know, ascending. */
async function listStates(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => STATE_FILE.test(name)).sort();
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return [];
    throw error;
  }
}

function fileName({ note, size }: AuditState): string {
  const seen = Number(note?.split('\n')[1] ?? 0);
  return `${digits(size)}-${digits(seen)}.state`;
}

function digits(count: number): string {
  return String(count).padStart(16, '0');
}

function unusable(path: string, reason: string, cause?: unknown): ClientError {
  return new ClientError('trust.unusable', `the monitor's memory ${path} cannot be used: ${reason}`, {
    hint: 'check its owner, its rights and the free space; if it is damaged, remove it and audit from the start',
    cause,
  });
}

async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFileError(error, 'EACCES', 'EPERM', 'ENOSPC', 'EROFS', 'ENOTDIR', 'ENOTSUP', 'EDQUOT', 'EIO'))
      throw error;
    throw unusable(path, (error as Error).message.split(':')[0] ?? '', error);
  }
}
