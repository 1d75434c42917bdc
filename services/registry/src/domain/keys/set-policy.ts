import { parseEnvelope, type NamespacePolicyEvent } from '@sheaf/bundle';
import { insertPolicy, policiesOf } from '../../db/key-queries.js';
import { RegistryError } from '../error.js';
import type { Change, ChangeContext } from './change.js';
import { decidePolicy } from './rules.js';

/** Sets how many keys a namespace asks for; undefined when this very event did so last. @throws RegistryError as {@link decidePolicy} */
export async function setPolicy(context: ChangeContext<NamespacePolicyEvent>): Promise<Change | undefined> {
  const { trx, namespace, signed, signers, view } = context;
  const { threshold, replaces } = signed.event;
  for (const policy of await policiesOf(trx, namespace.id)) {
    if (parseEnvelope(policy.event).payload === signed.envelope.payload) return undefined;
    // Which policy is in force is not known before the log has placed it.
    if (policy.log_index === null) {
      throw new RegistryError('service.log_lagging', 'another policy still waits for its place in the log');
    }
  }
  const by = decidePolicy(view, signed.event, signers);
  const subjectId = await insertPolicy(trx, {
    namespace_id: namespace.id,
    threshold,
    event: signed.bytes,
    set_by: context.principal.userId,
  });
  return {
    leaf: {
      type: 'ns.policy',
      ns: namespace.name,
      threshold,
      ...(replaces !== undefined && { replaces }),
      by,
      event: signed.digest,
    },
    subjectKind: 'policy',
    subjectId,
    action: 'namespace.policy',
    detail: { threshold: String(threshold) },
  };
}
