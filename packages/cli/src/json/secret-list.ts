import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, time } from './parts/fields.js';

export const document = defineDocument(
  'secret-list',
  'The secrets that are stored on this machine, without their values.',
  Type.Object({
    secrets: listOf(
      Type.Object({
        name: text('its name'),
        for: Type.Optional(
          text('the workflow or namespace that it is for; all workflows when it is left out'),
        ),
        in: oneOf(['keyring', 'vault'], 'where it is kept'),
        version: text('another one each time that it is set'),
        setAt: time('when it was set'),
      }),
      'by name, then by whom they are for',
    ),
  }),
);

export type SecretListJson = JsonOf<typeof document>;
