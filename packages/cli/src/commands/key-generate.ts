import { generateSigningKey } from '@sheaf/bundle';
import { remember } from '../completion/candidates.js';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { KeyGenerateJson } from '../json/key-generate.js';
import { assertKeyName, openKeyStore } from '../keys/key-store.js';
import { choosePassphrase, keepInKeyring } from '../keys/passphrase.js';
import { printable } from '../terminal/escape.js';

interface Generated {
  readonly name: string;
  readonly id: string;
  readonly path: string;
  readonly passphrase: boolean;
  /** Whether the passphrase is in the keyring of the operating system. */
  readonly keyring: boolean;
}

export const generate = defineCommand<Generated, KeyGenerateJson>({
  name: 'key generate',
  about: 'Generate an Ed25519 signing key, kept in a file that only you can read.',
  positionals: { names: [], required: 0 },
  flags: [
    { name: 'name', value: 'NAME', summary: 'what to call it' },
    { name: 'keyring', summary: "keep its passphrase in this system's keyring, which is not asked for then" },
    { name: 'no-passphrase', summary: 'keep it without a passphrase' },
  ],
  examples: [
    'sheaf key generate --name laptop --keyring',
    'SHEAF_KEY_PASSPHRASE=… sheaf key generate --name ci',
  ],
  exitCodes: [0, 1, 5],
  run: async (context, input) => {
    const name = input.get('name');
    if (name === undefined) {
      throw new CliError('usage.missing_flag', 'the key needs a name', {
        hint: 'sheaf key generate --name laptop',
      });
    }
    assertKeyName(name);
    if (input.has('keyring') && input.has('no-passphrase')) {
      throw new CliError(
        'usage.conflicting_flags',
        'the keyring keeps a passphrase, and there is to be none',
        {
          hint: 'leave out --keyring or --no-passphrase',
        },
      );
    }
    const store = openKeyStore(context.paths.config(), context.ui.warn);
    if ((await store.list()).some((key) => key.name === name)) {
      throw new CliError('key.exists', `there is a key called ${name} already`, {
        hint: ['a key is never overwritten: choose another --name', 'sheaf key list'],
      });
    }
    const passphrase = input.has('no-passphrase') ? undefined : await choosePassphrase(context);
    const key = generateSigningKey();
    const path = await store.create(name, key, passphrase);
    const keyring =
      passphrase !== undefined &&
      input.has('keyring') &&
      (await keepInKeyring(context, key.publicKey.id, passphrase));
    if (keyring) await store.noteKeyring(name);
    await remember(context, 'key', [name]);
    return { data: { name, id: key.publicKey.id, path, passphrase: passphrase !== undefined, keyring } };
  },
  render: (data, { talkStyle }) => ({
    talk: [
      `key ${data.name} kept in ${printable(data.path)}${data.passphrase ? '' : `, ${talkStyle.yellow('without a passphrase')}: who reads the file can sign as you`}`,
      ...(data.keyring ? ['its passphrase is in the keyring of this system'] : []),
      'keep a copy of the file: nobody can restore a lost key',
    ].join('\n'),
    answer: data.id,
  }),
});
