import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { oneOf, text, time, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'secret-set',
  'A secret that was stored, without its value.',
  Type.Object({
    name: text('its name'),
    for: Type.Optional(text('the workflow or namespace that it is for; all workflows when it is left out')),
    in: oneOf(['keyring', 'vault'], 'where it is kept'),
    version: text('another one each time that it is set'),
    setAt: time('when it was set'),
    replaced: yesNo('whether there was one before'),
  }),
);

export type SecretSetJson = JsonOf<typeof document>;
