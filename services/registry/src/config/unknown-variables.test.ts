import { describe, expect, test } from 'vitest';
import { CONFIG_USAGE, describeStray, listVariables } from '../config.js';

test('every variable that the help lists is known, and every one that is known is listed', () => {
  const listed = new Set(CONFIG_USAGE.match(/\b(?:SHEAF|OTEL|DATABASE)_[A-Z0-9_]+/g));
  const known = listVariables();
  expect([...listed].filter((name) => !known.has(name))).toEqual([]);
  const crashTestsOnly = 'SHEAF_FAILPOINT';
  expect(
    [...known].filter((name) => !listed.has(name.replace(/_FILE$/, '')) && name !== crashTestsOnly),
  ).toEqual([]);
});

describe('a variable that is not known', () => {
  test.each([
    ['SHEAF_S3_BUKET', 'did you mean SHEAF_S3_BUCKET?'],
    ['SHEAF_OIDC_CLIENT_SECRET_FLIE', 'did you mean SHEAF_OIDC_CLIENT_SECRET_FILE?'],
    ['sheaf_origin', 'did you mean SHEAF_ORIGIN?'],
    ['SHEAF_PROXY_HOPS', 'sheaf-registry --help lists what is'],
    ['SHEAF___PROTO__', 'sheaf-registry --help lists what is'],
  ])('%s is told', (name, what) => {
    expect(describeStray({ [name]: 'x', SHEAF_ORIGIN: 'wf.example.com', PATH: '/bin' })).toEqual([
      `${name} is not known; ${what}`,
    ]);
  });
  test.each(['SHEAF_REGISTRY', 'SHEAF_TOKEN', 'SHEAF_ID_TOKEN_AUDIENCE', 'OTEL_METRICS_EXPORTER', 'PATH'])(
    'unless it is of others: %s',
    (name) => {
      expect(describeStray({ [name]: 'x' })).toEqual([]);
    },
  );
  test('or is empty', () => {
    expect(describeStray({ SHEAF_BUKET: '' })).toEqual([]);
  });
});
