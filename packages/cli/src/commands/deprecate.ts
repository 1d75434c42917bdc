import { describeUsage, enterCommand } from '../registry/release-state.js';

export const command = enterCommand({
  name: 'deprecate',
  state: 'deprecated',
  about: 'Advise against a version: it stays available, and everybody who uses it sees the reason.',
  noun: 'a deprecation',
  examples: [
    'sheaf deprecate acme/deploy@1.2.0 --reason "loses tags" --replacement acme/deploy@1.2.1',
    'sheaf deprecate acme/deploy@1.2.0 --reason "no longer kept"',
  ],
  effect: (version, workflow, nowMs) => [
    ...describeUsage(version, workflow, nowMs),
    'it can still be fetched and run; it is ranked lower, and warns with your reason',
  ],
});
