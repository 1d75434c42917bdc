import {
  decodeKeyFile,
  encodeKeyFile,
  generateSigningKey,
  signingKeyFromPem,
  type SigningKey,
} from '@sheaf/bundle';
import { join } from 'node:path';
import { StartError } from './start-error.js';
import { createSecretFile, findFile } from './secret-file.js';

/**
 * The key that signs the log: from the configuration, else from `log-key.json` in the data directory (mode 0600),
 * which is made for a new log only. An existing log never gets a new key by accident.
 *
 * @throws StartError `log.key_missing`, `log.key_invalid`
 */
export async function loadLogKey(
  dataDir: string,
  configured: string | undefined,
  isNew: boolean,
): Promise<SigningKey> {
  if (configured !== undefined) return readConfigured(configured);
  const path = join(dataDir, 'log-key.json');
  const text = await findFile(path);
  if (text !== undefined) return (await decodeKeyFile(text)).key;
  if (!isNew) {
    throw new StartError(
      'log.key_missing',
      `${path} is missing, but the log has begun`,
      'restore it from the backup, or set SHEAF_LOG_SIGNING_KEY to the key',
    );
  }
  const key = generateSigningKey();
  if (await createSecretFile(path, await encodeKeyFile(key, { name: 'log' }))) return key;
  return loadLogKey(dataDir, configured, isNew);
}

async function readConfigured(configured: string): Promise<SigningKey> {
  const isPem = configured.includes('-----BEGIN');
  const text = isPem ? configured : await findFile(configured);
  if (text === undefined)
    throw new StartError(
      'log.key_missing',
      'the file that SHEAF_LOG_SIGNING_KEY names does not exist',
      'check the path',
    );
  try {
    return signingKeyFromPem(text);
  } catch (cause) {
    throw new StartError(
      'log.key_invalid',
      'SHEAF_LOG_SIGNING_KEY holds no Ed25519 key',
      'use PKCS #8 PEM: openssl genpkey -algorithm ed25519',
      cause,
    );
  }
}
