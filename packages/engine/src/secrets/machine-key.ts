import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '../errors.js';

const KEY_BYTES = 32;

/**
 * The key of this machine by which values are told apart that must not be found out from what is kept of them; made when there is none,
 * readable by its owner alone. Whole for every process, whichever makes it. Throws EngineError `store.failed`.
 */
export function machineKey(stateDir: string): Uint8Array {
  const path = join(stateDir, 'machine.key');
  try {
    return read(path) ?? make(path);
  } catch (error) {
    throw new EngineError('store.failed', `${path} cannot be read or made`, {
      cause: error,
      hint: 'make it readable, or remove it: another one is made',
    });
  }
}

function make(path: string): Uint8Array {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(temporary, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  const key = read(path);
  if (key === undefined) throw new Error('it is gone again');
  return key;
}

function read(path: string): Uint8Array | undefined {
  try {
    const key = readFileSync(path);
    if (key.length !== KEY_BYTES) throw new Error(`it has ${key.length} bytes, not ${KEY_BYTES}`);
    return key;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
