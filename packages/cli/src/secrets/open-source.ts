import { resolve } from 'node:path';
import type { FoundSecret, SecretAsker, SecretSource } from '@sheaf/engine';
import { readSettings } from '../config/settings.js';
import type { Context } from '../frame/context.js';
import { codeOf } from '../frame/errors.js';
import { readDotenv } from './dotenv.js';
import { keyText, keysFor } from './secret-key.js';
import { openSecretStores, PLACES, type SecretStores } from './stores.js';

type SourceContext = Pick<Context, 'cwd' | 'env' | 'paths' | 'ui' | 'now' | 'signal'>;

/**
 * Where runs get their secrets, the first that has one wins: the keyring, the vault, the dotenv file, the environment. Of what is stored, that
 * for the workflow comes before that for its namespace, and that before what is for everybody.
 *
 * @param dotenv as typed; in its place `dotenv` of the configuration counts
 * @throws CliError `dotenv.invalid`, `file.…` for a file that was typed
 */
export async function openSecretSource(
  context: SourceContext,
  dotenv: string | undefined,
): Promise<Required<SecretSource>> {
  const { env, ui } = context;
  const stores = openSecretStores(context);
  let fromFile =
    dotenv === undefined ? undefined : Promise.resolve(await readDotenv(resolve(context.cwd, dotenv)));
  const findInFile = async (name: string): Promise<string | undefined> => {
    fromFile ??= readConfigured(context);
    return notEmpty((await fromFile).get(name));
  };
  const findVariable = (name: string): string | undefined =>
    Object.hasOwn(env, name) ? notEmpty(env[name]) : undefined;
  const told = new Set<string>();
  const tellUnused = (name: string, { value, source }: FoundSecret): void => {
    const variable = findVariable(name);
    if (variable === undefined || variable === value || told.has(name)) return;
    told.add(name);
    ui.warn(
      `the variable ${name} of the environment is not used: the ${source === 'dotenv' ? 'dotenv file' : source} has a secret of that name`,
    );
  };
  return {
    atHand: async (names, asker) => {
      const fileValues = await Promise.all(names.map(findInFile));
      const stored = await unlockEarly(context, stores, names, asker);
      const all = [...fileValues, ...names.map(findVariable), ...stored];
      return all.filter((value) => value !== undefined);
    },
    find: async (name, { workflow }) => {
      const found = (await findStored(stores, name, workflow)) ?? fromText(await findInFile(name), 'dotenv');
      if (found === undefined) return fromText(findVariable(name), 'environment');
      tellUnused(name, found);
      return found;
    },
  };
}

async function findStored(
  stores: SecretStores,
  name: string,
  workflow: string,
): Promise<FoundSecret | undefined> {
  for (const key of keysFor(name, workflow)) {
    for (const place of PLACES) {
      const found = await stores[place].find(key);
      if (found !== undefined) return { ...found, source: place };
    }
  }
  return undefined;
}

/**
 * The passphrase of a vault is asked for before anything runs, where somebody can answer and the run may need it: later the question would
 * stand in the middle of what steps write. What is wrong is told by the step that needs the secret.
 */
async function unlockEarly(
  { env, ui }: SourceContext,
  { vault }: SecretStores,
  names: readonly string[],
  { workflow }: SecretAsker,
): Promise<readonly string[]> {
  if (!ui.canAsk || (env['SHEAF_VAULT_PASSPHRASE'] ?? '') !== '') return [];
  try {
    if ((await vault.method()) !== 'scrypt') return [];
    const wanted = new Set(names.flatMap((name) => keysFor(name, workflow)).map(keyText));
    const entries = (await vault.list()).filter((entry) => wanted.has(keyText(entry)));
    const found = await Promise.all(entries.map((entry) => vault.find(entry)));
    return found.flatMap((secret) => secret?.value ?? []);
  } catch (error) {
    if (codeOf(error) === 'cancelled') throw error;
    return [];
  }
}

async function readConfigured({ paths }: SourceContext): Promise<ReadonlyMap<string, string>> {
  const { dotenv } = await readSettings(paths.config());
  return dotenv === undefined ? new Map<string, string>() : readDotenv(dotenv);
}

function fromText(value: string | undefined, source: string): FoundSecret | undefined {
  return value === undefined ? undefined : { value, source };
}

function notEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
