import { expect, test } from 'vitest';
import { parseSignInConfig } from './oidc.js';

const OIDC = {
  SHEAF_OIDC_ISSUER: 'https://id.example.com/realms/x/',
  SHEAF_OIDC_AUDIENCE: 'urn:sheaf',
  SHEAF_OIDC_CLIENT_ID: 'registry',
};
const noFile = () => {
  throw new Error('there is no file');
};
const parse = (env: Record<string, string>, readFile: (path: string) => string = noFile) =>
  parseSignInConfig(env, readFile);

test('without an issuer only tokens are taken, for 90 days, and a year at most', () => {
  expect(parse({})).toEqual({
    oidc: undefined,
    tokens: { maxDays: 365, defaultDays: 90, unlimited: 'admins' },
    publicUrl: undefined,
  });
  expect(parse({ SHEAF_TOKEN_MAX_DAYS: '30' }).tokens).toMatchObject({ maxDays: 30, defaultDays: 30 });
});

test('an issuer, an audience and a client are all that is needed', () => {
  expect(parse(OIDC).oidc).toEqual({
    issuer: 'https://id.example.com/realms/x/',
    audience: 'urn:sheaf',
    resource: 'urn:sheaf',
    clientId: 'registry',
    clientSecret: undefined,
    cliClientId: 'registry',
    scopes: ['openid', 'profile', 'offline_access'],
    nameClaim: 'preferred_username',
    admins: undefined,
  });
});

test('the secret comes from the environment or from a file', () => {
  expect(parse({ ...OIDC, SHEAF_OIDC_CLIENT_SECRET: 's' }).oidc?.clientSecret).toBe('s');
  const fromFile = { ...OIDC, SHEAF_OIDC_CLIENT_SECRET_FILE: '/run/secret' };
  expect(parse(fromFile, (path) => `${path}\n`).oidc?.clientSecret).toBe('/run/secret');
});

test('the audience is asked for as a resource when it is a URI, unless that is turned off', () => {
  expect(parse({ ...OIDC, SHEAF_OIDC_AUDIENCE: 'sheaf' }).oidc?.resource).toBeUndefined();
  expect(parse({ ...OIDC, SHEAF_OIDC_RESOURCE: 'off' }).oidc?.resource).toBeUndefined();
});

test('who is admin by which claim', () => {
  const admins = { SHEAF_OIDC_ADMIN_CLAIM: 'groups', SHEAF_OIDC_ADMIN_VALUES: 'a, b,,' };
  expect(parse({ ...OIDC, ...admins }).oidc?.admins).toEqual({ claim: 'groups', values: ['a', 'b'] });
});

test.each([
  ['a client without an issuer', { SHEAF_OIDC_CLIENT_ID: 'x' }],
  ['an issuer without https', { ...OIDC, SHEAF_OIDC_ISSUER: 'http://id.example.com' }],
  ['an issuer that is no URL', { ...OIDC, SHEAF_OIDC_ISSUER: 'id.example.com' }],
  ['no audience', { ...OIDC, SHEAF_OIDC_AUDIENCE: '' }],
  ['no client', { ...OIDC, SHEAF_OIDC_CLIENT_ID: '' }],
  ['the client as the audience', { ...OIDC, SHEAF_OIDC_AUDIENCE: 'registry' }],
  ['a client of command lines as the audience', { ...OIDC, SHEAF_OIDC_CLI_CLIENT_ID: 'urn:sheaf' }],
  ['a claim without values', { ...OIDC, SHEAF_OIDC_ADMIN_CLAIM: 'groups' }],
  ['values without a claim', { ...OIDC, SHEAF_OIDC_ADMIN_VALUES: 'admins' }],
  ['two secrets', { ...OIDC, SHEAF_OIDC_CLIENT_SECRET: 'a', SHEAF_OIDC_CLIENT_SECRET_FILE: 'b' }],
  ['a file that is not there', { ...OIDC, SHEAF_OIDC_CLIENT_SECRET_FILE: 'b' }],
  ['a life without an end', { SHEAF_TOKEN_MAX_DAYS: '0' }],
  ['nobody known', { SHEAF_TOKEN_UNLIMITED: 'friends' }],
])('%s is refused', (_what, env) => {
  expect(() => parse(env)).toThrow(expect.objectContaining({ code: 'usage.invalid' }));
});
