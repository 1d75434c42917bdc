import { describeUsage, enterCommand, newestBeside } from '../registry/release-state.js';

export const command = enterCommand({
  name: 'quarantine',
  state: 'quarantined',
  about: 'Stop a version everywhere, as an admin of the registry: nobody can fetch or run it.',
  noun: 'a quarantine',
  examples: [
    'sheaf quarantine acme/deploy@1.2.0 --reason "steals tokens"',
    'sheaf quarantine acme/deploy@1.2.0 --reason "steals tokens" --replacement acme/deploy@1.2.1 --yes',
  ],
  effect: (version, workflow, nowMs) => {
    const next = newestBeside(version, workflow);
    return [
      ...describeUsage(version, workflow, nowMs),
      'nobody can fetch or run it any more, by range or by lock, as soon as they ask the registry',
      next === undefined ? 'no other version is left' : `the newest version left is ${next}`,
      'that it was published, and your reason, stay in the log',
      `to take it back: sheaf unquarantine ${workflow.id}@${version}`,
    ];
  },
});
