import type { Pin } from '@sheaf/client';
import { readSettings, type Settings } from '../config/settings.js';
import type { StoredAccount } from '../config/credentials.js';
import { defineCommand, type Look, type Rendered } from '../frame/command.js';
import { codeOf } from '../frame/errors.js';
import type { RegistryListJson } from '../json/registry-list.js';
import { findProjectRegistries, type ProjectRegistries } from '../project/registries-only.js';
import { findUsual } from '../registry/choose.js';
import { findKnownPin } from '../registry/log-key.js';
import { openTrust } from '../registry/open-trust.js';
import { credentialsIn, findAccount } from '../registry/stored-token.js';
import { printable } from '../terminal/escape.js';
import { renderTable, type Cell, type Column } from '../terminal/table.js';
import { formatDay } from '../terminal/text.js';

type Row = RegistryListJson['registries'][number];

export const list = defineCommand<RegistryListJson, RegistryListJson>({
  name: 'registry list',
  about:
    'List the registries that have a name here or are in use, and who is signed in to them. Asks no registry.',
  positionals: { names: [], required: 0 },
  flags: [],
  examples: ['sheaf registry list', 'sheaf registry list --json'],
  exitCodes: [0, 2],
  run: async (context) => {
    const dir = context.paths.config();
    const settings = await readSettings(dir);
    const accounts = await credentialsIn(context, dir).list();
    const usual = findUsual(settings);
    const places = placesOf(settings, await findProjectRegistries(context), accounts);
    const registries = await Promise.all(
      places.map(async (place): Promise<Row> => {
        const pin = await findKnownPin(context, { url: place.url, trust: () => openTrust(context) });
        const setting = place.name === undefined ? undefined : settings.registries.get(place.name);
        return {
          ...place,
          default:
            place.from !== 'sheaf.toml' &&
            usual?.url === place.url &&
            (usual.name ?? place.name) === place.name,
          spki: place.from === 'config.toml' ? (setting?.spki ?? []) : [],
          ...(place.from === 'config.toml' && setting?.anonymous === true
            ? { anonymous: true as const }
            : {}),
          ...describePin(pin),
          accounts: describeAccounts(accounts, place.url, setting?.account, context.env['SHEAF_ACCOUNT']),
        };
      }),
    );
    return { data: { registries } };
  },
  render,
});

type Place = Pick<Row, 'name' | 'url' | 'from'>;

/** The project's, the user's, then those that have no name: the default, and where somebody is signed in. */
function placesOf(
  settings: Settings,
  project: ProjectRegistries | undefined,
  accounts: readonly StoredAccount[],
): readonly Place[] {
  const named: readonly Place[] = [
    ...[...(project?.registries ?? [])].map(([name, url]): Place => ({ name, url, from: 'sheaf.toml' })),
    ...[...settings.registries.values()].map(({ name, url }): Place => ({ name, url, from: 'config.toml' })),
  ];
  const usual = findUsual(settings);
  const others: readonly Place[] = [
    ...(usual === undefined
      ? []
      : [
          {
            url: usual.url,
            from: usual.from === 'default' ? ('default' as const) : ('config.toml' as const),
          },
        ]),
    ...accounts.map(({ url }): Place => ({ url, from: 'signed in' })),
  ];
  const known = new Set(named.filter(({ from }) => from === 'config.toml').map(({ url }) => url));
  return [
    ...named,
    ...others.filter(({ url }) => {
      const isNew = !known.has(url);
      known.add(url);
      return isNew;
    }),
  ];
}

function describePin(pin: Pin | undefined): Partial<Pick<Row, 'origin' | 'logKey' | 'pinnedAt'>> {
  return pin === undefined ? {} : { origin: pin.origin, logKey: pin.logKey, pinnedAt: pin.pinnedAt };
}

function describeAccounts(
  accounts: readonly StoredAccount[],
  url: string,
  account: string | undefined,
  variable: string | undefined,
): Row['accounts'] {
  const here = accounts.filter((each) => each.url === url);
  const used = findUsed(here, { url, account }, variable);
  return here.map((each) => ({
    ...(each.account === undefined ? {} : { account: each.account }),
    ...(each.user === undefined ? {} : { user: each.user }),
    in: each.in,
    used: each === used,
  }));
}

function findUsed(...asked: Parameters<typeof findAccount>): StoredAccount | undefined {
  try {
    return findAccount(...asked);
  } catch (error) {
    if (codeOf(error) === 'auth.account_needed') return undefined;
    throw error;
  }
}

const COLUMNS: readonly Column[] = [
  { title: 'NAME' },
  { title: 'ADDRESS' },
  { title: 'USE', drop: 1 },
  { title: 'SIGNED IN AS', least: 8 },
  { title: 'LOG KEY', drop: 2 },
  { title: 'TOKEN', drop: 3 },
];

function render({ registries }: RegistryListJson, look: Look): Rendered {
  return {
    answer: renderTable(COLUMNS, registries.map(cellsOf), look),
    ...(registries.every(({ name }) => name === undefined) && {
      talk: 'none has a name yet: sheaf registry add NAME URL',
    }),
  };
}

function cellsOf({ name, url, from, default: isDefault, accounts, spki, pinnedAt }: Row): readonly Cell[] {
  const use = [...(isDefault ? ['default'] : []), ...(from === 'sheaf.toml' ? ['sheaf.toml'] : [])].join(
    ', ',
  );
  const who = accounts.map(describeAccount).join(', ');
  const pinned = pinnedAt === undefined ? 'not pinned' : `pinned ${formatDay(pinnedAt)}`;
  return [
    name ?? '-',
    url,
    use,
    who === '' ? 'nobody' : who,
    { text: spki.length === 0 ? pinned : `${pinned}, TLS too`, full: pinnedAt ?? '' },
    [...new Set(accounts.map((each) => each.in))].join(', '),
  ];
}

/** `ana (work)`, with a star when it is the one of several that is used. */
function describeAccount(
  { account, user, used }: Row['accounts'][number],
  _: number,
  all: Row['accounts'],
): string {
  const who = printable(user ?? account ?? 'somebody');
  const named = account === undefined || account === user ? who : `${who} (${account})`;
  return all.length > 1 && used ? `${named}*` : named;
}
