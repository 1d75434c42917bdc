import { expect, test } from 'vitest';
import { watchForProxies } from './forwarded-warning.js';

function setUp(trustedHops: number) {
  const warnings: unknown[] = [];
  const look = watchForProxies({
    rates: { trustedHops },
    log: { warn: (what: unknown) => warnings.push(what) },
  });
  return { look, warnings };
}
const forwarded = { headers: { 'x-forwarded-for': '192.0.2.1' } };

test('warns once of requests that came through a proxy which nobody has told of', () => {
  const { look, warnings } = setUp(0);
  look({ headers: {} });
  expect(warnings).toEqual([]);
  for (let i = 0; i < 3; i += 1) look(forwarded);
  expect(warnings).toEqual([{ hint: expect.stringContaining('SHEAF_TRUSTED_HOPS') as string }]);
});

test('warns of nothing where proxies are expected', () => {
  const { look, warnings } = setUp(1);
  look(forwarded);
  expect(warnings).toEqual([]);
});
