import { leaveCommand } from '../registry/release-state.js';

export const command = leaveCommand({
  name: 'undeprecate',
  state: 'deprecated',
  about: 'Take the deprecation of a version back.',
  effect: 'it is ranked as before, and warns nobody any more',
});
