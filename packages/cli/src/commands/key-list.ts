import { parseNamespace } from '@sheaf/workflow';
import type { VerifiedKeyHistory } from '@sheaf/client';
import { remember } from '../completion/candidates.js';
import type { Input } from '../frame/args.js';
import { defineCommand, type Look, type Rendered } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import type { KeyListJson } from '../json/key-list.js';
import { openKeyStore, type StoredKey } from '../keys/key-store.js';
import { openKeyDesk } from '../keys/submit-event.js';
import { REGISTRY_FLAG, withSession, YES_FLAG } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { renderTable, type Cell } from '../terminal/table.js';
import { plural, shortId } from '../terminal/text.js';

interface Local {
  readonly keys: readonly {
    readonly name: string;
    readonly id: string;
    readonly path: string;
    readonly passphrase: boolean;
    readonly keyring: boolean;
    readonly revoked: StoredKey['revoked'];
  }[];
}

/** A key of a namespace, as the log proves it. */
interface Logged {
  readonly id: string;
  /** What it is called here, when its private half is here. */
  readonly name?: string;
  readonly addedIndex: number;
  readonly by: readonly string[];
  readonly recovery: boolean;
  readonly first: boolean;
  readonly revoked?: { readonly index: number; readonly reason: string; readonly fromIndex?: number };
}

interface OfNamespace {
  readonly namespace: string;
  readonly registry: string;
  readonly threshold: number;
  readonly policyIndex?: number;
  readonly logSize: number;
  readonly keys: readonly Logged[];
}

export const list = defineCommand<Local | OfNamespace, KeyListJson>({
  name: 'key list',
  about: 'List your signing keys; with a namespace, its keys as the log proves them.',
  positionals: { names: [], required: 0 },
  flags: [
    {
      name: 'namespace',
      value: 'NS',
      completes: 'namespace',
      summary: 'the keys of this namespace: since when, by whom, whether revoked',
    },
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: ['sheaf key list', 'sheaf key list --namespace acme'],
  exitCodes: [0, 1, 3, 4, 5, 6],
  run: async (context, input) => {
    const namespace = input.get('namespace');
    const own = await openKeyStore(context.paths.config(), context.ui.warn).list();
    await remember(
      context,
      'key',
      own.map(({ name }) => name),
    );
    if (namespace !== undefined) return { data: await listOfNamespace(context, input, namespace, own) };
    return {
      data: {
        keys: own.map((key) => ({
          name: key.name,
          id: key.publicKey.id,
          path: key.path,
          passphrase: key.hasPassphrase,
          keyring: key.inKeyring,
          revoked: key.revoked,
        })),
      },
    };
  },
  render: (data, look) => ('namespace' in data ? renderNamespace(data, look) : renderLocal(data, look)),
});

function listOfNamespace(
  context: Context,
  input: Input,
  name: string,
  own: readonly StoredKey[],
): Promise<OfNamespace> {
  const namespace = parseNamespace(name);
  return withSession(context, input, async (session) => {
    const options = { namespace, yes: input.has('yes'), readOnly: true };
    const { history } = await openKeyDesk(context, session, options);
    const { threshold, policyIndex } = history;
    return {
      namespace,
      registry: session.url,
      threshold,
      ...(policyIndex === undefined ? {} : { policyIndex }),
      logSize: history.checkpoint.size,
      keys: history.keys.map((key) => describeLogged(key, own)),
    };
  });
}

function describeLogged(key: VerifiedKeyHistory['keys'][number], own: readonly StoredKey[]): Logged {
  const name = own.find(({ publicKey }) => publicKey.id === key.keyid)?.name;
  return {
    id: key.keyid,
    ...(name === undefined ? {} : { name }),
    addedIndex: key.addedAt,
    by: key.by.filter((id) => id !== key.keyid),
    recovery: key.recovery,
    first: key.isFirst,
    ...(key.revoked === undefined ? {} : { revoked: key.revoked }),
  };
}

function renderLocal({ keys }: Local, { columns, style }: Look): Rendered {
  if (keys.length === 0) return { talk: 'no keys yet: sheaf key generate --name NAME' };
  const isOneRevoked = keys.some(({ revoked }) => revoked.length > 0);
  const rows = keys.map((key): readonly Cell[] => [
    { text: key.name, paint: style.bold },
    { text: shortId(key.id), full: key.id },
    { text: key.passphrase ? describePassphrase(key) : 'no passphrase', full: describePassphrase(key) },
    key.path,
    ...(isOneRevoked ? [useOf(key, style.yellow)] : []),
  ]);
  const titles = [{}, {}, {}, { least: 16 }, ...(isOneRevoked ? [{ least: 16 }] : [])];
  return { answer: renderTable(titles, rows, { columns, style }) };
}

/** As it was when the log was last read; `--namespace` reads it. */
function useOf({ revoked }: Local['keys'][number], paint: (text: string) => string): Cell {
  const describe = (more: (reason: string) => string) =>
    revoked.map(({ namespace, reason }) => printable(`revoked in ${namespace}${more(reason)}`)).join('; ');
  return { text: describe(() => ''), full: describe((reason) => `, ${reason}`), paint };
}

function describePassphrase(key: Local['keys'][number]): string {
  if (!key.passphrase) return 'none';
  return key.keyring ? 'keyring' : 'passphrase';
}

function renderNamespace(data: OfNamespace, { columns, style }: Look): Rendered {
  const rows = data.keys.map((key): readonly Cell[] => [
    { text: shortId(key.id), full: key.id },
    { text: key.name ?? '-', paint: style.bold },
    `#${key.addedIndex}`,
    describeOrigin(key),
    describeRevoked(key),
  ]);
  const active = data.keys.filter((key) => key.revoked === undefined).length;
  const talk = `${data.namespace}: ${data.threshold} of ${plural(active, 'active key')} must sign · verified in the log of ${data.registry}, ${plural(data.logSize, 'entry', 'entries')}`;
  return { talk, answer: renderTable([{}, {}, {}, { least: 12 }, { least: 16 }], rows, { columns, style }) };
}

function describeOrigin(key: Logged): string {
  if (key.recovery) return 'by recovery';
  if (key.first) return 'first key';
  return `by ${key.by.map(shortId).join(', ')}`;
}

function describeRevoked({ revoked }: Logged): string {
  if (revoked === undefined) return 'active';
  const from = revoked.fromIndex === undefined ? '' : ` from #${revoked.fromIndex}`;
  return `revoked at #${revoked.index}, ${revoked.reason}${from}`;
}
