import { generateSigningKey } from '@sheaf/bundle';
import { defineCommand, type CommandGroup } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { assertKeyName, openKeyStore } from '../keys/key-store.js';
import { padTo, shortId } from '../terminal/text.js';

interface Generated {
  readonly name: string;
  readonly id: string;
  readonly path: string;
  readonly passphrase: boolean;
}

const generate = defineCommand<Generated>({
  name: 'key generate',
  about: 'Generate an Ed25519 signing key, kept in a file that only you can read.',
  positionals: { names: [], required: 0 },
  flags: [
    { name: 'name', value: 'NAME', summary: 'what to call it' },
    { name: 'no-passphrase', summary: 'keep it without a passphrase' },
  ],
  examples: ['sheaf key generate --name laptop', 'SHEAF_KEY_PASSPHRASE=… sheaf key generate --name ci'],
  exitCodes: [0, 1, 5],
  run: async (context, input) => {
    const name = input.get('name');
    if (name === undefined) {
      throw new CliError('usage.missing_flag', 'the key needs a name', {
        hint: 'sheaf key generate --name laptop',
      });
    }
    assertKeyName(name);
    const store = openKeyStore(context.paths.config(), context.ui.warn);
    if ((await store.list()).some((key) => key.name === name)) {
      throw new CliError('key.exists', `there is a key called ${name} already`, {
        hint: ['a key is never overwritten: choose another --name', 'sheaf key list'],
      });
    }
    const passphrase = input.has('no-passphrase') ? undefined : await choosePassphrase(context);
    const key = generateSigningKey();
    const path = await store.create(name, key, passphrase);
    return { data: { name, id: key.publicKey.id, path, passphrase: passphrase !== undefined } };
  },
  render: (data, { talkStyle }) => ({
    talk: [
      `key ${data.name} kept in ${data.path}${data.passphrase ? '' : `, ${talkStyle.yellow('without a passphrase')}: who reads the file can sign as you`}`,
      'keep a copy of the file: nobody can restore a lost key',
    ].join('\n'),
    answer: data.id,
  }),
});

async function choosePassphrase(context: Context): Promise<string> {
  const variable = context.env['SHEAF_KEY_PASSPHRASE'];
  if (variable !== undefined && variable !== '') return variable;
  if (!context.ui.canAsk) {
    throw new CliError(
      'key.passphrase_required',
      'a passphrase is needed, and there is no terminal to ask on',
      {
        hint: ['set SHEAF_KEY_PASSPHRASE', 'or go without: --no-passphrase'],
      },
    );
  }
  const first = await context.ui.askSecret('passphrase for the new key: ');
  if (first === '') {
    throw new CliError('key.passphrase_required', 'an empty passphrase protects nothing', {
      hint: 'to go without one: --no-passphrase',
    });
  }
  if ((await context.ui.askSecret('the same again: ')) === first) return first;
  throw new CliError('key.passphrase_wrong', 'the two passphrases differ', {
    hint: 'run the command again; nothing was kept',
  });
}

interface Listed {
  readonly keys: readonly {
    readonly name: string;
    readonly id: string;
    readonly path: string;
    readonly passphrase: boolean;
  }[];
}

const list = defineCommand<Listed>({
  name: 'key list',
  about: 'List your signing keys.',
  positionals: { names: [], required: 0 },
  flags: [],
  examples: ['sheaf key list', 'sheaf key list --json'],
  exitCodes: [0, 1],
  run: async (context) => {
    const keys = await openKeyStore(context.paths.config(), context.ui.warn).list();
    return {
      data: {
        keys: keys.map((key) => ({
          name: key.name,
          id: key.publicKey.id,
          path: key.path,
          passphrase: key.hasPassphrase,
        })),
      },
    };
  },
  render: ({ keys }, { columns, style }) => {
    if (keys.length === 0) return { talk: 'no keys yet: sheaf key generate --name NAME' };
    if (columns === undefined) {
      return {
        answer: keys
          .map((key) => [key.name, key.id, key.passphrase ? 'passphrase' : 'none', key.path].join('\t'))
          .join('\n'),
      };
    }
    const width = Math.max(...keys.map((key) => key.name.length)) + 2;
    return {
      answer: keys
        .map(
          (key) =>
            `${style.bold(padTo(key.name, width))}${shortId(key.id)}  ${key.passphrase ? 'passphrase   ' : 'no passphrase'}  ${key.path}`,
        )
        .join('\n'),
    };
  },
});

export const command: CommandGroup = {
  name: 'key',
  about: 'Signing keys: the private half never leaves this machine.',
  commands: [generate, list],
};
