import { findSecretProblem, MAX_SECRET_BYTES } from '@sheaf/engine';
import { remember } from '../completion/candidates.js';
import type { Input } from '../frame/args.js';
import { defineCommand } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError, codeOf } from '../frame/errors.js';
import type { SecretSetJson } from '../json/secret-set.js';
import { FOR_FLAG } from '../secrets/flags.js';
import type { SecretEntry } from '../secrets/secret-entry.js';
import { keyText, readSecretKey, typedKey, type SecretKey } from '../secrets/secret-key.js';
import type { SecretPlace } from '../secrets/secret-store.js';
import { openSecretStores, PLACES, type SecretStores } from '../secrets/stores.js';

export const set = defineCommand<SecretSetJson, SecretSetJson>({
  name: 'secret set',
  about:
    'Store a secret, in the place of the one that has the name. The value is read from standard input, without its last line end, or asked for.',
  positionals: { names: ['NAME'], required: 1, completes: ['secret'] },
  flags: [
    FOR_FLAG,
    {
      name: 'in',
      value: 'keyring|vault',
      values: ['keyring', 'vault'],
      summary: 'where to (default: where it is, else the keyring, and the vault where there is none)',
    },
  ],
  examples: [
    'sheaf secret set GITHUB_TOKEN',
    'sheaf secret set DEPLOY_KEY --for acme/deploy < key.pem',
    'sheaf secret set NPM_TOKEN --for acme --in vault < npm-token',
  ],
  exitCodes: [0, 1, 2, 3, 5, 130],
  run: async (context, input) => {
    const key = readSecretKey(input.positionals[0] ?? '', input.get('for'));
    const stores = openSecretStores(context);
    const before = await findPlaces(stores, key);
    const value = await readValue(context, key);
    const wanted = readPlace(input) ?? before[0] ?? (stores.hasKeyring ? 'keyring' : 'vault');
    const { place, entry } = await store(context, stores, wanted, {
      key,
      value,
      mayMove: readPlace(input) === undefined,
    });
    for (const other of before) if (other !== place) await stores[other].remove(key);
    await remember(context, 'secret', [key.name]);
    return {
      data: {
        ...key,
        in: place,
        version: entry.version,
        setAt: entry.setAt,
        replaced: before.length > 0,
      },
    };
  },
  render: ({ name, for: scope, in: place, replaced }) => ({
    answer: `${name} is in the ${place}, for ${scope ?? 'all workflows'}${replaced ? ', in the place of the earlier one' : ''}`,
  }),
});

function readPlace(input: Input): SecretPlace | undefined {
  return PLACES.find((place) => place === input.get('in'));
}

async function findPlaces(stores: SecretStores, key: SecretKey): Promise<readonly SecretPlace[]> {
  const found: SecretPlace[] = [];
  for (const place of PLACES) {
    const entries = await stores[place].list();
    if (entries.some((entry) => keyText(entry) === keyText(key))) found.push(place);
  }
  return found;
}

/** A keyring that fails is told, and the vault takes its place, unless it was asked for by name. */
async function store(
  { ui }: Pick<Context, 'ui'>,
  stores: SecretStores,
  place: SecretPlace,
  given: { readonly key: SecretKey; readonly value: string; readonly mayMove: boolean },
): Promise<{ readonly place: SecretPlace; readonly entry: SecretEntry }> {
  try {
    return { place, entry: await stores[place].set(given.key, given.value) };
  } catch (error) {
    if (codeOf(error) !== 'secret.keyring' || !given.mayMove) throw error;
    ui.warn(`${(error as CliError).message}: the vault takes it`);
    return { place: 'vault', entry: await stores.vault.set(given.key, given.value) };
  }
}

/** A question takes a line, and cuts what is longer. */
const MAX_ASKED = 4000;

async function readValue(context: Context, key: SecretKey): Promise<string> {
  const value = context.stdinIsTty ? await askValue(context, key) : await readPiped(context, key);
  const problem = value === '' ? 'is empty' : findSecretProblem(value);
  if (problem === undefined) return value;
  throw new CliError('usage.secret_value', `the secret ${key.name} ${problem}`, {
    hint: value === '' ? `sheaf secret set ${typedKey(key)} < FILE-WITH-THE-SECRET` : 'nothing was stored',
  });
}

async function askValue({ ui }: Pick<Context, 'ui'>, key: SecretKey): Promise<string> {
  if (!ui.canAsk) {
    throw new CliError('usage.secret_value', 'there is nothing to read the secret from, and nobody to ask', {
      hint: `sheaf secret set ${typedKey(key)} < FILE-WITH-THE-SECRET`,
    });
  }
  const value = await ui.askSecret(`value of ${key.name}: `);
  if (value.length <= MAX_ASKED) return value;
  throw new CliError('usage.secret_value', `more than ${MAX_ASKED} characters cannot be typed`, {
    hint: `sheaf secret set ${typedKey(key)} < FILE-WITH-THE-SECRET`,
  });
}

/** Without the line end that editors and `echo` put behind a text. */
async function readPiped({ readStdin }: Pick<Context, 'readStdin'>, key: SecretKey): Promise<string> {
  const text = await readStdin(MAX_SECRET_BYTES + 2).catch((error: unknown) => {
    if (!(error instanceof CliError) || error.code !== 'usage.stdin_too_large') throw error;
    throw new CliError(
      'usage.secret_value',
      `the secret ${key.name} is longer than ${MAX_SECRET_BYTES} bytes`,
      {
        hint: 'nothing was stored',
      },
    );
  });
  if (text.includes('\ufffd')) {
    throw new CliError('usage.secret_value', `the secret ${key.name} is no text in UTF-8`, {
      hint: `base64 FILE | sheaf secret set ${typedKey(key)}`,
    });
  }
  return text.replace(/\r?\n$/, '');
}
