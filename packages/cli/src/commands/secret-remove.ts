import { forget } from '../completion/candidates.js';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { SecretRemoveJson } from '../json/secret-remove.js';
import { FOR_FLAG } from '../secrets/flags.js';
import { readSecretKey, typedKey, type SecretKey } from '../secrets/secret-key.js';
import type { SecretPlace } from '../secrets/secret-store.js';
import { openSecretStores, PLACES, type SecretStores } from '../secrets/stores.js';

export const remove = defineCommand<SecretRemoveJson, SecretRemoveJson>({
  name: 'secret remove',
  about: 'Remove a secret that is stored here.',
  positionals: { names: ['NAME'], required: 1, completes: ['secret'] },
  flags: [FOR_FLAG],
  examples: ['sheaf secret remove GITHUB_TOKEN', 'sheaf secret remove DEPLOY_KEY --for acme/deploy'],
  exitCodes: [0, 1, 2, 3, 4, 5, 130],
  run: async (context, input) => {
    const key = readSecretKey(input.positionals[0] ?? '', input.get('for'));
    const stores = openSecretStores(context);
    const from: SecretPlace[] = [];
    for (const place of PLACES) if (await stores[place].remove(key)) from.push(place);
    if (from.length === 0) throw await notFound(stores, key);
    if ((await findNamed(stores, key.name)) === undefined) await forget(context, 'secret', [key.name]);
    return { data: { ...key, from } };
  },
  render: ({ name, for: scope, from }) => ({
    answer: `${name} for ${scope ?? 'all workflows'} is gone from the ${from.join(' and the ')}`,
  }),
});

async function findNamed(stores: SecretStores, name: string): Promise<SecretKey | undefined> {
  const lists = await Promise.all(PLACES.map((place) => stores[place].list()));
  return lists.flat().find((entry) => entry.name === name);
}

async function notFound(stores: SecretStores, key: SecretKey): Promise<CliError> {
  const same = await findNamed(stores, key.name);
  const { name, for: scope } = key;
  const whose = scope === undefined ? 'for all workflows' : `for ${scope}`;
  return new CliError('secret.not_found', `there is no secret ${name} ${whose} here`, {
    hint: same === undefined ? 'sheaf secret list shows them' : `sheaf secret remove ${typedKey(same)}`,
  });
}
