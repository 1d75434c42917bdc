import { expect, it } from 'vitest';
import { readIdentityToken } from '../src/registry/identity-token.js';

const { signal } = new AbortController();

it('says where a CI was asked for its token in vain, and why', async () => {
  const source = { kind: 'github', url: 'http://127.0.0.1:1/token', token: 'secret' } as const;
  await expect(readIdentityToken(source, 'sheaf:x', signal)).rejects.toMatchObject({
    code: 'oidc.token_missing',
    message: expect.stringMatching(
      /^GitHub could not be asked at 127\.0\.0\.1:1 who this job is: \S/,
    ) as string,
  });
});

it('says which file holds no token, and why', async () => {
  await expect(
    readIdentityToken({ kind: 'file', path: '/no/such' }, 'sheaf:x', signal),
  ).rejects.toMatchObject({
    message: expect.stringMatching(
      /^\/no\/such, the file of --oidc-token-file, cannot be read: ENOENT/,
    ) as string,
  });
});
