import type { Envelope } from '@sheaf/bundle';
import {
  isClientError,
  publishSigned,
  publishWorkflow,
  type PackedWorkflow,
  type PublishedWorkflow,
} from '@sheaf/client';
import type { VersionSummary, WorkflowDocument } from '@sheaf/client/contract';
import { findNameProblem, splitWorkflowId } from '@sheaf/workflow';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { ChosenKey } from '../keys/signing-key.js';
import { shellWord } from '../terminal/shell.js';
import { formatAge, shortId } from '../terminal/text.js';
import { signedAt } from '../workflow/sign.js';
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
  context: Pick<Context, 'now'>,
  { word, packed }: { readonly word: string; readonly packed: PackedWorkflow },
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
    hint: [
      `to see what differs: sheaf diff ${shellWord(word)} ${id}@${version}`,
      'versions never change: raise `version` in the definition and publish again',
    ],
    data: { digest: packed.bundle.digest, published: existing.digest },
  });
}

/** Signs and sends, or sends what was signed before; a cancel and a failure say whether something may have arrived. */
export async function sendPublish(
  context: Context,
  session: Session,
  options: {
    readonly packed: PackedWorkflow;
    readonly force?: boolean;
    readonly channel?: string | undefined;
    readonly signing:
      | { readonly envelope: Envelope }
      | {
          readonly keys: readonly [ChosenKey, ...ChosenKey[]];
          readonly source: { readonly uri: string; readonly commit: string } | undefined;
        };
  },
): Promise<PublishedWorkflow> {
  let isAccepted = false;
  const { packed, signing } = options;
  const target = {
    client: session.client,
    trust: await session.trust(),
    packed,
    force: options.force,
    channel: options.channel,
    signal: context.signal,
    onAccepted: () => {
      isAccepted = true;
    },
  };
  try {
    if ('envelope' in signing) return await publishSigned({ ...target, envelope: signing.envelope });
    const [first, ...others] = signing.keys;
    return await publishWorkflow({
      ...target,
      key: first.key,
      cosigners: others.map(({ key }) => key),
      source: signing.source,
      signedAt: signedAt(context),
    });
  } catch (error) {
    if (!context.signal.aborted) throw await explainUnproven(error, isAccepted, context);
    throw new CliError('cancelled', 'cancelled while sending: the workflow may have been published', {
      hint: 'run sheaf publish again: it is safe, and says which',
      cause: error,
    });
  }
}

/** Before a namespace or a key is registered for it. @throws CliError `name.reserved`, `name.confusable` */
export function assertNewName({ bundle }: PackedWorkflow): void {
  const { name } = splitWorkflowId(bundle.definition.id);
  const problem = findNameProblem(name);
  if (problem === undefined) return;
  throw new CliError(problem.code, problem.message, { hint: `${problem.hint}; nothing was published` });
}
