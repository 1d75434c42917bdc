import { isRegistryName } from '@sheaf/client';
import { editSettings, setDefault, setRegistry } from '../config/edit-settings.js';
import { normaliseRegistryUrl } from '../config/registry-url.js';
import {
  isSpkiPin,
  parseSettings,
  readSettings,
  settingsPath,
  type RegistrySetting,
} from '../config/settings.js';
import type { Input } from '../frame/args.js';
import { defineCommand, omit } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { RegistryAddJson } from '../json/registry-add.js';
import { remember } from '../completion/candidates.js';
import { findUsual } from '../registry/choose.js';
import { credentialsIn, readAccountName } from '../registry/stored-token.js';
import { printable } from '../terminal/escape.js';

interface Added extends RegistryAddJson {
  /** Whether somebody is signed in there already. */
  readonly isSignedIn: boolean;
}

export const add = defineCommand<Added, RegistryAddJson>({
  name: 'registry add',
  about: 'Give a registry a name in your config.toml, and say what else holds for it. Asks no registry.',
  positionals: { names: ['NAME', 'URL'], required: 1, completes: ['registry', []] },
  flags: [
    {
      name: 'spki',
      value: 'PIN',
      repeat: true,
      summary: 'a public key that its certificate chain must have: sha256/BASE64, or none for any',
    },
    { name: 'account', value: 'ACCOUNT', summary: 'the account to use there, of several' },
    {
      name: 'anonymous',
      value: 'yes|no',
      values: ['yes', 'no'],
      optional: true,
      summary: 'nobody signs in there: what it hides from strangers is never meant',
    },
    { name: 'default', summary: 'use it when nothing else names one' },
  ],
  examples: [
    'sheaf registry add corp https://registry.corp.example --default',
    'sheaf registry add corp --account work',
  ],
  exitCodes: [0, 2],
  run: async (context, input) => {
    const dir = context.paths.config();
    const { before, setting } = await editSettings(
      dir,
      async (text, path) => {
        const before = (await parseSettings(text, path)).registries.get(readName(input));
        const setting = readSetting(input, before);
        const edited = await setRegistry(text, path, setting);
        const isUsual = input.has('default');
        return { text: isUsual ? await setDefault(edited, path, setting.name) : edited, before, setting };
      },
      context,
    );
    const { name, url, spki, account, anonymous } = setting;
    await remember(context, 'registry', [name]);
    const accounts = await credentialsIn(context, dir).list();
    return {
      data: {
        name,
        url,
        spki,
        ...(account === undefined ? {} : { account }),
        ...(anonymous === undefined ? {} : { anonymous }),
        default: findUsual(await readSettings(dir))?.name === name,
        ...(before === undefined || before.url === url ? {} : { previousUrl: before.url }),
        file: settingsPath(dir),
        isSignedIn: accounts.some((each) => each.url === url),
      },
    };
  },
  toJson: (data) => omit(data, 'isSignedIn'),
  render: ({ name, url, previousUrl, default: isDefault, isSignedIn, anonymous, file }) => ({
    talk: [
      ...(previousUrl === undefined ? [] : [`${name} was ${previousUrl}`]),
      `${name} is ${url}${isDefault ? ', the default' : ''} (${printable(file)})`,
      isSignedIn || anonymous === true
        ? `its workflows: sheaf info ${name}:NAMESPACE/WORKFLOW`
        : `next: sheaf login ${name}`,
    ].join('\n'),
  }),
});

function readName({ positionals }: Input): string {
  const [name = ''] = positionals;
  if (isRegistryName(name)) return name;
  throw new CliError(
    'usage.registry_name',
    `${JSON.stringify(printable(name.slice(0, 80)))} is no name of a registry`,
    {
      hint: [
        'use 1 to 64 lower-case letters, digits and hyphens, with a letter or digit at both ends',
        'sheaf registry add corp https://registry.corp.example',
      ],
    },
  );
}

/** What the words say; what they do not say stays as it was. */
function readSetting(input: Input, before: RegistrySetting | undefined): RegistrySetting {
  const name = readName(input);
  const [, given] = input.positionals;
  const url = given === undefined ? before?.url : normaliseRegistryUrl(given);
  if (url === undefined)
    throw new CliError(
      'usage.missing_argument',
      `there is no registry called ${name} yet, so it needs a URL`,
      {
        hint: `sheaf registry add ${name} https://registry.example.com`,
      },
    );
  const account = input.get('account');
  const named = account === undefined ? before?.account : readAccountName(account, '--account');
  const spki = readPins(input) ?? before?.spki ?? [];
  if (spki.length > 0 && !url.startsWith('https:'))
    throw new CliError('usage.spki', `pins need https, and ${url} has none`, {
      hint: 'give the https address of the registry, or --spki none',
    });
  return {
    name,
    url,
    spki,
    ...(named === undefined ? {} : { account: named }),
    ...(isAnonymous(input, before) ? { anonymous: true } : {}),
  };
}

/** An account is for signing in. */
function isAnonymous(input: Input, before: RegistrySetting | undefined): boolean {
  if (!input.has('anonymous')) return before?.anonymous === true && !input.has('account');
  if (input.get('anonymous') === 'no') return false;
  if (!input.has('account')) return true;
  throw new CliError(
    'usage.exclusive_flags',
    '--anonymous and --account: one of them signs in, the other not',
    {
      hint: 'leave out one of them',
    },
  );
}

function readPins(input: Input): readonly string[] | undefined {
  const given = input.all('spki');
  if (given.length === 0) return undefined;
  if (given.length === 1 && given[0] === 'none') return [];
  const bad = given.find((pin) => !isSpkiPin(pin));
  if (bad === undefined) return given;
  throw new CliError(
    'usage.spki',
    `--spki ${JSON.stringify(printable(bad.slice(0, 80)))} is no pin of a public key`,
    {
      hint: [
        'sha256/ and the SHA-256 of the SubjectPublicKeyInfo in base64:',
        'openssl x509 -in CERT -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64',
      ],
    },
  );
}
