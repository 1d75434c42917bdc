import { Type } from '@sinclair/typebox';
import { amount, listOf, oneOf, text, whole } from './fields.js';

const profile = oneOf(['secure', 'permissive', 'disabled'], 'a profile');
const entries = (description: string) => Type.Optional(listOf(Type.String(), description));

/** What runs are held to by one file; what is missing is not limited by it. */
export const runLimits = Type.Object({
  file: text('where it is written'),
  line: whole('the line of its table, in what was signed'),
  registries: entries('origins of registries'),
  publishers: entries('patterns of namespaces, or of `namespace/name`'),
  hosts: entries('hosts that a workflow may ask for'),
  images: entries('what container images begin with, or digests'),
  profiles: Type.Object(
    {
      registry: Type.Optional(listOf(profile, 'of what came from a registry')),
      local: Type.Optional(listOf(profile, 'of a folder of your own')),
    },
    { description: 'that may be chosen' },
  ),
  ceilings: Type.Object(
    {
      timeoutMs: Type.Optional(whole('of one attempt at a step, milliseconds')),
      maxParallel: Type.Optional(whole('steps at the same time')),
      cpus: Type.Optional(amount('what one step may ask for')),
      memoryBytes: Type.Optional(whole('what one step may ask for')),
      items: Type.Optional(whole('of one loop')),
      artifactBytes: Type.Optional(whole('of one artifact')),
      processes: Type.Optional(whole('of one sandbox or container')),
    },
    { description: 'what a step may have' },
  ),
});
