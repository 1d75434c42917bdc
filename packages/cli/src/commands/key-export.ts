import { encodeBase64, spkiOf } from '@sheaf/bundle';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { KeyExportJson } from '../json/key-export.js';
import { openKeyStore } from '../keys/key-store.js';

interface Exported {
  readonly name: string;
  readonly id: string;
  /** SubjectPublicKeyInfo in PEM. */
  readonly publicKey: string;
}

export const exportKey = defineCommand<Exported, KeyExportJson>({
  name: 'key export',
  about: 'Print the public half of a key, as openssl reads it.',
  positionals: { names: ['NAME'], completes: ['key'], required: 1 },
  flags: [],
  examples: ['sheaf key export laptop', 'sheaf key export laptop > laptop.pem'],
  exitCodes: [0, 1, 4],
  run: async (context, input) => {
    const [name = ''] = input.positionals;
    const keys = await openKeyStore(context.paths.config(), context.ui.warn).list();
    const found = keys.find((key) => key.name === name);
    if (found === undefined) {
      throw new CliError('key.not_found', `there is no key called ${JSON.stringify(name)}`, {
        hint:
          keys.length === 0
            ? 'sheaf key generate --name NAME'
            : `your keys: ${keys.map((key) => key.name).join(', ')}`,
      });
    }
    const base64 = encodeBase64(spkiOf(found.publicKey));
    const publicKey = `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----\n`;
    return { data: { name, id: found.publicKey.id, publicKey } };
  },
  render: (data) => ({ answer: data.publicKey.trimEnd() }),
});
