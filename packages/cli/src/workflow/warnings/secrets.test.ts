import { describe, expect, it } from 'vitest';
import { findSecrets } from './secrets.js';

const file = (path: string, text = 'x\n') => ({ path, bytes: Buffer.from(text) });
const codesOf = (path: string, text?: string) => findSecrets([file(path, text)]).map(({ code }) => code);
/** In two parts, so that this file is not taken for what it tests. */
const token = (prefix: string, rest: string) => `${prefix}${rest}`;
const RANDOM = 'a9Kd83nDk2Lq0pXz7Vb5Tg1Rw4Ey6Uo8IjHs2Nc4Mf';

describe('findSecrets', () => {
  it.each([
    '.env',
    'config/.env.production',
    'tls/server.pem',
    'server.KEY',
    'id_rsa',
    '.ssh/id_ed25519',
    'credentials.json',
    'service-account-prod.json',
    '.netrc',
    'secrets.yaml',
    'terraform.tfstate',
  ])('takes %s for a secret by its name', (path) => {
    expect(codesOf(path)).toEqual(['pack.secret_file']);
  });

  it.each([
    ['.env.example', 'TOKEN=\n'],
    ['id_rsa.pub', 'ssh-rsa AAAA'],
    ['ca.pem', '-----BEGIN CERTIFICATE-----\nMII\n'],
    ['key.ts', 'export const key = 1;'],
    ['.npmrc', 'save-exact=true\n//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n'],
    ['docs/aws.md', 'such as AKIAIOSFODNN7EXAMPLE'],
    ['docs/github.md', `such as ${token('ghp_', 'x'.repeat(36))}`],
  ])('leaves %s alone', (path, text) => {
    expect(codesOf(path, text)).toEqual([]);
  });

  it.each([
    ['a private key', token('-----BEGIN OPENSSH ', 'PRIVATE KEY-----')],
    ['a private key', token('-----BEGIN ', 'PRIVATE KEY-----')],
    ['a private key', token('-----BEGIN PGP ', 'PRIVATE KEY BLOCK-----')],
    ['a token of npm', token('//registry.npmjs.org/:_auth', `Token=${RANDOM}`)],
    ['a token of GitHub', token('ghp_', RANDOM.slice(0, 36))],
    ['an access key of AWS', token('AKIA', 'Q3DK29FJ4KX8ZM2P')],
    ['a token of Slack', token('xoxb-', RANDOM.slice(0, 24))],
    ['a token of a sheaf registry', token('shf_', `${RANDOM.slice(0, 16)}_${RANDOM}`)],
  ])('finds %s in a file of any name, and does not repeat it', (what, text) => {
    const [finding] = findSecrets([file('notes/a.txt', `one\ntwo ${text}\n`)]);
    expect(finding).toMatchObject({ code: 'pack.secret_content', line: 2, column: 5, file: 'notes/a.txt' });
    expect(finding?.message).toContain(what);
    expect(JSON.stringify(finding)).not.toContain(text);
  });

  it('says it once of a file whose name and content both tell', () => {
    expect(codesOf('.env', `A=${token('ghp_', RANDOM.slice(0, 36))}`)).toEqual(['pack.secret_content']);
  });

  it('reads a large file that almost looks like secrets in linear time', () => {
    const text = '-----BEGIN AA '.repeat(100_000) + '//a:'.repeat(200_000) + 'xoxb- '.repeat(100_000);
    const startedMs = performance.now();
    expect(codesOf('big.txt', text)).toEqual([]);
    expect(performance.now() - startedMs).toBeLessThan(3000);
  });
});
