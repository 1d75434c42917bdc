import {
  isClientError,
  publishWorkflow,
  registerFirstKey,
  type PackedWorkflow,
  type PublishedWorkflow,
} from '@sheaf/client';
import type { NamespaceDocument, VersionSummary, WorkflowDocument } from '@sheaf/client/contract';
import { splitWorkflowId, type Namespace } from '@sheaf/workflow';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { ChosenKey } from '../keys/signing-key.js';
import { formatAge, shortId } from '../terminal/text.js';
import { explainUnproven } from './failure.js';
import type { Session } from './session.js';

/** The workflow as the registry has it; undefined when it is new. */
export async function findWorkflow(
  context: Context,
  session: Session,
  packed: PackedWorkflow,
): Promise<WorkflowDocument | undefined> {
  try {
    return await session.client.getWorkflow(packed.bundle.definition.id, { signal: context.signal });
  } catch (error) {
    if (isClientError(error, 'workflow.not_found', 'namespace.not_found')) return undefined;
    throw error;
  }
}

/**
 * The version, if the registry says that it has this very bundle already.
 *
 * @throws CliError `version.exists` when it has other bytes under that version
 */
export function findPublished(
  context: Context,
  packed: PackedWorkflow,
  workflow: WorkflowDocument | undefined,
): VersionSummary | undefined {
  const { id, version } = packed.bundle.definition;
  const existing = workflow?.versions.find((each) => each.version === version);
  if (existing === undefined || existing.digest === packed.bundle.digest) return existing;
  const signer = existing.signers.map((key) => shortId(key)).join(', ');
  throw new CliError('version.exists', `${id} ${version} exists with other content`, {
    evidence: [
      `yours   ${packed.bundle.digest}`,
      `theirs  ${existing.digest}, published ${formatAge(existing.publishedAt, context.now())} by ${signer}`,
    ],
    hint: 'versions never change: raise `version` in the definition and publish again',
  });
}

/**
 * Makes sure that the namespace exists and knows the key, after asking once for both.
 *
 * @throws CliError `namespace.not_found`, `key.not_found`, `key.unauthorised`, `approval.refused`
 */
export async function ensureAuthority(
  context: Context,
  session: Session,
  options: {
    readonly packed: PackedWorkflow;
    readonly key: ChosenKey;
    readonly origin: string;
    readonly yes: boolean;
    readonly dryRun: boolean;
  },
): Promise<readonly string[]> {
  const { namespace } = splitWorkflowId(options.packed.bundle.definition.id);
  const document = await findNamespace(context, session, namespace);
  const { publicKey } = options.key.key;
  if (document?.keys.some((key) => key.id === publicKey.id) === true) return [];
  if (document !== undefined && document.keys.length > 0) {
    throw new CliError(
      'key.unauthorised',
      `the key ${shortId(publicKey.id)} (${options.key.label}) is not registered for ${namespace}`,
      {
        evidence: [`registered: ${document.keys.map((key) => shortId(key.id)).join(', ')}`],
        hint: 'sign with one of those: --key NAME (sheaf key list shows yours)',
      },
    );
  }
  const todo = [
    ...(document === undefined ? [`create the namespace ${namespace}`] : []),
    `register the key ${shortId(publicKey.id)} (${options.key.label}) for it`,
  ];
  if (options.dryRun) return todo;
  await approve(context, session, { namespace, isNew: document === undefined, todo, yes: options.yes });
  const { signal } = context;
  if (document === undefined) await session.client.createNamespace(namespace, { signal });
  await registerFirstKey({
    client: session.client,
    origin: options.origin,
    namespace,
    key: options.key.key,
    signal,
  });
  context.ui.say(
    `${document === undefined ? `namespace ${namespace} created, ` : ''}key ${shortId(publicKey.id)} registered for ${namespace}`,
  );
  return todo;
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
  },
): Promise<void> {
  if (asked.yes) return;
  const missing = asked.isNew
    ? `there is no namespace ${asked.namespace} at ${session.url} yet`
    : `no key is registered for ${asked.namespace} yet`;
  if (!context.ui.canAsk) {
    throw new CliError(asked.isNew ? 'namespace.not_found' : 'key.not_found', missing, {
      hint: `sheaf publish --yes  would ${asked.todo.join(' and ')}`,
    });
  }
  context.ui.say(missing);
  if (await context.ui.confirm(`${asked.todo.join(' and ').replace(/^./, (first) => first.toUpperCase())}?`))
    return;
  throw new CliError('approval.refused', 'not agreed; nothing was published', {
    hint: 'run the command again when you want to',
  });
}

/** Signs and sends; a cancel and a failure say whether something may have arrived. */
export async function sendPublish(
  context: Context,
  session: Session,
  options: {
    readonly packed: PackedWorkflow;
    readonly key: ChosenKey;
    readonly source: { readonly uri: string; readonly commit: string } | undefined;
  },
): Promise<PublishedWorkflow> {
  let isAccepted = false;
  try {
    return await publishWorkflow({
      client: session.client,
      trust: await session.trust(),
      key: options.key.key,
      packed: options.packed,
      source: options.source,
      signedAt: `${new Date(context.now()).toISOString().slice(0, 19)}Z`,
      signal: context.signal,
      onAccepted: () => {
        isAccepted = true;
      },
    });
  } catch (error) {
    if (!context.signal.aborted) throw await explainUnproven(error, isAccepted, context);
    throw new CliError('cancelled', 'cancelled while sending: the workflow may have been published', {
      hint: 'run sheaf publish again: it is safe, and says which',
      cause: error,
    });
  }
}
