import { expect, test } from 'vitest';
import { audienceFor } from './job.js';

test('a token of a job is for the registry that was pinned, and for another audience only by the word of its user', () => {
  expect(audienceFor('wf.example.com', { env: {} })).toBe('sheaf:wf.example.com');
  expect(audienceFor('wf.example.com', { env: { SHEAF_ID_TOKEN_AUDIENCE: ' ' } })).toBe(
    'sheaf:wf.example.com',
  );
  expect(audienceFor('wf.example.com', { env: { SHEAF_ID_TOKEN_AUDIENCE: 'urn:wf' } })).toBe('urn:wf');
});
