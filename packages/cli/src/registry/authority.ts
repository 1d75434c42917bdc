import { isClientError, registerFirstKey, registerKey, type PackedWorkflow } from '@sheaf/client';
import type { NamespaceDocument } from '@sheaf/client/contract';
import { splitWorkflowId, type Namespace } from '@sheaf/workflow';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { ChosenKey } from '../keys/signing-key.js';
import { shellWord } from '../terminal/shell.js';
import { shortId } from '../terminal/text.js';
import type { Session } from './session.js';

/**
 * Makes sure that the namespace exists, knows the keys, and asks for no more of them, after asking once for what is
 * missing.
 *
 * @throws CliError `namespace.not_found`, `key.not_found`, `key.unauthorised`, `key.revoked`, `key.threshold`,
 * `approval.refused`
 */
export async function ensureAuthority(
  context: Context,
  session: Session,
  options: {
    readonly packed: PackedWorkflow;
    /** The folders, as they were named. */
    readonly words: readonly string[];
    readonly keys: readonly [ChosenKey, ...ChosenKey[]];
    readonly origin: string;
    readonly yes: boolean;
    readonly dryRun: boolean;
    /** Others sign later: fewer keys than the namespace asks for are enough for now. */
    readonly isStaged?: boolean;
  },
): Promise<readonly string[]> {
  const { namespace } = splitWorkflowId(options.packed.bundle.definition.id);
  const document = await findNamespace(context, session, namespace);
  if (document !== undefined && document.keys.length > 0) {
    assertMaySign(document, options.keys, options.isStaged ?? false);
    return [];
  }
  const [first, ...others] = options.keys;
  const { publicKey } = first.key;
  const todo = [
    ...(document === undefined ? [`create the namespace ${namespace}`] : []),
    ...options.keys.map(
      ({ key, label }) => `register the key ${shortId(key.publicKey.id)} (${label}) for it`,
    ),
  ];
  const asked = { ...options, namespace, isNew: document === undefined, todo };
  if (options.dryRun) {
    // It ends as the publish itself would: where nobody can be asked, only what is agreed to beforehand is done.
    if (!options.yes && !context.ui.canAsk) throw missing(session, asked);
    return todo;
  }
  await approve(context, session, asked);
  const { signal } = context;
  if (document === undefined) await session.client.createNamespace(namespace, { signal });
  const target = { client: session.client, origin: options.origin, namespace, signal };
  await registerFirstKey({ ...target, key: first.key });
  for (const { key } of others) await registerKey({ ...target, key, endorsers: [first.key] });
  context.ui.say(
    `${document === undefined ? `namespace ${namespace} created, ` : ''}key ${shortId(publicKey.id)} registered for ${namespace}`,
  );
  return todo;
}

/** Each key is registered and not revoked, and together they are as many as the namespace asks for. */
function assertMaySign(document: NamespaceDocument, keys: readonly ChosenKey[], isStaged: boolean): void {
  const { name, threshold } = document;
  const active = document.keys.filter((key) => key.revoked === undefined);
  for (const { key, label } of keys) {
    const known = document.keys.find(({ id }) => id === key.publicKey.id);
    const shown = `the key ${shortId(key.publicKey.id)} (${label})`;
    if (known?.revoked !== undefined) {
      throw new CliError(
        'key.revoked',
        `${shown} was revoked for ${name} at log #${known.revoked.logIndex}`,
        {
          hint: 'sign with another: --key NAME (sheaf key list shows yours)',
        },
      );
    }
    if (known === undefined) {
      throw new CliError('key.unauthorised', `${shown} is not registered for ${name}`, {
        evidence: [`registered: ${active.map(({ id }) => shortId(id)).join(', ')}`],
        hint: [
          'sign with one of those: --key NAME (sheaf key list shows yours)',
          `or register it: sheaf key register ${name} --key ${shellWord(label)} --endorse NAME`,
        ],
      });
    }
  }
  if (keys.length < threshold && !isStaged) {
    throw new CliError(
      'key.threshold',
      `${name} asks for ${threshold} signatures, and there ${keys.length === 1 ? 'is 1 key' : `are ${keys.length} keys`} to sign with`,
      {
        hint: [
          'name more of your keys: --key A --key B',
          'or let somebody approve it with another key: sheaf publish --stage',
          'or let others sign: sheaf pack --sign -o FILE.sheaf, then sheaf pack FILE.sheaf --sign --key NAME',
        ],
      },
    );
  }
}

async function findNamespace(
  context: Context,
  session: Session,
  namespace: Namespace,
): Promise<NamespaceDocument | undefined> {
  try {
    return await session.client.getNamespace(namespace, { signal: context.signal });
  } catch (error) {
    if (isClientError(error, 'namespace.not_found')) return undefined;
    throw error;
  }
}

async function approve(
  context: Context,
  session: Session,
  asked: {
    readonly namespace: Namespace;
    readonly isNew: boolean;
    readonly todo: readonly string[];
    readonly yes: boolean;
    readonly words: readonly string[];
    readonly keys: readonly ChosenKey[];
  },
): Promise<void> {
  if (asked.yes) return;
  const lacking = missing(session, asked);
  if (!context.ui.canAsk) throw lacking;
  context.ui.say(lacking.message);
  if (await context.ui.confirm(`${asked.todo.join(' and ').replace(/^./, (first) => first.toUpperCase())}?`))
    return;
  throw new CliError('approval.refused', 'not agreed; nothing was published', {
    hint: 'run the command again when you want to',
  });
}

/** What keeps a command that is to be pasted at the registry that a flag named. */
function flagOf({ from, name, url }: Session['choice']): string {
  return from === '--registry' ? ` --registry ${shellWord(name ?? url)}` : '';
}

/** What is not there yet, with the commands that make it. */
function missing(
  { url, choice }: Pick<Session, 'url' | 'choice'>,
  asked: {
    readonly namespace: Namespace;
    readonly isNew: boolean;
    readonly todo: readonly string[];
    readonly words: readonly string[];
    readonly keys: readonly ChosenKey[];
  },
): CliError {
  const { namespace, isNew, todo, words, keys } = asked;
  const [code, message] = isNew
    ? ['namespace.not_found', `there is no namespace ${namespace} at ${url} yet`]
    : ['key.not_found', `no key is registered for ${namespace} yet`];
  const [first] = keys;
  const key = first === undefined ? '' : ` --key ${shellWord(first.label)}`;
  const there = flagOf(choice);
  return new CliError(code, message, {
    hint: [
      `sheaf publish ${words.map(shellWord).join(' ')}${there} --yes  would ${todo.join(' and ')}`,
      ...(isNew ? [`or by hand: sheaf namespace create ${namespace}${there}`] : []),
      `${isNew ? 'then' : 'or by hand:'} sheaf key register ${namespace}${key}${there}`,
    ],
  });
}
