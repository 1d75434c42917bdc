import { leaveCommand } from '../registry/release-state.js';

export const command = leaveCommand({
  name: 'unyank',
  state: 'yanked',
  about: 'Take the yank of a version back: ranges and search find it again.',
  effect: 'search shows it again, and ranges and channels lead to it',
});
