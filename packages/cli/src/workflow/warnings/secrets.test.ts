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
    'prod.env',
    'id_rsa.bak',
    'tls/server.key.old',
    '.aws/credentials',
    'ci/.kube/config',
    'kubeconfig',
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
    ['.env.dist', 'DB_PASSWORD=changeme\nAPI_TOKEN=your-token-1\nKEY_FILE=/run/secrets/key1\nPORT=8080\n'],
    ['.envrc', 'use flake\nexport API_TOKEN=${API_TOKEN1}\n'],
    ['.env.example', `DB_PASSWORD=password1\nSECRET_NAME=production\n`],
    ['.aws/config', '[default]\nregion = eu-west-1\n'],
    ['.docker/config.json', '{"credsStore":"desktop","auths":{"ghcr.io":{}}}'],
    ['oidc.json', '{"auth":"aHR0cHMvL2xvZ2lu","seed":"short"}'],
    ['.npmrc', '_auth=${NPM_AUTH}\nalways_auth=trueandmore\n'],
    ['docs/keys.md', 'a key file has "schema": "sheaf.key/1" and a "seed"'],
    [
      'docs/db.md',
      'psql postgres://user:password@db/app, postgres://postgres:postgres@db/app, http://[::1]:8080/a@b',
    ],
    ['docs/db.sh', 'psql "postgres://$USER:$PASSWORD@db/app" "https://${USER}:${TOKEN}@host.example/x"'],
    ['cert.b64', Buffer.from('-----BEGIN CERTIFICATE-----\nMIIBszCCAVk').toString('base64')],
    ['spki.txt', token('MCowBQYDK2VwAyEA', 'GfFsRSSvBbnhWtyrLJ2F2OGZ1kFJ6mYR5Wf1P5b0b5o=')],
    ['theme.css', '.sk-proj-card-with-a-very-long-name-that-goes-on-and-on-1 {}'],
    ['docs/slack.md', 'https://hooks.slack.com/services/T00000000/B00000000/'],
    ['docs/vault.md', 'hvs.short and AGE-SECRET-KEY-1QPZRY'],
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
    [
      'a private key in base64',
      Buffer.from(token('-----BEGIN RSA ', 'PRIVATE KEY-----\nMII')).toString('base64'),
    ],
    ['a private key in base64', token('MC4CAQAwBQYDK2VwBC', `IEI${RANDOM}A=`)],
    ['a signing key of sheaf', `"${token('se', 'ed')}": "${RANDOM}A="`],
    ['a signing key of sheaf', `"${token('sheaf.', 'key/1')}","kdf":"scrypt","n":131072,"box":"${RANDOM}"}`],
    [
      'a key of age',
      token('AGE-SECRET-', `KEY-1${'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L'.repeat(2).slice(0, 58)}`),
    ],
    ['the key of a Kubernetes user', token('client-key-', `data: ${RANDOM}`)],
    ['a login of npm', token('_au', 'th=dXNlcjpwYXNzd29yZDEyMw==')],
    ['a login of a container registry', token('"au', 'th": "dXNlcjpwYXNzd29yZDEyMw=="')],
    ['a secret key of AWS', token('aws_secret_', `access_key = ${RANDOM.slice(0, 40)}`)],
    ['a webhook of Slack', token('hooks.slack', `.com/services/T0AB12CD3/B0AB12CD3/${RANDOM.slice(0, 24)}`)],
    ['a token of Vault', token('hvs.', RANDOM)],
    ['a token of OpenAI', token('sk-proj-', `${RANDOM.slice(0, 12)}_${RANDOM.slice(0, 20)}-${RANDOM}`)],
    ['a password in an address', token('postgres://admin:', 'S3cr3tPassw0rd@db.internal/prod')],
    ['a token of a sheaf registry', token('shf_', `${RANDOM.slice(0, 16)}_${RANDOM}`)],
  ])('finds %s in a file of any name, and does not repeat it', (what, text) => {
    const [finding] = findSecrets([file('notes/a.txt', `one\ntwo ${text}\n`)]);
    expect(finding).toMatchObject({ code: 'pack.secret_content', line: 2, column: 5, file: 'notes/a.txt' });
    expect(finding?.message).toContain(what);
    expect(JSON.stringify(finding)).not.toContain(text);
  });

  it.each(['utf16le', 'swapped'])('finds a token in a file in UTF-16 (%s)', (order) => {
    const bytes = Buffer.from(`one\ntwo ${token('ghp_', RANDOM.slice(0, 36))}\n`, 'utf16le');
    const [finding] = findSecrets([{ path: 'a.txt', bytes: order === 'swapped' ? bytes.swap16() : bytes }]);
    expect(finding).toMatchObject({ code: 'pack.secret_content', line: 2, column: 5 });
  });

  it.each([
    ['.envrc', 'export DB_PASSWORD=hunter2hunter2\n'],
    ['.env.dist', 'DB_PASSWORD=realpassword1\n'],
    ['app/.env.example', `PORT=80\nAPI_TOKEN="${RANDOM}"\n`],
  ])('finds a real value in %s, whose name would excuse it', (path, text) => {
    expect(codesOf(path, text)).toEqual(['pack.secret_content']);
  });

  it('says it once of a file whose name and content both tell', () => {
    expect(codesOf('.env', `A=${token('ghp_', RANDOM.slice(0, 36))}`)).toEqual(['pack.secret_content']);
  });

  it('reads a large file that almost looks like secrets in linear time', () => {
    const text =
      '-----BEGIN AA '.repeat(100_000) +
      '//a:'.repeat(200_000) +
      'xoxb- '.repeat(100_000) +
      'LS0tLS1CRUdJTi'.repeat(50_000) +
      '"sheaf.key/1"'.repeat(50_000) +
      '"auth":"'.repeat(100_000) +
      'aa://'.repeat(100_000) +
      'a:'.repeat(200_000) +
      'a+'.repeat(200_000) +
      '\0';
    const before = process.cpuUsage();
    expect(codesOf('.env.example', `${text}\n${'KEY_'.repeat(100_000)}\n${'KEY\n'.repeat(100_000)}`)).toEqual(
      [],
    );
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(3000);
  });
});
