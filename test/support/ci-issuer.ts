import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Claims = Readonly<Record<string, string | number>>;

/** A CI and the issuer of its identity tokens: discovery, keys, and the endpoint that GitHub's jobs ask who they are. */
export interface CiIssuer {
  readonly url: string;
  /** What a job of GitHub Actions with `id-token: write` has in its environment; its tokens say these claims. */
  readonly jobEnvironment: (claims?: Claims) => Readonly<Record<string, string>>;
  /** A token as a job would get it. */
  readonly tokenFor: (audience: string, claims?: Claims) => string;
  /** The tokens that jobs were given. */
  readonly given: readonly string[];
  readonly close: () => Promise<void>;
}

/** A push of tag v1.0.0 to `octo/hello`, whose ids are these. */
const PUSH: Claims = {
  sub: 'repo:octo/hello:ref:refs/tags/v1.0.0',
  repository: 'octo/hello',
  repository_id: '1296269',
  repository_owner_id: '583231',
  workflow_ref: 'octo/hello/.github/workflows/release.yml@refs/tags/v1.0.0',
  ref: 'refs/tags/v1.0.0',
  event_name: 'push',
};

export async function startCiIssuer(): Promise<CiIssuer> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'ci', alg: 'RS256', use: 'sig' };
  const jobs = new Map<string, Claims>();
  const given: string[] = [];
  const server = createServer((request, response) => {
    const asked = new URL(request.url ?? '/', url);
    const job = jobs.get(request.headers.authorization ?? '');
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (asked.pathname === '/.well-known/openid-configuration')
      return answer(200, { issuer: url, jwks_uri: `${url}/keys` });
    if (asked.pathname === '/keys') return answer(200, { keys: [jwk] });
    if (asked.pathname !== '/token' || job === undefined) return answer(403, {});
    given.push(tokenFor(asked.searchParams.get('audience') ?? '', job));
    return answer(200, { value: given.at(-1) });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tokenFor: CiIssuer['tokenFor'] = (audience, claims = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const payload = {
      iss: url,
      aud: audience,
      jti: randomUUID(),
      iat: now,
      exp: now + 300,
      ...PUSH,
      ...claims,
    };
    const text = [{ alg: 'RS256', kid: 'ci', typ: 'JWT' }, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  };
  return {
    url,
    given,
    tokenFor,
    jobEnvironment: (claims = {}) => {
      const secret = randomUUID();
      jobs.set(`Bearer ${secret}`, claims);
      return {
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret,
      };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
