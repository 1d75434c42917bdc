import { expect, test } from 'vitest';
import { expiryWarning } from './expiry.js';

const DAY_MS = 86_400_000;

test.each([
  [undefined, undefined],
  [8, undefined],
  [7, 'the token for https://wf.example.com ends in 7 days: sheaf token create --name NAME'],
  [0.5, 'the token for https://wf.example.com ends in 1 day: sheaf token create --name NAME'],
  [-1, 'the token for https://wf.example.com has ended: sheaf login https://wf.example.com'],
])('a token that ends in %s days: %s', (days, said) => {
  const expiresAt = days === undefined ? undefined : new Date(days * DAY_MS).toISOString();
  expect(expiryWarning({ expiresAt }, 'https://wf.example.com', 0)).toBe(said);
});
