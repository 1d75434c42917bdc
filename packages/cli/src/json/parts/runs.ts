import { oneOf } from './fields.js';

export const runState = oneOf(
  ['running', 'succeeded', 'failed', 'cancelled', 'interrupted'],
  'how it stands; interrupted: its process was killed',
);
