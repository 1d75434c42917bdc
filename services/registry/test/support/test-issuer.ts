import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as jose from 'jose';
import type { OidcConfig } from '../../src/config/oidc.js';

/** An OpenID provider that does as a test says: it signs anything, changes its keys, and goes down. */
export interface TestIssuer {
  readonly config: OidcConfig;
  /** Signs an access token that is in order, but for what is given. */
  sign(
    claims?: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
  ): Promise<string>;
  /** As its public key would be used by whoever takes it for a shared secret. */
  publicKeyPem(): Promise<string>;
  /** Signs with a new key from now on; `isPublished`: whether it tells so. */
  rotate(isPublished?: boolean): Promise<void>;
  /** Answers of introspection, by token. */
  readonly opaque: Map<string, Record<string, unknown>>;
  setDown(isDown: boolean): void;
  /** How often each of its endpoints was asked. */
  readonly asked: Map<string, number>;
  close(): Promise<void>;
}

export const AUDIENCE = 'urn:sheaf:test';

export async function startTestIssuer(overrides: Partial<OidcConfig> = {}): Promise<TestIssuer> {
  const asked = new Map<string, number>();
  const opaque = new Map<string, Record<string, unknown>>();
  let isDown = false;
  let keys: jose.JWK[] = [];
  let key = await newKey('k1');
  keys = [key.jwk];

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    asked.set(path, (asked.get(path) ?? 0) + 1);
    if (isDown) {
      response.destroy();
      return;
    }
    const send = (value: unknown) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    };
    if (path === '/jwks') send({ keys });
    else if (path === '/introspect') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const token = new URLSearchParams(Buffer.concat(chunks).toString()).get('token') ?? '';
      send(opaque.get(token) ?? { active: false });
    } else
      send({
        issuer,
        jwks_uri: `${issuer}/jwks`,
        introspection_endpoint: `${issuer}/introspect`,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
      });
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    asked,
    opaque,
    config: {
      issuer,
      audience: AUDIENCE,
      resource: AUDIENCE,
      clientId: 'registry',
      clientSecret: 'registry-secret',
      cliClientId: 'cli',
      scopes: ['openid', 'profile', 'offline_access'],
      nameClaim: 'preferred_username',
      admins: { claim: 'groups', values: ['registry-admins'] },
      ...overrides,
    },
    sign: (claims = {}, header = {}) => {
      const nowS = Math.floor(Date.now() / 1000);
      const payload = {
        iss: issuer,
        aud: AUDIENCE,
        client_id: 'cli',
        sub: 'subject-of-ana',
        preferred_username: 'ana',
        iat: nowS,
        exp: nowS + 300,
        ...claims,
      };
      return new jose.SignJWT(payload)
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: key.kid, ...header })
        .sign(key.privateKey);
    },
    publicKeyPem: () => jose.exportSPKI(key.publicKey),
    rotate: async (isPublished = true) => {
      key = await newKey(`k${keys.length + 1}-${String(Math.random())}`);
      if (isPublished) keys = [...keys, key.jwk];
    },
    setDown: (down) => {
      isDown = down;
      server.closeAllConnections();
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function newKey(kid: string) {
  const { privateKey, publicKey } = await jose.generateKeyPair('ES256', { extractable: true });
  return {
    kid,
    privateKey,
    publicKey,
    jwk: { ...(await jose.exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' },
  };
}
