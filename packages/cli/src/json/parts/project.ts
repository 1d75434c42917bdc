import { Type } from '@sinclair/typebox';
import { oneOf, text, time, whole } from './fields.js';

/** What became of one workflow in a lockfile. */
export const lockChange = Type.Object({
  kind: oneOf(['added', 'removed', 'moved'], 'what became of it'),
  id: text('namespace/name'),
  registry: text('origin of its registry'),
  version: text('the version that is locked now, or was until now'),
  from: Type.Optional(text('the version that was locked before, of one that moved')),
});

/** A locked version that may no longer be used, or what would be locked in its place may not. */
export const refusedEntry = Type.Object({
  name: Type.Optional(text('its short name')),
  id: text('namespace/name'),
  version: text('the version that is locked'),
  code: text('why, as the code of an error'),
  message: text('why, in one line'),
  hint: Type.Optional(text('what to do')),
});

/** A newer version that the policy holds back for its age. */
export const heldVersion = Type.Object({
  version: text('the version'),
  until: time('when it is old enough'),
  minReleaseAgeMs: whole('how old the policy wants it to be'),
});

export const releaseState = oneOf(
  ['active', 'deprecated', 'yanked', 'quarantined'],
  'what became of the release',
);
