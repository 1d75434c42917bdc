import { combinePolicies } from '../policy/combine-policies.js';
import type { PolicyContext } from '../policy/policy-context.js';
import type { AcceptedPublisher } from '../policy/trust-policy.js';
import type { VerifyingTrust } from '../trust-store.js';
import { memoryFacts } from './memory-facts.js';

/** A policy that trusts at the first use, where everybody says yes, and what was accepted so far. */
export function openPolicy(): {
  readonly policy: PolicyContext;
  readonly trust: VerifyingTrust;
  readonly accepted: Map<string, AcceptedPublisher>;
} {
  const accepted = new Map<string, AcceptedPublisher>();
  return {
    policy: {
      policy: combinePolicies({}, { ci: false }),
      askPublisher: () => Promise.resolve(true),
      nowMs: () => 1_900_000_000_000,
    },
    trust: {
      ...memoryFacts(),
      findAccepted: (registry, namespace) => Promise.resolve(accepted.get(`${registry} ${namespace}`)),
      accept: (publisher) => {
        accepted.set(`${publisher.registry} ${publisher.namespace}`, publisher);
        return Promise.resolve(true);
      },
    },
    accepted,
  };
}
