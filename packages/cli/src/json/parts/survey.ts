import { PERMISSION_KINDS } from '@sheaf/workflow';
import { Type } from '@sinclair/typebox';
import type { PartOf } from './document.js';
import { listOf, oneOf, text, time } from './fields.js';
import { heldVersion } from './project.js';

const permission = Type.Object({
  kind: oneOf(PERMISSION_KINDS, 'its kind'),
  value: text('the host, program, path or name'),
});

/** One name of `sheaf.toml`: what is locked, what there is. As the registry says it, nothing of it verified. */
export const surveyRow = Type.Object({
  name: text('the short name'),
  reference: text('what `sheaf.toml` says'),
  id: text('namespace/name'),
  registry: text('origin of its registry'),
  status: oneOf(
    ['current', 'behind', 'not_locked', 'withdrawn', 'unknown'],
    '`behind`: the range allows a newer one; `withdrawn`: what is locked was yanked, quarantined, revoked or deleted; `unknown`: nothing fits',
  ),
  now: Type.Optional(text('the version that is locked')),
  range: Type.Optional(text('the newest that the range allows')),
  newest: Type.Optional(text('the newest of all')),
  target: Type.Optional(
    text(
      'the version that the next fields are about: what `upgrade` takes, else the newest; left out when nothing is newer',
    ),
  ),
  publishedAt: Type.Optional(time('when the target, or what is locked, was published')),
  signer: Type.Optional(
    oneOf(
      ['same', 'changed', 'unknown'],
      'who signs it, beside what is locked; `unknown`: a job of a CI signed both, and whose it was only verification says',
    ),
  ),
  permissions: Type.Optional(
    Type.Object(
      {
        added: listOf(permission, 'what is newly asked for'),
        removed: listOf(permission, 'what is asked for no more'),
      },
      { description: 'what the target asks for, beside what is locked' },
    ),
  ),
  state: Type.Optional(
    Type.Object(
      {
        version: text('the version that it is about'),
        state: oneOf(['active', 'deprecated', 'yanked', 'quarantined', 'revoked'], 'what became of it'),
        reason: Type.Optional(text('why')),
        replacement: Type.Optional(text('what its publisher names instead')),
      },
      { description: 'of what is locked, else of the target, where that is not active' },
    ),
  ),
  held: Type.Optional(heldVersion),
  problem: Type.Optional(
    Type.Object({ code: text('why nothing fits, as the code of an error'), message: text('in one line') }),
  ),
});

export type SurveyRowJson = PartOf<typeof surveyRow>;
