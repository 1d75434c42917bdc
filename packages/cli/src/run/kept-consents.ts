import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PERMISSION_KINDS, type Permissions } from '@sheaf/workflow';

/** What somebody agreed to on this machine. */
export interface StoredConsent {
  readonly version?: string | undefined;
  readonly signers: readonly string[];
  readonly permissions: Permissions;
  readonly agreedAt: string;
}

/** By the names that they are kept under; what is damaged is left out. */
export async function readConsents(dir: string): Promise<ReadonlyMap<string, StoredConsent>> {
  const found = new Map<string, StoredConsent>();
  let names: readonly string[];
  try {
    names = await readdir(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return found;
    throw error;
  }
  for (const name of names.filter((each) => /^[0-9a-f]{32}\.json$/.test(each))) {
    const consent = parseConsent(await readFile(join(dir, name), 'utf8'));
    if (consent !== undefined) found.set(name, consent);
  }
  return found;
}

/** Undefined for a damaged file, which is then no agreement. */
function parseConsent(text: string): StoredConsent | undefined {
  try {
    const value = JSON.parse(text) as StoredConsent;
    const isList = (list: unknown): boolean =>
      Array.isArray(list) && list.every((each) => typeof each === 'string');
    const whole =
      isList(value.signers) &&
      typeof value.agreedAt === 'string' &&
      PERMISSION_KINDS.every((kind) => isList(value.permissions[kind]));
    return whole ? value : undefined;
  } catch {
    return undefined;
  }
}
