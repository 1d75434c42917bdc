import { Type } from '@sinclair/typebox';
import { listOf, text, time, whole, yesNo } from './fields.js';

/** What every document of a verified workflow says. */
export const verified = {
  id: text('its id'),
  version: text('the version'),
  digest: text('sha256 of the canonical tar'),
  signers: listOf(Type.String(), 'who signed it'),
  logIndex: whole('its place in the log'),
  checkpoint: Type.Object(
    {
      size: whole('how many entries the log has'),
      checkedAt: Type.Optional(time('when the log was last asked for its newest, to the minute')),
    },
    { description: 'the checkpoint of the log, as it was signed' },
  ),
  registry: text('address of the registry'),
  state: text('of the release, as the log proves it'),
  offline: yesNo('whether no network was used'),
} as const;
