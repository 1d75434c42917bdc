import { decodeKeyFile, encodeKeyFile, generateSigningKey, type NamedKey } from '@sheaf/bundle';
import { join } from 'node:path';
import { createSecretFile, findFile } from '../secret-file.js';
import { StartError } from '../start-error.js';

export interface WitnessKey extends NamedKey {
  /** Whether this start made it. */
  readonly isNew: boolean;
}

/**
 * The witness's name and key, from `witness-key.json` in the data directory (mode 0600), which the first start makes.
 * The name is part of the key's identity and never changes.
 *
 * @param configured the name asked for; undefined: the one in the file, or `fallback` for a new file
 * @throws StartError `witness.name_fixed`; BundleError `key.file_invalid`
 */
export async function loadWitnessKey(
  dataDir: string,
  configured: string | undefined,
  fallback: string,
): Promise<WitnessKey> {
  const path = join(dataDir, 'witness-key.json');
  const text = await findFile(path);
  if (text === undefined) {
    const name = configured ?? fallback;
    const key = generateSigningKey();
    if (await createSecretFile(path, await encodeKeyFile(key, { name }))) return { name, key, isNew: true };
    return loadWitnessKey(dataDir, configured, fallback);
  }
  const named = await decodeKeyFile(text);
  if (configured !== undefined && configured !== named.name) {
    throw new StartError(
      'witness.name_fixed',
      `the witness in ${dataDir} is called ${named.name}`,
      'leave --name out, or use another data directory for another witness',
    );
  }
  return { ...named, isNew: false };
}
