import type { PublisherRule, TrustPolicy } from '@sheaf/client';
import { plural } from '../terminal/text.js';
import type { Check } from './check.js';

const CHECK = 'trust';

/** Whether the policy can be read, and names whom it trusts. */
export function trustCheck(load: () => Promise<{ readonly policy: TrustPolicy }>): Check {
  return {
    name: CHECK,
    run: async () => {
      const { policy } = await load();
      const detail = `mode ${policy.mode} (${policy.modeFrom}), ${plural(policy.publishers.length, 'rule')}`;
      const open = policy.publishers.filter(isOpen);
      const [first] = open;
      if (first === undefined) return { check: CHECK, status: 'ok', detail };
      return {
        check: CHECK,
        status: 'warn',
        detail: `${detail}; anybody's jobs may sign for ${open.map(({ namespace }) => namespace).join(', ')}`,
        remedy: `write a number of whose they are in place of any_job, ${first.place.file}:${first.place.line}`,
      };
    },
  };
}

/** A project's rule only adds to what others allow; where two have to sign, a job alone is not enough. */
function isOpen({ oidc, threshold, layer }: PublisherRule): boolean {
  return oidc?.anyJob === true && layer !== 'project' && threshold === 1;
}
