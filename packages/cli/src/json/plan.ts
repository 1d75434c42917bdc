import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf } from './parts/fields.js';
import { plan } from './parts/plan.js';

export const document = defineDocument(
  'plan',
  'What would run, after it was verified where it came from elsewhere.',
  Type.Object({
    plan: Type.Object(plan.properties, { description: 'the plan' }),
    signedBy: listOf(Type.String(), 'ids of the keys that signed it; empty for a local folder'),
    warnings: listOf(Type.String(), 'what is to be known of the release'),
  }),
);

export type PlanJson = JsonOf<typeof document>;
