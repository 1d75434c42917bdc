import { defineCommand } from '../frame/command.js';
import type { SecretListJson } from '../json/secret-list.js';
import { openSecretStores, PLACES } from '../secrets/stores.js';
import { renderTable, type Column } from '../terminal/table.js';
import { formatDay } from '../terminal/text.js';

const COLUMNS: readonly Column[] = [
  { title: 'NAME' },
  { title: 'FOR' },
  { title: 'IN' },
  { title: 'SET', drop: 1 },
];

export const list = defineCommand<SecretListJson, SecretListJson>({
  name: 'secret list',
  about: 'List the secrets that are stored here, without their values. Opens neither keyring nor vault.',
  positionals: { names: [], required: 0 },
  flags: [],
  examples: ['sheaf secret list', 'sheaf secret list --json'],
  exitCodes: [0, 1, 3],
  run: async (context) => {
    const stores = openSecretStores(context);
    const lists = await Promise.all(
      PLACES.map(async (place) =>
        (await stores[place].list()).map(({ name, for: scope, version, setAt }) => ({
          name,
          ...(scope === undefined ? {} : { for: scope }),
          in: place,
          version,
          setAt,
        })),
      ),
    );
    const secrets = lists.flat().sort((a, b) => compare(a.name, b.name) || compare(a.for ?? '', b.for ?? ''));
    return { data: { secrets } };
  },
  render: ({ secrets }, look) =>
    secrets.length === 0
      ? { talk: 'no secret is stored here: sheaf secret set NAME' }
      : {
          answer: renderTable(
            COLUMNS,
            secrets.map(({ name, for: scope, in: place, setAt }) => [
              name,
              scope ?? 'all workflows',
              place,
              { text: formatDay(setAt), full: setAt },
            ]),
            look,
          ),
        },
});

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
