import { splitWorkflowId, type WorkflowId } from '@sheaf/workflow';
import type { AgeLimit } from '../resolve.js';
import { mayBeYoung } from './gate.js';
import type { PolicyContext } from './policy-context.js';
import { minReleaseAgeOf } from './rules.js';

/** How old a release of a workflow must be here, for `resolveVersion`. */
export function ageLimitOf(policy: PolicyContext, origin: string, id: WorkflowId): AgeLimit {
  const { namespace } = splitWorkflowId(id);
  return {
    minReleaseAgeMs: minReleaseAgeOf(policy.policy, { origin, namespace }),
    nowMs: policy.nowMs(),
    isExempt: (version) => mayBeYoung(policy, id, version),
  };
}
