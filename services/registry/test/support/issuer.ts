import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from 'jose';

/** An issuer of identity tokens over real HTTP, whose keys can be replaced. */
export interface TestIssuer {
  readonly url: string;
  /** How often its keys were asked for. */
  readonly keyRequests: () => number;
  /** Signs with the newest key, whether it is published or not. */
  readonly sign: (payload: JWTPayload, header?: Readonly<Record<string, unknown>>) => Promise<string>;
  /** Makes a new key; the old ones stay published unless they are dropped. */
  readonly rotate: (options?: {
    readonly keepOld?: boolean;
    readonly isPublished?: boolean;
  }) => Promise<void>;
  /** Answers everything with an error until it is called with false. */
  readonly setDown: (isDown: boolean) => void;
  /** What the discovery document says instead. */
  readonly setDiscovery: (document: unknown) => void;
  readonly close: () => Promise<void>;
}

export async function startIssuer(alg = 'RS256'): Promise<TestIssuer> {
  let published: JWK[] = [];
  let signing: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
  let kid = '';
  let made = 0;
  let keyRequests = 0;
  let isDown = false;
  let discovery: unknown;
  const server = createServer((request, response) => {
    if (isDown) {
      response.writeHead(500).end();
      return;
    }
    const isKeys = request.url === '/keys';
    if (isKeys) keyRequests += 1;
    const found = isKeys ? { keys: published } : (discovery ?? { issuer: url, jwks_uri: `${url}/keys` });
    response.setHeader('content-type', 'application/json').end(JSON.stringify(found));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const rotate: TestIssuer['rotate'] = async ({ keepOld = true, isPublished = true } = {}) => {
    const pair = await generateKeyPair(alg, { extractable: true });
    made += 1;
    kid = `key-${made}`;
    signing = pair.privateKey;
    const jwk = { ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' };
    published = [...(keepOld ? published : []), ...(isPublished ? [jwk] : [])];
  };
  await rotate();
  return {
    url,
    keyRequests: () => keyRequests,
    sign: (payload, header = {}) =>
      new SignJWT(payload).setProtectedHeader({ alg, kid, typ: 'JWT', ...header }).sign(signing),
    rotate,
    setDown: (down) => {
      isDown = down;
    },
    setDiscovery: (document) => {
      discovery = document;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

let tokens = 0;

/** What GitHub Actions would say of a job that releases `acme/deploy` from a tag. */
export function githubClaims(
  issuer: Pick<TestIssuer, 'url'>,
  nowMs: number,
  changes: Readonly<Record<string, unknown>> = {},
): JWTPayload {
  tokens += 1;
  const now = Math.floor(nowMs / 1000);
  return {
    iss: issuer.url,
    aud: 'sheaf:wf.example.com',
    sub: 'repo:acme/deploy:ref:refs/tags/v1.0.0',
    jti: `token-${tokens}`,
    iat: now,
    nbf: now - 300,
    exp: now + 300,
    repository: 'acme/deploy',
    repository_id: '1296269',
    repository_owner_id: '583231',
    workflow_ref: 'acme/deploy/.github/workflows/release.yml@refs/tags/v1.0.0',
    ref: 'refs/tags/v1.0.0',
    sha: '0123456789abcdef0123456789abcdef01234567',
    run_id: '42',
    event_name: 'push',
    runner_environment: 'github-hosted',
    actor: 'octocat',
    ...changes,
  };
}

export const GITHUB_PUBLISHER = {
  repository_id: '1296269',
  repository_owner_id: '583231',
  workflow_path: '.github/workflows/release.yml',
  ref: 'refs/tags/v*',
} as const;
