import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

export const AUDIENCE = 'urn:sheaf:registry';

/** A real OpenID provider on this machine, with a client for command lines and one for the registry. */
export interface RunningProvider {
  readonly issuer: string;
  /** The environment that makes a registry use it. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export interface ProviderOptions {
  /** Whether access tokens are opaque, and have to be asked about. */
  readonly isOpaque?: boolean;
  /** How long an access token lives. */
  readonly accessTokenSeconds?: number;
}

export async function startProvider(options: ProviderOptions = {}): Promise<RunningProvider> {
  const { isOpaque = false, accessTokenSeconds = 300 } = options;
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
  const provider = new Provider(issuer, {
    jwks: { keys: [jwk] },
    cookies: { keys: ['cookie-secret'] },
    clients: [
      {
        client_id: 'cli',
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        redirect_uris: ['http://127.0.0.1/callback'],
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
        response_types: ['code'],
      },
      {
        client_id: 'registry',
        client_secret: 'registry-secret',
        application_type: 'native',
        redirect_uris: ['http://127.0.0.1/auth/callback'],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], profile: ['preferred_username'] },
    scopes: ['openid', 'offline_access', 'profile'],
    conformIdTokenClaims: false,
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id }),
    }),
    extraTokenClaims: async (ctx, token) => {
      const accountId = 'accountId' in token ? token.accountId : undefined;
      const session = ctx.oidc.entities.Session ?? undefined;
      const grantTime = 'authTime' in token ? (token.authTime as number | undefined) : undefined;
      const code =
        ctx.oidc.entities.AuthorizationCode ?? ctx.oidc.entities.DeviceCode ?? ctx.oidc.entities.RefreshToken;
      await Promise.resolve();
      return {
        preferred_username: accountId,
        groups: accountId === 'root' ? ['admins'] : [],
        auth_time: grantTime ?? code?.authTime ?? session?.loginTs,
      };
    },
    features: {
      devInteractions: { enabled: true },
      deviceFlow: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client) => client.clientId === 'registry',
      },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => [],
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, audience) => ({
          scope: '',
          audience,
          accessTokenFormat: isOpaque ? 'opaque' : 'jwt',
          accessTokenTTL: accessTokenSeconds,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    ttl: { DeviceCode: 300, RefreshToken: 3600, Grant: 3600, Interaction: 600, Session: 3600, IdToken: 300 },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: (_ctx, client, code) =>
      Promise.resolve(client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access')),
  });
  const answer = provider.callback();
  server.on('request', (request, response) => void answer(request, response));
  return {
    issuer,
    env: {
      SHEAF_OIDC_ISSUER: issuer,
      SHEAF_OIDC_AUDIENCE: AUDIENCE,
      SHEAF_OIDC_CLIENT_ID: 'registry',
      SHEAF_OIDC_CLIENT_SECRET: 'registry-secret',
      SHEAF_OIDC_CLI_CLIENT_ID: 'cli',
      SHEAF_OIDC_ADMIN_CLAIM: 'groups',
      SHEAF_OIDC_ADMIN_VALUES: 'admins',
    },
    close: () => closeServer(server),
  };
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
