import type { Flag } from '../frame/args.js';

export const FOR_FLAG: Flag = {
  name: 'for',
  value: 'WORKFLOW|NAMESPACE',
  completes: 'namespace',
  summary: 'only for runs of this workflow, or of those of this namespace (default: for all)',
};
