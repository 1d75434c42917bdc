import { expect, test } from 'vitest';
import { pageHeaders } from './policy.js';

const assets = { bootHash: "'sha256-abc='" };
const policyOf = (needs?: Parameters<typeof pageHeaders>[1]) =>
  pageHeaders(assets, needs)['Content-Security-Policy'] ?? '';

test('no page runs a script by where it is from, takes a style from within, or may be framed', () => {
  const policy = policyOf();
  expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-abc=' 'strict-dynamic';/);
  for (const never of ["script-src 'self'", 'unsafe', 'http:', 'https:', 'data:', '*', 'connect-src'])
    expect(policy).not.toContain(never);
  for (const always of ["frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"])
    expect(policy).toContain(always);
});

test('a page that fetches says so', () => {
  expect(policyOf({ connects: true })).toContain("connect-src 'self'");
});
