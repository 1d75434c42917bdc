import { Type } from '@sinclair/typebox';
import type { PartOf } from './document.js';
import { listOf, text } from './fields.js';

/** A version after its state was changed. */
export const releaseState = Type.Object({
  id: text('namespace and name'),
  version: text('the version'),
  state: text('its state now'),
  reason: Type.Optional(text('why it is in this state, or why it was taken back')),
  replacement: Type.Optional(text('what to use instead')),
  registry: text('address of the registry'),
  effect: listOf(Type.String(), 'what the new state means for others, a line each'),
});

export type ReleaseStateJson = PartOf<typeof releaseState>;
