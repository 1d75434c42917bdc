import { describeUsage, enterCommand, newestBeside } from '../registry/release-state.js';

export const command = enterCommand({
  name: 'yank',
  state: 'yanked',
  about: 'Take a version out of search and ranges; what is locked to it still works, and warns.',
  noun: 'a yank',
  examples: [
    'sheaf yank acme/deploy@1.2.0 --reason "deletes the wrong tag" --replacement acme/deploy@1.2.1',
    'sheaf yank acme/deploy@1.2.0 --reason "published by mistake" --yes',
  ],
  effect: (version, workflow, nowMs) => {
    const next = newestBeside(version, workflow);
    return [
      ...describeUsage(version, workflow, nowMs),
      'search hides it, and no range or channel leads to it any more',
      next === undefined
        ? 'no other version is left: whoever asks for a range gets none'
        : `the newest version left is ${next}`,
      'whoever is locked to it still gets it, with a warning and your reason',
      `to take it back: sheaf unyank ${workflow.id}@${version}`,
    ];
  },
});
