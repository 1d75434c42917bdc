import type { PackedWorkflow, RegistryClient } from '@sheaf/client';
import type { Stage, StagedVersion } from '@sheaf/client/contract';
import { splitWorkflowId } from '@sheaf/workflow';
import { CliError } from '../frame/errors.js';
import { shellWord } from '../terminal/shell.js';

/**
 * What is left to do for somebody whose key has signed a stage: it takes another key, also where the policy asks for one
 * alone by now.
 */
export async function explainSigned(
  { client, signal }: { readonly client: Pick<RegistryClient, 'getNamespace'>; readonly signal: AbortSignal },
  stage: Pick<Stage, 'id'>,
  signed: {
    /** The versions of the stage, one at least. */
    readonly opened: readonly {
      readonly staged: Pick<StagedVersion, 'signers' | 'threshold'>;
      readonly packed: PackedWorkflow;
    }[];
    /** The key, as its owner calls it. */
    readonly label: string;
    readonly cause: unknown;
  },
): Promise<CliError> {
  const { opened, label, cause } = signed;
  const lacking = opened.find(({ staged }) => staged.signers.length < staged.threshold) ?? opened[0];
  if (lacking === undefined) throw cause;
  const { signers, threshold } = lacking.staged;
  const { id, version } = lacking.packed.bundle.definition;
  const { namespace } = splitWorkflowId(id);
  // Whatever fails here must not hide what failed first.
  const document = await client.getNamespace(namespace, { signal }).catch(() => undefined);
  const isEnough = document !== undefined && signers.length >= document.threshold;
  return new CliError(
    'stage.signed_already',
    `the key ${label} has signed ${id} ${version} already: ${signers.length} of ${threshold} keys`,
    {
      cause,
      hint: [
        'approve with another key: --key NAME (sheaf key list shows yours), or let somebody else who has one do it',
        ...(isEnough
          ? [
              `or publish it without an approval, as the policy of ${namespace} asks no more: sheaf stage reject ${stage.id}, then sheaf publish FOLDER --key ${shellWord(label)}`,
            ]
          : []),
      ],
    },
  );
}
