import { parseCheckpoint } from '@sheaf/bundle';
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findFile, writeSecretFile } from '../secret-file.js';
import { StartError } from '../start-error.js';
import type { WitnessedCheckpoint, WitnessStore } from './witness.js';

/**
 * Keeps the newest checkpoint of each log in a file of its own in `dir`, written to the side, synced and renamed. The
 * caller holds the lock of the folder: nobody else writes here.
 *
 * @throws StartError `witness.state_invalid` for a file that cannot be read: what was cosigned must not be forgotten
 */
export async function openWitnessStore(dir: string, origins: readonly string[]): Promise<WitnessStore> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  for (const name of await readdir(dir)) {
    // What a write that was cut short left behind.
    if (name.endsWith('.tmp')) await rm(join(dir, name), { force: true });
  }
  const remembered = new Map<string, WitnessedCheckpoint>();

  const find = async (origin: string): Promise<WitnessedCheckpoint | undefined> => {
    const known = remembered.get(origin);
    if (known) return known;
    const path = pathOf(dir, origin);
    const text = await findFile(path);
    if (text === undefined) return undefined;
    const read = readState(text, origin);
    if (!read) {
      throw new StartError(
        'witness.state_invalid',
        `${path} does not say which checkpoint of ${JSON.stringify(origin)} was cosigned last`,
        'restore the file from a backup; without it this key could cosign two histories of one log',
      );
    }
    remembered.set(origin, read);
    return read;
  };

  for (const origin of origins) await find(origin);
  return {
    find,
    save: async (witnessed) => {
      const { origin } = witnessed.checkpoint;
      // After a failure only the disk knows what is there.
      remembered.delete(origin);
      const { note, timeSeconds: time } = witnessed;
      await writeSecretFile(pathOf(dir, origin), `${JSON.stringify({ v: 1, origin, time, note })}\n`);
      remembered.set(origin, witnessed);
    },
  };
}

/** A name that any origin can have: origins hold slashes and more. */
function pathOf(dir: string, origin: string): string {
  return join(dir, `${createHash('sha256').update(origin).digest('hex')}.json`);
}

function readState(text: string, origin: string): WitnessedCheckpoint | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    if (!('v' in value && 'origin' in value && 'time' in value && 'note' in value)) return undefined;
    const { v, time, note } = value;
    if (v !== 1 || value.origin !== origin || typeof note !== 'string') return undefined;
    if (typeof time !== 'number' || !Number.isSafeInteger(time) || time < 0) return undefined;
    const checkpoint = parseCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1));
    return checkpoint.origin === origin ? { checkpoint, note, timeSeconds: time } : undefined;
  } catch {
    return undefined;
  }
}
