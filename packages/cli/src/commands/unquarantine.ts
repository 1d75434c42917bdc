import { leaveCommand } from '../registry/release-state.js';

export const command = leaveCommand({
  name: 'unquarantine',
  state: 'quarantined',
  about: 'Take the quarantine of a version back, as an admin of the registry: it is active again.',
  effect: 'everybody who can see it can fetch and run it again',
});
