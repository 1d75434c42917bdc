import { expect, test } from 'vitest';
import { assertSameOrigin } from './same-origin.js';

const HERE = 'https://wf.example.com/sheaf';

test.each([
  ['GET', {}, 'ok'],
  ['HEAD', { 'Sec-Fetch-Site': 'cross-site' }, 'ok'],
  ['POST', {}, 'auth.cross_site'],
  ['POST', { Origin: 'https://wf.example.com' }, 'ok'],
  ['DELETE', { Origin: 'https://wf.example.com' }, 'ok'],
  ['POST', { Origin: 'https://wf.example.com:8443' }, 'auth.cross_site'],
  ['POST', { Origin: 'http://wf.example.com' }, 'auth.cross_site'],
  ['POST', { Origin: 'null' }, 'auth.cross_site'],
  ['POST', { 'Sec-Fetch-Site': 'same-origin' }, 'ok'],
  ['PUT', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://wf.example.com' }, 'auth.cross_site'],
  ['PATCH', { 'Sec-Fetch-Site': 'cross-site' }, 'auth.cross_site'],
  ['POST', { 'Sec-Fetch-Site': 'none' }, 'auth.cross_site'],
])('%s with %j is %s', (method, headers, expected) => {
  const given = new Map(Object.entries(headers));
  const run = () => {
    assertSameOrigin({ method, get: (name) => given.get(name) ?? '' }, HERE);
    return 'ok';
  };
  if (expected === 'ok') expect(run()).toBe('ok');
  else expect(run).toThrow(expect.objectContaining({ code: expected }));
});
