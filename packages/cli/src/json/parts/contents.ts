import { Type } from '@sinclair/typebox';
import { anything, listOf, text, whole, yesNo } from './fields.js';
import { permissions } from './permissions.js';

/** Fields for what a version holds. */
export const contents = {
  permissions: Type.Object(permissions.properties, { description: 'what it may do' }),
  parameters: Type.Record(Type.String(), anything(''), { description: 'what it takes' }),
  outputs: listOf(Type.String(), 'what it gives'),
  requirements: listOf(Type.String(), 'what the machine must have'),
  steps: listOf(
    Type.Object({
      id: text('its id'),
      needs: listOf(Type.String(), 'steps that must be done before'),
    }),
    'the steps, in order',
  ),
  files: listOf(
    Type.Object({
      sizeBytes: whole('size in bytes'),
      path: text('path of the file'),
      executable: yesNo('whether it may be executed'),
    }),
    'files of the bundle',
  ),
};
