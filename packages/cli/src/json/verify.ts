import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, time } from './parts/fields.js';
import { verified } from './parts/verified.js';

export const document = defineDocument(
  'verify',
  'A workflow that was verified, check by check.',
  Type.Object({
    ...verified,
    warnings: listOf(Type.String(), 'what to look at, or how many there are'),
    policy: Type.Object(
      {
        by: oneOf(['accepted', 'endorsed', 'first-use', 'rule'], 'what let the signers pass'),
        detail: text('one line, for people'),
        logKey: text('the key of the log, in the form of signed notes'),
        pinnedAt: time('since when its log key is pinned'),
      },
      { description: 'the policy that was applied' },
    ),
    checks: listOf(
      Type.Object({
        id: oneOf(['bytes', 'leaf', 'log', 'policy', 'signer'], 'its id'),
        status: oneOf(['fail', 'ok'], 'how it ended'),
        detail: text('one line, safe to print'),
      }),
      'each check, in order',
    ),
  }),
);

export type VerifyJson = JsonOf<typeof document>;
